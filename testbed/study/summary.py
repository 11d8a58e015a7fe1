"""What the arms of a study came to: an estimate for each metric, level, effect and price."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from testbed.markup import html_table
from testbed.outcomes import METRICS, Metric
from testbed.scenario.model import Of
from testbed.study.estimate import Effect, Estimate
from testbed.study.row import Measured
from testbed.study.statistics import (
    adjust,
    estimate_difference,
    estimate_level,
    estimate_share_difference,
)
from testbed.study.stored import Light, LightMeasured

KINDS: Final = ("metrics", "effects", "prices")
"""The three tables of an arm, in order."""


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """What one arm came to; each table maps a metric's name to its estimate.

    Attributes:
        metrics: The attacked runs.
        effects: The attacked runs less the baseline arm's, paired by replicate.
        prices: The unattacked twins less the baseline's twins, paired by replicate: what the
            arm costs when nobody attacks.
    """

    metrics: dict[str, Estimate]
    effects: dict[str, Effect]
    prices: dict[str, Effect]

    def uncorrected(self) -> ArmSummary:
        """Return it with no p-value corrected, as of an arm that is not compared."""
        plain = {
            kind: {name: replace(e, p_adjusted=None) for name, e in getattr(self, kind).items()}
            for kind in KINDS[1:]
        }
        return ArmSummary(self.metrics, **plain)

    def _repr_html_(self) -> str:
        """Return its three tables beside each other as an HTML table, for notebooks."""
        rows = []
        for name, level in self.metrics.items():
            metric = METRICS[name]
            effect, price = self.effects[name], self.prices[name]
            rows.append(
                (
                    f"{name} ({metric.unit})",
                    level.on_two_lines(metric.decimals),
                    effect.on_two_lines(metric.decimals, signed=True),
                    price.on_two_lines(metric.decimals, signed=True),
                )
            )
        heads = ("metric", "attacked runs", "effect", "price when nobody attacks")
        return html_table("one arm: mean and 95 % limits", rows, heads)


def summarise(
    baseline: str,
    rows: Mapping[str, Sequence[Light]],
    metrics: Mapping[str, Metric],
    counts: Mapping[str, int] | None = None,
) -> dict[str, ArmSummary]:
    """Return what each arm came to, with p-values adjusted over the arms but the baseline.

    Args:
        baseline: The arm that the others are compared with.
        rows: The rows of each arm, in the order of the arms.
        metrics: The metrics to estimate.
        counts: How many arms each stands for among those that are compared, the baseline not
            counted; one each if left out.
    """
    if counts is None:
        counts = {arm: int(arm != baseline) for arm in rows}
    first = {row.replicate: row for row in rows[baseline]}
    pairs = {
        arm: [(row, first[row.replicate]) for row in own if row.replicate in first]
        for arm, own in rows.items()
    }
    effects = {name: _compared(counts, pairs, each, _attacked) for name, each in metrics.items()}
    prices = {name: _compared(counts, pairs, each, _twin) for name, each in metrics.items()}
    return {
        arm: ArmSummary(
            metrics={name: _level(own, metric) for name, metric in metrics.items()},
            effects={name: effects[name][arm] for name in metrics},
            prices={name: prices[name][arm] for name in metrics},
        )
        for arm, own in rows.items()
    }


_Pairs = Sequence[tuple[Light, Light]]


def _attacked(row: Light) -> Measured | LightMeasured:
    return row.attacked


def _twin(row: Light) -> Measured | LightMeasured:
    return row.twin


def estimate_one(
    rows: Sequence[Light], baseline: Sequence[Light], metric: Metric, of: Of
) -> Estimate:
    """Return one estimate of one arm, as :func:`summarise` would.

    Args:
        rows: The arm's rows.
        baseline: The baseline's rows.
        metric: The metric.
        of: The level of the attacked runs, the effect or the price.
    """
    if of == "metric":
        return _level(rows, metric)
    first = {row.replicate: row for row in baseline}
    pairs = [(row, first[row.replicate]) for row in rows if row.replicate in first]
    return _difference(pairs, metric, _attacked if of == "effect" else _twin)


def _level(rows: Sequence[Light], metric: Metric) -> Estimate:
    values = [row.attacked.get(metric.name) for row in rows]
    return estimate_level(metric, values, [row.patient for row in rows])


def _difference(
    pairs: _Pairs, metric: Metric, side: Callable[[Light], Measured | LightMeasured]
) -> Effect:
    estimate = estimate_share_difference if metric.is_share else estimate_difference
    return estimate(
        [side(row).get(metric.name) for row, _ in pairs],
        [side(other).get(metric.name) for _, other in pairs],
        [row.patient for row, _ in pairs],
    )


def _compared(
    counts: Mapping[str, int],
    pairs: Mapping[str, _Pairs],
    metric: Metric,
    side: Callable[[Light], Measured | LightMeasured],
) -> dict[str, Effect]:
    """Return the effect of every arm on one metric, those of all but the baseline adjusted."""
    found = {arm: _difference(own, metric, side) for arm, own in pairs.items()}
    others = [arm for arm in found for _ in range(counts[arm])]
    adjusted = dict(zip(others, adjust([found[arm] for arm in others]), strict=True))
    return {**found, **adjusted}
