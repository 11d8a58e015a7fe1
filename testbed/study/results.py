"""What a study found: one row a run and its twin, and the tables made from the rows."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec

from testbed.outcomes import METRICS, Metric
from testbed.study.frames import frame_of
from testbed.study.row import Measured, Row
from testbed.study.statistics import (
    Estimate,
    estimate_difference,
    estimate_mean,
    estimate_share,
)
from testbed.study.stored import Light, LightMeasured, StoredRows

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

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
    effects: dict[str, Estimate]
    prices: dict[str, Estimate]


@dataclass(frozen=True, kw_only=True)
class Study:
    """A finished study.

    Args:
        title: What the study is about, for people.
        scenario: The scenario's name.
        baseline: The arm that the others are compared with.
        arms: The arms in the order in which tables show them.
        rows: One row a replicate and arm, in any order; or those of a store, which stay there.
        seed: The study's seed.
        replicates: How many replicates an arm was asked for.
        notes: What a reader must know to read the tables.

    Raises:
        ValueError: If an arm is named twice, the baseline or a row's arm is not among the
            arms, an arm has two rows of one replicate, one replicate is of two patients, or a
            row has a metric that is not registered.
    """

    title: str
    scenario: str
    baseline: str
    arms: tuple[str, ...]
    rows: Sequence[Row]
    seed: int
    replicates: int
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = {arm: place for place, arm in enumerate(self.arms)}
        if len(known) < len(self.arms):
            raise ValueError(f"arms: expected different names, found {', '.join(self.arms)}")
        rows = self.rows
        named = rows.arms if isinstance(rows, StoredRows) else [row.arm for row in rows]
        for arm in (self.baseline, *named):
            if arm not in known:
                raise ValueError(f'expected an arm of {", ".join(known)}, found "{arm}"')
        object.__setattr__(self, "arms", tuple(self.arms))
        if isinstance(self.rows, StoredRows):  # checked and sorted when they were stored
            return
        patients: dict[int, str] = {}
        for row in self.rows:
            if patients.setdefault(row.replicate, row.patient) != row.patient:
                raise ValueError(
                    f"replicate {row.replicate}: expected one patient in every arm, "
                    f"found {patients[row.replicate]} and {row.patient}"
                )
            for name in (*row.attacked, *row.twin):
                if name not in METRICS:
                    raise ValueError(f'expected a registered metric, found "{name}"')
        if len({(row.arm, row.replicate) for row in self.rows}) < len(self.rows):
            raise ValueError("expected one row a replicate and arm, found two")
        ordered = sorted(self.rows, key=lambda row: (known[row.arm], row.replicate))
        object.__setattr__(self, "rows", tuple(ordered))

    def __repr__(self) -> str:
        return f"Study({self.scenario!r}, {len(self.arms)} arms of {self.replicates} replicates)"

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """The metrics that the rows have, in the order of their declaration."""
        if isinstance(self.rows, StoredRows):
            found = set(self.rows.names)
        else:
            found = {name for row in self.rows for name in (*row.attacked, *row.twin)}
        return {name: metric for name, metric in METRICS.items() if name in found}

    def of(self, arm: str) -> tuple[Row, ...]:
        """Return the rows of one arm in the order of their replicates."""
        if isinstance(self.rows, StoredRows):
            return self.rows.of(arm)
        return tuple(row for row in self.rows if row.arm == arm)

    def _light(self, arm: str) -> Sequence[Light]:
        """Return the rows of one arm for work on one metric at a time."""
        return self.rows.light(arm) if isinstance(self.rows, StoredRows) else self.of(arm)

    def frame(self) -> pd.DataFrame:
        """Return a tidy table: one row a replicate and arm, one column a metric.

        Columns are ``arm``, ``replicate``, ``patient``, each metric of the attacked run by its
        name, and each metric of its twin as ``twin_`` and its name.  What is not defined is
        NaN.
        """
        return frame_of(list(self.rows), list(self.metrics))

    def summary(self) -> dict[str, ArmSummary]:
        """Return what each arm came to, in the order of the arms; worked out once."""
        return self._summary

    @cached_property
    def _summary(self) -> dict[str, ArmSummary]:
        baseline = {row.replicate: row for row in self._light(self.baseline)}
        result = {}
        for arm in self.arms:
            rows = self._light(arm)
            pairs = [(r, baseline[r.replicate]) for r in rows if r.replicate in baseline]
            result[arm] = ArmSummary(
                metrics={name: _level(rows, metric) for name, metric in self.metrics.items()},
                effects={name: _difference(pairs, name, _attacked) for name in self.metrics},
                prices={name: _difference(pairs, name, _twin) for name in self.metrics},
            )
        return result

    def as_json(self) -> dict[str, Any]:
        """Return the study's summary as plain data that strict JSON can hold.

        What is missing is ``None``, never NaN.
        """
        return {
            "scenario": self.scenario,
            "title": self.title,
            "baseline": self.baseline,
            "seed": int(self.seed),
            "replicates": int(self.replicates),
            "arms": {
                arm: {
                    kind: {name: msgspec.to_builtins(e) for name, e in getattr(found, kind).items()}
                    for kind in KINDS
                }
                for arm, found in self.summary().items()
            },
            "definitions": {
                name: {
                    "unit": metric.unit,
                    "definition": metric.definition,
                    "source": metric.source,
                }
                for name, metric in self.metrics.items()
            },
            "notes": list(self.notes),
        }

    def as_csv(self) -> str:
        """Return the study's summary as a tidy long table, one estimate a line.

        Columns are ``arm,kind,metric,unit,mean,low,high,n``; what is missing is empty.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("arm", "kind", "metric", "unit", "mean", "low", "high", "n"))
        for arm, found in self.summary().items():
            for kind in KINDS:
                for name, e in getattr(found, kind).items():
                    unit = self.metrics[name].unit
                    writer.writerow((arm, kind, name, unit, e.mean, e.low, e.high, e.n))
        return out.getvalue()

    def _repr_html_(self) -> str:
        """Return the attacked runs' summary as an HTML table, for notebooks.

        Metrics that are shown on request are left out.
        """
        head = "".join(
            f"<th>{html.escape(arm)}{' (baseline)' if arm == self.baseline else ''}</th>"
            for arm in self.arms
        )
        body = []
        for name, metric in self.metrics.items():
            if metric.on_request:
                continue
            cells = []
            for found in self.summary().values():
                e = found.metrics[name]
                mean, limits = e.mean_text(metric.decimals), e.limits_text(metric.decimals)
                cells.append(f"<td>{mean}<br><small>{limits}</small></td>")
            title = html.escape(metric.definition, quote=True)
            unit = html.escape(metric.unit)
            body.append(
                f'<tr><th title="{title}">{html.escape(name)} <small>{unit}</small></th>'
                f"{''.join(cells)}</tr>"
            )
        caption = html.escape(f"{self.title}: attacked runs, mean and 95 % limits")
        return (
            f"<table><caption>{caption}</caption>"
            f"<thead><tr><th>metric</th>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )


def _attacked(row: Light) -> Measured | LightMeasured:
    return row.attacked


def _twin(row: Light) -> Measured | LightMeasured:
    return row.twin


def _level(rows: Sequence[Light], metric: Metric) -> Estimate:
    values = [row.attacked.get(metric.name) for row in rows]
    if metric.is_share:
        return estimate_share(values)
    return estimate_mean(values, [row.patient for row in rows])


def _difference(
    pairs: Sequence[tuple[Light, Light]],
    name: str,
    side: Callable[[Light], Measured | LightMeasured],
) -> Estimate:
    return estimate_difference(
        [side(row).get(name) for row, _ in pairs],
        [side(other).get(name) for _, other in pairs],
        [row.patient for row, _ in pairs],
    )
