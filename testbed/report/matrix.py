"""The matrix of attacks and mitigations, as tables for a terminal of any width."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from testbed.outcomes import METRICS
from testbed.report.tables import CONDITIONAL
from testbed.study import methods
from testbed.study.estimate import Effect, Estimate
from testbed.study.matrix import NO_RUN, SURE_BELOW, Cell, Matrix, PathOfAttack, Price, is_sure

_CELL: Final = 17
"""Columns that a cell takes, which holds any limits of a metric of units."""
_GAP: Final = 1


def limits(estimate: Estimate, metric: str) -> str:
    """Return the 95 % limits of an estimate as ``low to high``, in few characters."""
    return estimate.limits_text(METRICS[metric].decimals)


def mean(estimate: Estimate, metric: str, *, signed: bool = True) -> str:
    """Return the mean of an estimate with as many decimals as its metric is worth."""
    return estimate.mean_text(METRICS[metric].decimals, signed=signed)


def removed_pct(cell: Cell, path: PathOfAttack) -> float | None:
    """Return how much of a path's harm as shipped a mitigation removes, %; None of no harm."""
    shipped = path.levels[cell.metric].mean
    if not shipped or cell.effect.mean is None:
        return None
    return -100.0 * cell.effect.mean / shipped + 0.0


class EffectsOfPaths:
    """The effects of all mitigations on some paths, as many beside each other as fit.

    Args:
        matrix: The matrix.
        paths: Each path with the metric of harm that is shown of it.
    """

    __slots__ = ("_columns", "_matrix")

    def __init__(self, matrix: Matrix, paths: Sequence[tuple[PathOfAttack, str]]) -> None:
        self._matrix = matrix
        self._columns = list(paths)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the tables out for ``options.max_width`` columns."""
        label = max(map(len, (*self._matrix.mitigations, "mitigation")))
        fit = max(1, (options.max_width - label) // (_CELL + _GAP))
        for first in range(0, len(self._columns), fit):
            yield from self._block(self._columns[first : first + fit], label)

    def _block(
        self, columns: Sequence[tuple[PathOfAttack, str]], label: int
    ) -> list[RenderableType]:
        cells = [
            {each.mitigation: each for each in self._matrix.of(path.name, metric)}
            for path, metric in columns
        ]
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 0, 0, 0), pad_edge=False)
        table.add_column("mitigation", no_wrap=True, min_width=label)
        for path, metric in columns:
            table.add_column(
                _head(path, metric), justify="right", overflow="fold", min_width=_CELL, width=_CELL
            )
        nothing: list[str] = []
        for name in self._matrix.mitigations:
            if all(each[name].why_zero for each in cells):
                nothing.append(name)
            else:
                table.add_row(name, *(_cell(each[name]) for each in cells))
        why = {
            name: NO_RUN if all(each[name].why_zero == NO_RUN for each in cells) else "in every run"
            for name in nothing
        }
        said = [
            f"0, {reason}: {', '.join(name for name in nothing if why[name] == reason)}"
            for reason in dict.fromkeys(why.values())
        ]
        return [table, *(Padding(Text(line, style="dim"), (0, 0, 0, 1)) for line in said), Text("")]


def _head(path: PathOfAttack, metric: str) -> Text:
    text = Text(_broken(path.name), justify="right")
    level = f"{metric}\nshipped {mean(path.levels[metric], metric, signed=False)}"
    text.append(f"\n{level}", style="dim not bold")
    return text


def _broken(name: str) -> str:
    """Return a name in lines that fit a cell, broken after its underscores where it can be."""
    parts = name.replace("_", "_ ").replace("-", "- ")
    lines = textwrap.wrap(parts, _CELL, break_on_hyphens=False)
    return "\n".join(line.replace("_ ", "_").replace("- ", "-") for line in lines)


def _cell(cell: Cell) -> Text:
    if cell.why_zero:
        text = Text("0", justify="right")
        text.append(f"\n{cell.why_zero}", style="dim")
        return text
    bold = "bold" if cell.is_sure else ""
    text = Text(mean(cell.effect, cell.metric), style=bold, justify="right")
    text.append(f"\n{limits(cell.effect, cell.metric)}", style="dim not bold")
    return text


def price_lines(matrix: Matrix) -> list[tuple[str, str]]:
    """Return for each mitigation what it costs when nobody attacks, in a line.

    Costs that are 0 in every run are left out, and of those too small for their decimals the
    names alone are told; a mitigation without any costs nothing.
    """
    lines = []
    for name in matrix.mitigations:
        own = [each for each in matrix.prices if each.mitigation == name and not each.why_zero]
        seen = [each for each in own if round(each.cost.mean or 0.0, _decimals(each))]
        told = [f"{each.metric} {_told(each.cost, each.metric)}" for each in seen]
        small = [each.metric for each in own if each not in seen]
        if small:
            told.append(f"next to nothing of {', '.join(small)}")
        lines.append((name, "; ".join(told) or "nothing"))
    return lines


def _decimals(price: Price) -> int:
    return METRICS[price.metric].decimals


def _told(cost: Effect, metric: str) -> str:
    star = "*" if is_sure(cost) else ""
    return f"{mean(cost, metric)}{star} ({limits(cost, metric)})"


def _prices(matrix: Matrix) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("mitigation", no_wrap=True)
    table.add_column("change when nobody attacks", overflow="fold")
    for name, line in price_lines(matrix):
        table.add_row(name, line)
    return table


def footer_lines(matrix: Matrix) -> list[str]:
    """Return what a reader must know of a matrix."""
    broken = [f"{each.mitigation} in {each.path}" for each in matrix.broken]
    seeds = sorted(set(matrix.seeds.values()))
    return [
        "Effects: attacked runs with the mitigation less those as shipped, paired by replicate, "
        "with 95 % limits clustered by patient. Limits are of one cell each.",
        f"Bold and *: p below {SURE_BELOW:g} after Holm's correction, over all {matrix.tested} "
        f"effects, or all {matrix.priced} prices, that are not 0 in every run; or the same change "
        "in every run.",
        f'"0, {NO_RUN}": every number of every run, attacked and not, is the same as shipped. '
        '"0, in every run": this metric is. What is not exactly 0 is never printed as 0: it has '
        "as many decimals as that takes.",
        "Prices: over the days of all paths together, without their attackers; the numbers of "
        "those called next to nothing, not 0 and less than a usual last digit, are in the files.",
        *(
            [f"Not as claimed, against no step of the path and yet not 0: {', '.join(broken)}."]
            if broken
            else []
        ),
        f"Intervals of levels: {methods.MEAN}; of effects and prices: {methods.DIFFERENCE}. Levels "
        "are cut at what a metric can be.",
        f"{matrix.replicates} replicates an arm, "
        f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}; {CONDITIONAL}.",
    ]


def matrix_report(matrix: Matrix) -> RenderableType:
    """Return the tables of effects, that of prices, and what a reader must know."""
    columns = [(path, metric) for path in matrix.paths for metric in path.metrics]
    return Group(
        Text("Effect on the harm of attacked runs, mean (95 % limits)", style="bold"),
        EffectsOfPaths(matrix, columns),
        Text("Price", style="bold"),
        _prices(matrix),
        Text(""),
        *(Text(line, style="dim") for line in footer_lines(matrix)),
    )
