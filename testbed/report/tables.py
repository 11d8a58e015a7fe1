"""Tables of a study for a terminal: metrics as rows, arms as columns.

A table is laid out for the width it is given.  When the arms do not fit beside each other it
is continued below with the same rows, so nothing is cut off at 80 columns or in a pipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from testbed.outcomes import METRICS, Metric
from testbed.report.judged import funnel_table, severity_counts
from testbed.report.shares import AttributionTable, sides_of
from testbed.study import methods as named
from testbed.study.estimate import Effect, Estimate
from testbed.study.intervals import CONFIDENCE
from testbed.study.results import KINDS, Study
from testbed.study.shown import left_out

CONDITIONAL: Final = "conditional on an attack attempt; not an incidence"
"""What every table of attacked runs says at its foot."""

Kind = Literal["metrics", "effects", "prices"]

_TITLES: Final[dict[Kind, str]] = {
    "metrics": "Attacked runs: mean (95 % limits)",
    "effects": 'Effect: attacked runs less those of "{baseline}", mean (95 % limits)',
    "prices": 'Price: runs nobody attacked less those of "{baseline}", mean (95 % limits)',
}
_EXPLAINED: Final = ("unsafe_dose", "hypo_3_proxy")
"""Metrics whose definition stands below the tables that show them."""
_ON_REQUEST: Final = "On request (--metrics), and in the files"
_GAP: Final = 2
"""Columns between two cells; the last of them is the table's own divider."""
_MARGIN: Final = 1
_NARROWEST: Final = 8


@dataclass(frozen=True, slots=True)
class _Cell:
    mean: str
    limits: str
    strong: bool

    @property
    def width(self) -> int:
        return max(len(self.mean), len(self.limits))

    def render(self) -> Text:
        text = Text(self.mean, style="bold" if self.strong else "", justify="right")
        text.append(f"\n{self.limits}", style="dim not bold")
        return text


def _cell(estimate: Estimate, metric: Metric, kind: Kind, runs: int) -> _Cell:
    signed = kind != "metrics"
    mean = estimate.mean_text(metric.decimals, signed=signed)
    limits = estimate.limits_text(metric.decimals)
    if estimate.mean is not None and estimate.n != runs:
        mean = f"{mean} (n {estimate.n})"
    if signed and estimate.is_exact and estimate.mean == 0:
        limits = "in every pair"
    return _Cell(mean, limits, strong=signed and _stands_out(estimate, metric))


def _stands_out(estimate: Estimate, metric: Metric) -> bool:
    """Return whether 0 is refuted after correction and the mean is large enough to be printed."""
    if not isinstance(estimate, Effect) or estimate.p_adjusted is None or estimate.mean is None:
        return False
    printed = float(f"{estimate.mean:.{metric.decimals}f}")
    return estimate.p_adjusted < 1 - CONFIDENCE and printed != 0


def _blocks(widths: Sequence[int], room: int) -> list[range]:
    """Return which columns stand beside each other: as few blocks as fit, about equally full."""
    fewest = 1
    while True:
        size = -(-len(widths) // fewest)
        blocks = [
            range(start, min(start + size, len(widths))) for start in range(0, len(widths), size)
        ]
        fits = all(sum(widths[at] + _GAP for at in block) <= room for block in blocks)
        if fits or size == 1:
            return blocks
        fewest += 1


def usual(study: Study, kind: Kind = "metrics") -> list[str]:
    """Return the metrics that a table shows unless told: none that is shown on request.

    A table of prices shows none that needs an attacker.
    """
    return [
        name
        for name, metric in study.metrics.items()
        if not metric.on_request and not (kind == "prices" and metric.needs_attacker)
    ]


class ArmsTable:
    """One table of a study, as a rich renderable that fits the width it is given.

    Args:
        study: The study.
        kind: Attacked runs, effects against the baseline, or prices when nobody attacks.
        metrics: Names of the metrics to show, in order; unless told, all that the study has but
            those that are shown on request.

    Raises:
        ValueError: If the study has no such metric.
    """

    __slots__ = ("_arms", "_kind", "_metrics", "_study")

    def __init__(self, study: Study, kind: Kind, metrics: Sequence[str] | None = None) -> None:
        if kind not in KINDS:
            raise ValueError(f'expected a table of {", ".join(KINDS)}, found "{kind}"')
        for name in metrics or ():
            if name not in study.metrics:
                raise ValueError(f'expected a metric of the study, found "{name}"')
        shown = usual(study, kind) if metrics is None else list(metrics)
        self._study = study
        self._kind: Kind = kind
        self._metrics = [study.metrics[name] for name in shown]
        self._arms = [arm for arm in study.shown if kind == "metrics" or arm != study.baseline]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the table out for ``options.max_width`` columns."""
        yield Text(_TITLES[self._kind].format(baseline=self._study.baseline), style="bold")
        if not self._arms:
            yield Text("  no arm but the baseline", style="dim")
            return
        columns = [self._column(arm) for arm in self._arms]
        label = max(len(text) for each in self._metrics for text in (each.name, _unit(each)))
        room = options.max_width - _MARGIN - label
        limit = max(_NARROWEST, room - _GAP)
        heads = [self._head(arm) for arm in self._arms]
        widths = [
            min(limit, max(*map(len, head.plain.split("\n")), *(c.width for c in column)))
            for head, column in zip(heads, columns, strict=True)
        ]
        for block in _blocks(widths, room):
            table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 0, 0, 0))
            table.add_column(Text("metric"), no_wrap=True, min_width=label)
            for at in block:
                table.add_column(
                    heads[at],
                    justify="right",
                    overflow="fold",
                    min_width=widths[at] + _GAP - 1,
                    max_width=widths[at] + _GAP - 1,
                )
            for row, metric in enumerate(self._metrics):
                name = Text(metric.name)
                name.append(f"\n{_unit(metric)}", style="dim")
                table.add_row(name, *(columns[at][row].render() for at in block))
            yield Padding(table, (0, 0, 0, _MARGIN), expand=False)
            yield Text("")

    def _column(self, arm: str) -> list[_Cell]:
        found = getattr(self._study.summary()[arm], self._kind)
        runs = len(self._study.light(arm))
        return [_cell(found[each.name], each, self._kind, runs) for each in self._metrics]

    def _head(self, arm: str) -> Text:
        text = Text(arm, justify="right")
        if arm == self._study.baseline:
            text.append("\nbaseline", style="dim not bold")
        return text


def _unit(metric: Metric) -> str:
    return {"1": "index", "share": "share of runs"}.get(metric.unit, metric.unit)


def metrics_table(study: Study, metrics: Sequence[str] | None = None) -> ArmsTable:
    """Return the table of attacked runs: every arm's mean with its 95 % limits."""
    return ArmsTable(study, "metrics", metrics)


def effects_table(study: Study, metrics: Sequence[str] | None = None) -> ArmsTable:
    """Return the table of effects: every arm less the baseline, paired by replicate.

    An effect that is the same in every pair says so; one that is nothing is printed as ``0``.
    """
    return ArmsTable(study, "effects", metrics)


def prices_table(study: Study, metrics: Sequence[str] | None = None) -> ArmsTable:
    """Return the table of prices: every arm less the baseline, in the runs nobody attacked."""
    return ArmsTable(study, "prices", metrics)


def footer(study: Study, metrics: Sequence[str] | None = None) -> RenderableType:
    """Return what a reader must know: definitions, interval methods, and what it is not.

    Args:
        study: The study.
        metrics: Names of the metrics that its tables show, if not the usual ones.
    """
    shown = usual(study) if metrics is None else metrics
    on_request = [name for name in study.metrics if name not in shown]
    unfinished = [
        f"Unfinished: {arm} has {len(study.light(arm))} of {study.replicates} replicates."
        for arm in study.shown
        if len(study.light(arm)) != study.replicates
    ]
    lines = [
        *(f"{name}: {METRICS[name].definition}" for name in _EXPLAINED if name in shown),
        *([f"{_ON_REQUEST}: {', '.join(on_request)}."] if on_request else []),
        f"Intervals: {'; '.join(_methods(study, shown))}.",
        "0 is exactly nothing. What is not is never printed as 0: it has as many decimals as that "
        "takes.",
        *_tests(study, shown),
        f"{study.replicates} replicates an arm, seed {study.seed}, scenario {study.scenario}.",
        *left_out(study),
        *unfinished,
        *([] if study.precision is None else [study.precision.in_words()]),
        *study.notes,
        f"Attacked runs and effects: {CONDITIONAL}.",
    ]
    return Group(*(Text(line, style="dim") for line in lines))


def _methods(study: Study, shown: Sequence[str]) -> list[str]:
    """Return the names of the interval methods behind the metrics shown, each once."""
    summaries = [study.summary()[arm] for arm in study.shown]
    return list(
        dict.fromkeys(
            getattr(found, kind)[name].method.split(" (")[0]
            for name in shown
            for kind in KINDS
            for found in summaries
        )
    )


def _tests(study: Study, shown: Sequence[str]) -> list[str]:
    """Return what is bold, and which tests and correction stand behind it."""
    if not study.compared:
        return []
    tests = dict.fromkeys(named.of_metric(study.metrics[name].is_share)[-1] for name in shown)
    arms = len(study.compared)
    return [
        f"Bold: not too small to print, and p below 0.05 after {named.HOLM}'s correction over the "
        f"{arms} {'arm' if arms == 1 else 'arms'} compared with {study.baseline}, for each metric "
        f"and table by itself. p: {'; '.join(tests)}. p and ratios of shares are in the files."
    ]


def study_report(study: Study, metrics: Sequence[str] | None = None) -> RenderableType:
    """Return all three tables of a study, its funnel, its severities, and the footer.

    Args:
        study: The study.
        metrics: Names of the metrics to show, in order, if not the usual ones; a table of prices
            leaves out those that need an attacker.

    Raises:
        ValueError: If the study has no such metric.
    """
    prices = metrics and [name for name in metrics if not study.metrics[name].needs_attacker]
    return Group(
        Text(study.title, style="bold underline"),
        Text(""),
        metrics_table(study, metrics),
        effects_table(study, metrics),
        *([] if metrics and not prices else [prices_table(study, prices)]),
        *(AttributionTable(study, of, metrics) for of in sides_of(study)),
        *funnel_table(study),
        *severity_counts(study),
        footer(study, metrics),
    )
