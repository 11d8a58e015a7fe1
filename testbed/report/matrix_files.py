"""The matrix of attacks and mitigations for files: CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from testbed.outcomes import METRICS
from testbed.report.matrix import (
    footer_lines,
    limits,
    mean,
    price_lines,
    removed_pct,
)
from testbed.report.matrix_sweep import sweep_lines
from testbed.report.matrix_words import (
    OTHERS,
    WEARER,
    bearers,
    mitigation_lines,
    summary_lines,
    surprises,
)
from testbed.study import methods
from testbed.study.estimate import Effect, number_text
from testbed.study.matrix import Cell, Matrix, PathOfAttack
from testbed.study.matrix_conclusions import Concluded

_COLUMNS: Final = (
    *("kind", "path", "mitigation", "metric", "unit", "shipped", "mean", "low", "high", "n"),
    *("p", "p_adjusted", "why_zero", "is_against"),
)


def matrix_json(matrix: Matrix, found: Concluded = Concluded()) -> dict[str, Any]:  # noqa: B008 - frozen
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
        "sweep": msgspec.to_builtins(found.conclusions),
        "flips": [{**msgspec.to_builtins(each), "is_borne": each.is_borne} for each in found.flips],
        "swept_prices": msgspec.to_builtins(found.prices),
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


def overview(matrix: Matrix, names: Sequence[str], mark: str) -> list[str]:
    """Return a table of how much of each path's harm some mitigations remove, in %.

    Args:
        matrix: The matrix.
        names: The mitigations, as columns; they are numbered, and the key stands above.
        mark: What stands before each number.
    """
    heads = [f"{mark}{at}" for at in range(1, len(names) + 1)]
    key = "; ".join(f"{head} `{name}`" for head, name in zip(heads, names, strict=True))
    lines = [
        f"{key}.",
        "",
        _row(["path", "as shipped", *heads]),
        "|---|---:|" + "---:|" * len(heads),
    ]
    for path in matrix.paths:
        cells = {cell.mitigation: cell for cell in matrix.of(path.name)}
        shipped = mean(path.levels[path.metrics[0]], path.metrics[0], signed=False)
        shares = (_share(cells[name], path) for name in names)
        lines.append(_row([f"`{path.name}`", shipped, *shares]))
    return lines


def paths_table(matrix: Matrix) -> list[str]:
    """Return a table of the paths: their steps, and their harm as shipped."""
    return [
        _row(["path", "steps", "harm", "as shipped (95 % limits)"]),
        "|---|---|---|---:|",
        *(
            _row(
                [
                    f"{path.title} (`{path.name}`)",
                    ", ".join(f"`{step}`" for step in path.steps),
                    f"`{path.metrics[0]}`",
                    _level(path),
                ]
            )
            for path in matrix.paths
        ),
    ]


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


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    """Return lines of Markdown behind a title that opens them."""
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""]


def matrix_details(matrix: Matrix, found: Concluded = Concluded()) -> str:  # noqa: B008 - frozen
    """Return the tables of a matrix as Markdown, those of one path each folded."""
    surprising = surprises(matrix)
    groups = {bearer: bearers(matrix, bearer) for bearer in (WEARER, OTHERS)}
    lines = [
        "## What each removes of the harm of each path, in %",
        "",
        "100 is all of the harm, below 0 is more harm, and a bare 0 is exactly nothing. Bold: p "
        "below 0.05 after correction over the whole matrix, or the same in every run. What is not "
        "bold may still have limits without 0: they are path by path, below.",
        "",
        *_folded("The paths, and their harm as shipped", paths_table(matrix)),
    ]
    for (title, mark), names in groups.items():
        if names:
            lines += _folded(title, overview(matrix, names, mark))
    lines += [
        "## What each costs when nobody attacks",
        "",
        _row(["mitigation", "change (95 % limits)"]),
        "|---|---|",
        *(_row([f"`{name}`", line.replace("*", "\\*")]) for name, line in price_lines(matrix)),
        "",
        *(
            ["## Not to be missed", "", *(f"* {line}" for line in surprising), ""]
            if surprising
            else []
        ),
    ]
    if found.conclusions:
        lines += sweep_lines(found)
    lines += ["## What each does and does not do", "", *mitigation_lines(matrix)]
    lines += ["## Path by path", ""]
    for path in matrix.paths:
        title = f"{path.title}: <code>{path.metrics[0]}</code> {_level(path)} as shipped"
        lines += _folded(title, path_lines(matrix, path))
    lines += ["## How to read it", "", *(f"* {line}" for line in footer_lines(matrix)), ""]
    return "\n".join(lines)


def matrix_markdown(matrix: Matrix, found: Concluded = Concluded()) -> str:  # noqa: B008 - frozen
    """Return a matrix as a page of Markdown, what it comes to first, and what a sweep concluded."""
    return "\n".join([*summary_lines(matrix, found), matrix_details(matrix, found)])
