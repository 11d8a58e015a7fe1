"""What a study found: one row a run and its twin, and the tables made from the rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec

from testbed.markup import html_table
from testbed.outcomes import METRICS, Metric
from testbed.scenario.judging import SeveritySettings
from testbed.study import methods, shown
from testbed.study.estimate import Effect, Estimate
from testbed.study.frames import frame_of
from testbed.study.precision import Precision
from testbed.study.row import Row
from testbed.study.shown import MANY
from testbed.study.stored import Light, StoredRows
from testbed.study.summary import KINDS, ArmSummary, summarise

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    from testbed.study.attribution import Attribution, Game

__all__ = ["KINDS", "ArmSummary", "Study"]

_COLUMNS: Final = (
    *("arm", "kind", "metric", "unit", "mean", "low", "high", "n"),
    *("method", "p", "p_adjusted", "test", "ratio", "ratio_low", "ratio_high"),
)


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
        precision: What became of the precision that the scenario asked for, if it did.
        game: The full factorial that the arms hold, if they do.
        severity: How severe runs are called; the usual scale if left out.
        chosen: The arms that tables and plots show, if somebody has chosen.

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
    precision: Precision | None = None
    game: Game | None = None
    severity: SeveritySettings = field(default_factory=SeveritySettings)
    chosen: tuple[str, ...] | None = None

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

    def light(self, arm: str) -> Sequence[Light]:
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
        counts = dict.fromkeys(dict.fromkeys(self.alike.values()), 0)
        for arm in self.compared:
            counts[self.alike[arm]] += 1
        rows = {arm: self.light(arm) for arm in counts}
        found = summarise(self.alike[self.baseline], rows, self.metrics, counts)
        own = {arm: found[self.alike[arm]] for arm in self.arms}
        return {**own, self.baseline: own[self.baseline].uncorrected()}

    @cached_property
    def alike(self) -> Mapping[str, str]:
        """The arm whose rows stand for those of each arm; itself where there are not many arms.

        Of more than :data:`~testbed.study.shown.MANY` arms, as factors make them, the first stands
        for all that have the same rows in every replicate.
        """
        if len(self.arms) > MANY and isinstance(self.rows, StoredRows):
            return self.rows.alike
        return {arm: arm for arm in self.arms}

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The arms that files have: all, or of many one for each that came out differently."""
        return shown.distinct(self)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The arms that tables show: those chosen, or all, or of many the leading ones."""
        return shown.shown(self) if self.chosen is None else self.chosen

    def show(self, arms: str) -> Study:
        """Return the study with tables and plots of other arms, the baseline always among them.

        Args:
            arms: Names with commas between them, a number for so many that leave least harm, or
                ``all`` for one of each that came out differently.

        Raises:
            UnknownArmError: If there is no such arm.
        """
        return replace(self, chosen=shown.asked_for(self, arms))

    @property
    def compared(self) -> list[str]:
        """The arms that are compared with the baseline, over which p-values are corrected."""
        return [arm for arm in self.arms if arm != self.baseline]

    def _summaries(self) -> list[tuple[str, ArmSummary]]:
        return [(arm, self.summary()[arm]) for arm in self.distinct]

    def _named(self, metric: str) -> dict[str, str]:
        """Return which method each kind of interval, the ratio and the test of a metric are of."""
        found = methods.of_metric(self.metrics[metric].is_share)
        return dict(zip((*KINDS, "ratios", "tests"), found, strict=True))

    @cached_property
    def attributions(self) -> tuple[Attribution, ...]:
        """How effects and prices are divided among the mitigations of a full factorial.

        One for each metric that tables usually show; none where the arms hold no factorial.
        """
        from testbed.study.attribution import attributions  # noqa: PLC0415 - it is of studies

        if self.game is None:
            return ()
        usual = [name for name, metric in self.metrics.items() if not metric.on_request]
        calm = [name for name in usual if not self.metrics[name].needs_attacker]
        effects = attributions(self, self.game, usual)
        return (*effects, *attributions(self, self.game, calm, ("price",)))

    def as_json(self) -> dict[str, Any]:
        """Return the study's summary as plain data that strict JSON can hold.

        What is missing is ``None``, never NaN.
        """
        from testbed.study.severity import judged  # noqa: PLC0415 - it is of studies

        told = {
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
                for arm, found in self._summaries()
            },
            "definitions": {
                name: {
                    "unit": metric.unit,
                    "definition": metric.definition,
                    "source": metric.source,
                    "intervals": self._named(name),
                }
                for name, metric in self.metrics.items()
            },
            "methods": dict(methods.SOURCES),
            "p_values": {
                "adjusted_by": methods.HOLM,
                "over_arms": self.compared if len(self.arms) <= MANY else len(self.compared),
                "for_each": ["metric", "table"],
            },
            **judged(self),
            "precision": msgspec.to_builtins(self.precision),
            "notes": list(self.notes),
        }
        if len(self.arms) > MANY:
            told["alike"] = dict(self.alike)
        if self.game is not None:
            told["attribution"] = {
                "mitigations": list(self.game.players),
                "method": methods.SHAPLEY,
                "of": [each.as_json() for each in self.attributions],
            }
        return told

    def as_csv(self) -> str:
        """Return the study's summary as a tidy long table, one estimate a line.

        The stages of the funnel are among the metrics, as ``stage_`` and their names.  The
        shares of runs by severity are of the kind ``severity``, or ``severity_twin`` of the runs
        that nobody attacked, with the word in place of a metric.

        Columns are ``arm,kind,metric,unit,mean,low,high,n,method``, and of effects and prices
        ``p,p_adjusted,test,ratio,ratio_low,ratio_high``; what is missing is empty.
        """
        from testbed.study.severity import severity_table  # noqa: PLC0415 - it is of studies

        out = io.StringIO()
        writer = csv.DictWriter(out, _COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for arm, found in self._summaries():
            for kind in KINDS:
                for name, e in getattr(found, kind).items():
                    line = {"arm": arm, "kind": kind, "metric": name}
                    writer.writerow({**line, "unit": self.metrics[name].unit, **_cells(e)})
        severities = severity_table(self, self.severity.steps)
        for each in (each for each in severities if each.runs):
            kind = "severity" if each.side == "attacked" else "severity_twin"
            line = {"arm": each.arm, "kind": kind, "metric": each.word, "unit": "share"}
            writer.writerow({**line, **_cells(each.share)})
        return out.getvalue()

    def _repr_html_(self) -> str:
        """Return the attacked runs' summary as an HTML table, for notebooks.

        Metrics that are shown on request are left out.
        """
        usual = [metric for metric in self.metrics.values() if not metric.on_request]
        summaries = [self.summary()[arm] for arm in self.shown]
        return html_table(
            f"{self.title}: attacked runs, mean and 95 % limits",
            [
                (
                    f"{metric.name} ({metric.unit})",
                    *(
                        found.metrics[metric.name].on_two_lines(metric.decimals)
                        for found in summaries
                    ),
                )
                for metric in usual
            ],
            (
                "metric",
                *(f"{arm} (baseline)" if arm == self.baseline else arm for arm in self.shown),
            ),
            [metric.definition for metric in usual],
        )


def _cells(estimate: Estimate) -> dict[str, object]:
    cells = {name: getattr(estimate, name) for name in ("mean", "low", "high", "n", "method")}
    if isinstance(estimate, Effect):
        cells |= {name: getattr(estimate, name) for name in ("p", "p_adjusted", "test")}
        if estimate.ratio is not None:
            ratio = estimate.ratio
            cells |= {"ratio": ratio.mean, "ratio_low": ratio.low, "ratio_high": ratio.high}
    return cells
