"""The matrix in sentences: what each mitigation does and does not do, path by path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from testbed.mitigations import MITIGATIONS
from testbed.report.matrix import price_lines, removed_pct
from testbed.study.estimate import number_text
from testbed.study.matrix import ALL_ADVICE, NO_RUN, Cell, Matrix, PathOfAttack

VERDICTS: Final = (
    "leaves nothing of",
    "leaves part of",
    "makes worse",
    "is not shown to change",
    "changes exactly nothing of",
    "finds no harm in",
)
"""What a mitigation can do to a path."""
_BEARERS = {"wearer": "the wearer", "clinic": "the clinic", "maker": "the maker"}


def sorted_out(matrix: Matrix, name: str) -> dict[str, list[tuple[PathOfAttack, Cell]]]:
    """Return the paths of one mitigation, with its cells, by what it does to them, in words."""
    found: dict[str, list[tuple[PathOfAttack, Cell]]] = {verdict: [] for verdict in VERDICTS}
    for path in matrix.paths:
        (cell,) = (each for each in matrix.of(path.name) if each.mitigation == name)
        shipped = path.levels[cell.metric]
        none = shipped.is_exact and not shipped.mean
        found[_verdict(cell, none=none)].append((path, cell))
    return found


def _verdict(cell: Cell, *, none: bool) -> str:
    if none and cell.why_zero:
        return "finds no harm in"
    if cell.why_zero:
        return "changes exactly nothing of"
    if cell.level.is_exact and cell.level.mean == 0:
        return "leaves nothing of"
    if not cell.is_sure:
        return "is not shown to change"
    return "leaves part of" if cell.removes_harm else "makes worse"


def _told(path: PathOfAttack, cell: Cell) -> str:
    share = removed_pct(cell, path)
    if not cell.is_sure or share is None or (cell.level.is_exact and cell.level.mean == 0):
        return f"`{path.name}`"
    return f"`{path.name}` ({number_text(share, 0)} % removed)"


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
                f"* {verdict} {len(found)} of {len(matrix.paths)}: "
                f"{_listed(_told(*each) for each in found)}."
                for verdict, found in sorted_out(matrix, name).items()
                if found
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
        if shipped and not any(cell.is_sure and cell.removes_harm for cell in cells):
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
