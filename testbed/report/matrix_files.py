"""The matrix of attacks and mitigations for files: CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from testbed.outcomes import METRICS
from testbed.report.matrix import (
    conclusion_words,
    footer_lines,
    limits,
    mean,
    price_lines,
    removed_pct,
)
from testbed.report.matrix_words import mitigation_lines, surprises
from testbed.study import methods
from testbed.study.estimate import Effect, number_text
from testbed.study.matrix import ALL_ADVICE, Cell, Matrix, PathOfAttack
from testbed.study.matrix_sweep import Conclusion, stands

_COLUMNS: Final = (
    *("kind", "path", "mitigation", "metric", "unit", "shipped", "mean", "low", "high", "n"),
    *("p", "p_adjusted", "why_zero", "is_against"),
)


def matrix_json(matrix: Matrix, found: Sequence[Conclusion] = ()) -> dict[str, Any]:
    """Return a matrix, and what a sweep concluded, as data that strict JSON can hold."""
    told: dict[str, Any] = msgspec.to_builtins(matrix)
    return {
        **told,
        "p_values": {
            "adjusted_by": methods.HOLM,
            "over_effects": matrix.tested,
            "over_prices": matrix.priced,
        },
        "not_as_claimed": msgspec.to_builtins(matrix.broken),
        "sweep": msgspec.to_builtins(tuple(found)),
        "notes": footer_lines(matrix),
    }


def matrix_csv(matrix: Matrix) -> str:
    """Return every effect and every price, one a line; what is missing is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    paths = {path.name: path for path in matrix.paths}
    for cell in matrix.cells:
        shipped = paths[cell.path].levels[cell.metric].mean
        writer.writerow(
            {
                **_numbers("effect", cell.mitigation, cell.metric, cell.effect, cell.why_zero),
                "path": cell.path,
                "shipped": shipped,
                "is_against": str(cell.is_against).lower(),
            }
        )
    for price in matrix.prices:
        writer.writerow(
            _numbers("price", price.mitigation, price.metric, price.cost, price.why_zero)
        )
    return out.getvalue()


def _numbers(kind: str, mitigation: str, metric: str, e: Effect, why: str) -> dict[str, Any]:
    numbers = {name: getattr(e, name) for name in ("mean", "low", "high", "n", "p", "p_adjusted")}
    unit = METRICS[metric].unit
    return {"kind": kind, "mitigation": mitigation, "metric": metric, "unit": unit} | {
        "why_zero": why,
        **numbers,
    }


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _share(cell: Cell, path: PathOfAttack) -> str:
    """Return how much of the harm goes, in %; bold if sure, a bare 0 where it is exactly 0."""
    if cell.why_zero:
        return "0"
    share = removed_pct(cell, path)
    told = mean(cell.effect, cell.metric) if share is None else number_text(share, 0)
    return f"**{told}**" if cell.is_sure else told


def overview(matrix: Matrix) -> list[str]:
    """Return a table of how much of each path's harm each mitigation removes, in %."""
    letters = [chr(ord("a") + at) if at < 26 else f"p{at + 1}" for at in range(len(matrix.paths))]
    lines = [_row(["mitigation", *letters]), "|---|" + "---:|" * len(letters)]
    of_path = [{cell.mitigation: cell for cell in matrix.of(path.name)} for path in matrix.paths]
    for name in matrix.mitigations:
        pairs = zip(of_path, matrix.paths, strict=True)
        lines.append(_row([f"`{name}`", *(_share(cells[name], path) for cells, path in pairs)]))
    key = [
        _row(["", "path", "steps", "harm", "as shipped (95 % limits)"]),
        "|---|---|---|---|---:|",
        *(
            _row(
                [
                    letter,
                    f"{path.title} (`{path.name}`)",
                    ", ".join(f"`{step}`" for step in path.steps),
                    f"`{path.metrics[0]}`",
                    _level(path),
                ]
            )
            for letter, path in zip(letters, matrix.paths, strict=True)
        ),
    ]
    return [*key, "", *lines]


def _level(path: PathOfAttack) -> str:
    metric = path.metrics[0]
    level = path.levels[metric]
    told = mean(level, metric, signed=False)
    return told if level.is_exact else f"{told} ({limits(level, metric)})"


def path_lines(matrix: Matrix, path: PathOfAttack) -> list[str]:
    """Return what each mitigation changes of one path, the most harm removed first."""
    metric = path.metrics[0]
    unit = METRICS[metric].unit
    lines = [
        f"### {path.title}",
        "",
        f"`scenarios/{path.name}.toml`. As shipped: `{metric}` {_level(path)} {unit}.",
        "",
    ]
    ranked = matrix.ranking(path.name)
    if ranked:
        lines += [
            _row(["mitigation", f"effect ({unit})", "95 % limits", "p"]),
            "|---|---:|---|---|",
        ]
    for cell in ranked:
        p = cell.effect.p_adjusted
        effect = mean(cell.effect, metric)
        lines.append(
            _row(
                [
                    f"`{cell.mitigation}`",
                    f"**{effect}**" if cell.is_sure else effect,
                    "every run" if cell.effect.is_exact else limits(cell.effect, metric),
                    "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
                ]
            )
        )
    zero = [cell for cell in matrix.of(path.name) if cell.why_zero]
    for why in dict.fromkeys(cell.why_zero for cell in zero):
        names = ", ".join(f"`{cell.mitigation}`" for cell in zero if cell.why_zero == why)
        lines += ["", f"Exactly 0, {why}: {names}."]
    return [*lines, ""]


def matrix_markdown(matrix: Matrix, found: Sequence[Conclusion] = ()) -> str:
    """Return a matrix as a page of Markdown, with what a sweep concluded if there was one."""
    surprising = surprises(matrix)
    lines = [
        "## What each mitigation removes of the harm of each path, in %",
        "",
        "100 is all of the harm, 0 without decimals is exactly nothing, below 0 is more harm.",
        "Bold: p below 0.05 after correction, or the same in every run.",
        "",
        *overview(matrix),
        "",
        "## What each costs when nobody attacks",
        "",
        _row(["mitigation", "change (95 % limits)"]),
        "|---|---|",
        *(_row([f"`{name}`", line.replace("*", "\\*")]) for name, line in price_lines(matrix)),
        "",
        "## What each does and does not do",
        "",
        *mitigation_lines(matrix),
        *(
            ["### Not to be missed", "", *(f"* {line}" for line in surprising), ""]
            if surprising
            else []
        ),
        "## Path by path",
        "",
    ]
    for path in matrix.paths:
        lines += path_lines(matrix, path)
    if found:
        lines += sweep_lines(found)
    lines += ["## How to read it", "", *(f"* {line}" for line in footer_lines(matrix)), ""]
    return "\n".join(lines)


def _change(found: Conclusion) -> str:
    """Return what the best mitigations change, where they are named elsewhere."""
    decimals = METRICS[found.metric].decimals
    if not found.best:
        return conclusion_words(found)
    change = f"{found.effect:+.{decimals}f} of {found.shipped:.{decimals}f}"
    return change if found.surely else f"{change}, not sure"


def sweep_lines(found: Sequence[Conclusion]) -> list[str]:
    """Return the best mitigations of each path at each value of what nobody has published."""
    lines = ["## What changes over the numbers that nobody has published", ""]
    settings = list(dict.fromkeys(each.setting for each in found))
    for setting in settings:
        of_setting = [each for each in found if each.setting == setting]
        values = list(dict.fromkeys(each.value for each in of_setting))
        lines += [
            f"### `{setting}`",
            "",
            _row(["path", *(f"{value:g}" for value in values), "best"]),
            "|---|" + "---|" * (len(values) + 1),
        ]
        for path in dict.fromkeys(each.path for each in of_setting):
            at = [each for each in of_setting if each.path == path]
            if stands(at):
                best = ", ".join(at[0].best) or "none"
                lines.append(_row([f"`{path}`", *map(_change, at), f"the same: {best}"]))
            else:
                told = map(conclusion_words, at)
                lines.append(_row([f"`{path}`", *told, "**depends on the value**"]))
        lines.append("")
    lines += [f"`{ALL_ADVICE}` is left out of these: it is all lines of the advice at once.", ""]
    return lines
