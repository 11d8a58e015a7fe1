"""The matrix in sentences: what each mitigation does and does not do, path by path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from testbed.mitigations import MITIGATIONS
from testbed.report.matrix import price_lines, removed_pct
from testbed.report.matrix_sweep import in_short
from testbed.study.estimate import number_text
from testbed.study.matrix import ALL_ADVICE, NO_RUN, Cell, Matrix, PathOfAttack
from testbed.study.matrix_conclusions import Concluded

_BEARERS = {"wearer": "the wearer", "clinic": "the clinic", "maker": "the maker"}


WEARER: Final = ("What the wearer can do: the lines of the advice", "")
OTHERS: Final = ("What the maker and the clinic can do", "M")
"""Groups of mitigations: a title, and what stands before their numbers."""


def bearers(matrix: Matrix, group: tuple[str, str]) -> list[str]:
    """Return the mitigations of a group; that of all advice is with the lines of the advice."""
    return [
        name
        for name in matrix.mitigations
        if (name == ALL_ADVICE or MITIGATIONS[name].bearer == "wearer") is (group == WEARER)
    ]


VERDICTS: Final = (
    "leaves nothing of",
    "leaves part of",
    "makes worse",
    "leaves nothing in these runs, too few of them harmed to show it, of",
    "is not shown to change",
    "changes exactly nothing of",
    "finds no harm in",
)
"""What can be said of a mitigation and a path; see :func:`verdict`."""


def verdict(cell: Cell, *, none: bool) -> str:
    """Return what is said of a cell.

    That anything is removed, or made worse, is said only where the cell's own 95 % limits leave
    out 0, or it is the same in every run.

    Args:
        cell: The cell.
        none: Whether the path does no harm as shipped in any run.
    """
    if cell.why_zero:
        return VERDICTS[6] if none else VERDICTS[5]
    nothing_left = cell.level.is_exact and cell.level.mean == 0
    low, high = cell.effect.low, cell.effect.high
    shown = low is not None and high is not None and not low <= 0 <= high
    if not (shown or cell.is_sure):
        return VERDICTS[3] if nothing_left else VERDICTS[4]
    if nothing_left:
        return VERDICTS[0]
    return VERDICTS[1] if cell.removes_harm else VERDICTS[2]


def sorted_out(matrix: Matrix, name: str) -> dict[str, list[tuple[PathOfAttack, Cell]]]:
    """Return the cells of one mitigation by what is said of them."""
    found: dict[str, list[tuple[PathOfAttack, Cell]]] = {each: [] for each in VERDICTS}
    for path in matrix.paths:
        (cell,) = (each for each in matrix.of(path.name) if each.mitigation == name)
        shipped = path.levels[cell.metric]
        none = shipped.is_exact and not shipped.mean
        found[verdict(cell, none=none)].append((path, cell))
    return found


def _told(path: PathOfAttack, cell: Cell, said: str) -> str:
    """Return a path, bold where the effect is sure, and how much goes where that is a part."""
    text = f"**`{path.name}`**" if cell.is_sure and not cell.why_zero else f"`{path.name}`"
    share = removed_pct(cell, path)
    if said not in VERDICTS[1:3] or share is None:
        return text
    return f"{text} ({number_text(share, 0)} % removed)"


def _count(cells: Sequence[tuple[PathOfAttack, Cell]]) -> str:
    sure = sum(cell.is_sure for _, cell in cells)
    return f"{len(cells)} ({sure})" if cells else "0"


def summary_lines(matrix: Matrix, found: Concluded) -> list[str]:
    """Return what a matrix comes to, as short as it can be said, as lines of Markdown."""
    harmful = [
        path
        for path in matrix.paths
        if not (path.levels[path.metrics[0]].is_exact and not path.levels[path.metrics[0]].mean)
    ]
    names = bearers(matrix, WEARER) or list(matrix.mitigations)
    prices = dict(price_lines(matrix))
    lines = [
        "## In short",
        "",
        f"{len(matrix.paths)} paths of attack, of which {len(harmful)} do harm as shipped; "
        f"{matrix.replicates} replicates an arm. In each column: of how many paths the 95 % limits "
        "of a path leave out 0, and in brackets for how many that holds after correction over the "
        "whole matrix.",
        "",
        "| by itself | all of the harm | part of it | more harm | not shown | exactly nothing | "
        "costs when nobody attacks |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for name in names:
        cells = sorted_out(matrix, name)
        unshown = len(cells[VERDICTS[3]]) + len(cells[VERDICTS[4]])
        zero = len(cells[VERDICTS[5]])
        lines.append(
            f"| `{name}` | {' | '.join(_count(cells[each]) for each in VERDICTS[:3])} | "
            f"{unshown} | {zero} | {_short(prices[name])} |"
        )
    lines += ["", *(f"* {line}" for line in _answers(matrix, harmful, names, found)), ""]
    return lines


def _short(price: str) -> str:
    """Return a line of prices with what is sure alone, if anything is."""
    if price == "nothing":
        return price
    sure = [part for part in price.split("; ") if "*" in part]
    return "; ".join(sure).replace("*", "\\*") or "nothing that is sure"


def _answers(
    matrix: Matrix, harmful: Sequence[PathOfAttack], names: Sequence[str], found: Concluded
) -> list[str]:
    """Return which paths the advice stops, which it does not, and what depends on what."""
    alone = [name for name in names if name != ALL_ADVICE]
    unmoved, stopped = [], []
    for path in harmful:
        cells = {cell.mitigation: cell for cell in matrix.of(path.name)}
        said = {name: verdict(cells[name], none=False) for name in names}
        if all(said[name] not in VERDICTS[:2] for name in alone):
            unmoved.append(path.name)
        if any(said[name] == VERDICTS[0] for name in alone):
            stopped.append(path.name)
    lines = [
        f"On {len(stopped)} of {len(harmful)} paths some line by itself is shown to leave nothing "
        "of the harm.",
        f"Of no line by itself is it shown that it removes any of the harm of {len(unmoved)} "
        f"paths: {_listed(f'`{name}`' for name in unmoved)}."
        if unmoved
        else "Of every path some line is shown to remove a part of the harm or all of it.",
    ]
    if ALL_ADVICE in names:
        together = sorted_out(matrix, ALL_ADVICE)
        unshown = (*together[VERDICTS[4]], *together[VERDICTS[5]])
        left = [f"`{path.name}`" for path, _ in unshown]
        if left:
            lines.append(f"All lines together are not shown to change {_listed(left)}.")
    return [*lines, *in_short(found)]


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def mitigation_lines(matrix: Matrix) -> list[str]:
    """Return a paragraph for each mitigation, those of wearers first, as lines of Markdown."""
    prices = dict(price_lines(matrix))
    lines = []
    for bearer in (*_BEARERS, ""):
        names = [name for name in matrix.mitigations if _bearer(name) == bearer]
        if not names:
            continue
        lines += [f"### What {_BEARERS[bearer]} can do" if bearer else "### Taken together", ""]
        for name in names:
            advice = MITIGATIONS[name].advice if bearer else "Every line of advice to wearers."
            lines += [f"**`{name}`** {advice}", ""]
            lines += [
                f"* {said} {len(cells)} of {len(matrix.paths)}: "
                f"{_listed(_told(path, cell, said) for path, cell in cells)}."
                for said, cells in sorted_out(matrix, name).items()
                if cells and said != VERDICTS[5]
            ]
            nothing = len(sorted_out(matrix, name)[VERDICTS[5]])
            lines += [
                f"* {VERDICTS[5]} {nothing} of {len(matrix.paths)}." for _ in range(bool(nothing))
            ]
            lines += [f"* When nobody attacks: {prices[name].replace('*', chr(92) + '*')}.", ""]
    return lines


def _bearer(name: str) -> str:
    return "" if name == ALL_ADVICE else MITIGATIONS[name].bearer


def surprises(matrix: Matrix) -> list[str]:
    """Return what a reader should not miss: paths that nothing stops, and mitigations without use.

    Both are of this matrix, with its replicates and assumptions.
    """
    lines = []
    for path in matrix.paths:
        cells = matrix.of(path.name)
        shipped = path.levels[path.metrics[0]].mean
        if shipped and not any(verdict(cell, none=False) in VERDICTS[:2] for cell in cells):
            lines.append(f"`{path.name}`: no mitigation is shown to remove any of its harm.")
        advice = [cell for cell in cells if cell.is_group]
        if shipped and advice and all(cell.why_zero for cell in advice):
            lines.append(
                f"`{path.name}`: all lines of the advice together change exactly nothing of it."
            )
    for name in matrix.mitigations:
        own = [cell for cell in matrix.cells if cell.mitigation == name]
        if all(cell.why_zero for cell in own):
            reason = NO_RUN if all(cell.why_zero == NO_RUN for cell in own) else "in every run"
            lines.append(f"`{name}`: exactly 0 against every path, {reason}.")
    return lines
