"""What is different between two studies: their settings, what made them, and their numbers.

Where both have the same seed, replicate ``r`` is the same person with the same dice in both, and
differences are paired by replicate as those between arms are.  Otherwise the studies are taken as
independent samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from testbed.outcomes import METRICS, Metric
from testbed.study import methods
from testbed.study.estimate import Effect, Estimate
from testbed.study.opened import StoredStudy
from testbed.study.statistics import (
    adjust,
    estimate_difference,
    estimate_level,
    estimate_share_difference,
)
from testbed.study.stored import Light

UNPAIRED: Final = "difference of independent studies, 95 % Welch t interval of patients' means"
WELCH: Final = "Welch's t test of patients' means"
UNPAIRED_SOURCE: Final = (
    "Welch, Biometrika 1947;34:28, on the mean of each patient, or on the runs where a study has "
    "one patient.  The same patients in both studies make it cautious."
)
CORRECTED: Final = "over all arms and metrics that are compared"
_CONFIDENCE: Final = 0.95
_UNLIKE: Final = ("study.seed", "study.replicates", "study.precision")

Side = Literal["attacked", "twin"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that is not the same.

    Attributes:
        arm: The arm, where it differs from the baseline in it; empty for the study and baseline.
        key: The dotted key.
        before: Its value in the first study; ``None`` where it has none.
        after: Its value in the second.
    """

    arm: str
    key: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one metric of one arm.

    Attributes:
        arm: The arm.
        metric: The metric.
        side: ``attacked`` for the attacked runs, ``twin`` for those nobody attacked.
        before: What it was in the first study.
        after: What it is in the second.
        difference: The second less the first; its ``p_adjusted`` is corrected over all changes.
    """

    arm: str
    metric: str
    side: Side
    before: Estimate
    after: Estimate
    difference: Effect

    @property
    def verdict(self) -> str:
        """``the same``, ``moved`` where it is sure, ``not sure``, or why there is no telling."""
        if self.difference.mean is None:
            return "not defined in both"
        if self.difference.is_exact and self.difference.mean == 0:
            return "the same"
        if self.difference.p_adjusted is None:
            return "no test"
        return "moved" if self.difference.p_adjusted < 1 - _CONFIDENCE else "not sure"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two studies beside each other.

    Attributes:
        paired: Whether replicates are the same people with the same dice.
        why: Why they are or are not, in words.
        replicates: How many of each arm of the first and the second study were used.
        settings: Settings that differ, of the study and of arms that both have.
        versions: Versions that differ, by name: before and after.
        only: Arms that only the first study has, and that only the second has.
        changes: Every metric of every arm that both have.
    """

    paired: bool
    why: str
    replicates: tuple[int, int]
    settings: tuple[Setting, ...]
    versions: dict[str, tuple[str, str]]
    only: tuple[tuple[str, ...], tuple[str, ...]]
    changes: tuple[Change, ...]

    @property
    def methods(self) -> dict[str, str]:
        """What each method that was used is, and who published it."""
        names = {
            self.changes[at].difference.method.split(" (")[0] for at in range(len(self.changes))
        }
        known = {**methods.SOURCES, UNPAIRED: UNPAIRED_SOURCE}
        return {name: known[name] for name in sorted(names & set(known))}


def compare(
    first: StoredStudy, second: StoredStudy, metrics: Sequence[str] | None = None
) -> Comparison:
    """Return what is different between two studies.

    Args:
        first: The one before.
        second: The one after.
        metrics: The metrics to compare; all that both have if left out.
    """
    one, two = first.manifest, second.manifest
    paired, why = _paired(first, second)
    arms = [arm for arm in first.rows.arms if arm in second.rows.arms]
    both = [name for name in first.rows.names if name in second.rows.names and name in METRICS]
    names = [name for name in both if metrics is None or name in metrics]
    before = {arm: first.rows.light(arm) for arm in arms}
    after = {arm: second.rows.light(arm) for arm in arms}
    if paired:
        count = min(first.done, second.done)
        before, after = ({a: r[:count] for a, r in each.items()} for each in (before, after))
    changes = [
        _change(before[arm], after[arm], arm, METRICS[name], side, paired)
        for arm in arms
        for side in _SIDES
        for name in names
        if side == "attacked" or not METRICS[name].needs_attacker
    ]
    adjusted = adjust([each.difference for each in changes])
    made_by = {**one.versions, "results": str(one.result_version)}
    made_now = {**two.versions, "results": str(two.result_version)}
    return Comparison(
        paired=paired,
        why=why,
        replicates=(first.done, second.done),
        settings=tuple(_settings(one.written, two.written, one.arms, two.arms)),
        versions={
            name: (made_by.get(name, "none"), made_now.get(name, "none"))
            for name in sorted({*made_by, *made_now})
            if made_by.get(name) != made_now.get(name)
        },
        only=(
            tuple(arm for arm in first.rows.arms if arm not in arms),
            tuple(arm for arm in second.rows.arms if arm not in arms),
        ),
        changes=tuple(
            replace(each, difference=found) for each, found in zip(changes, adjusted, strict=True)
        ),
    )


_SIDES: Final[tuple[Side, ...]] = ("attacked", "twin")


def _paired(first: StoredStudy, second: StoredStudy) -> tuple[bool, str]:
    one, two = first.manifest.seed, second.manifest.seed
    if one != two:
        return False, f"the seeds differ ({one} and {two}), so the runs are other people and dice"
    count = min(first.done, second.done)
    if first.rows.patients[:count] != second.rows.patients[:count]:
        return False, "the seed is the same, but replicates are lived by other patients"
    return True, f"both have the seed {one}, so replicates are the same people and dice"


def _change(
    before: Sequence[Light],
    after: Sequence[Light],
    arm: str,
    metric: Metric,
    side: Side,
    paired: bool,
) -> Change:
    was, now = ([getattr(row, side).get(metric.name) for row in rows] for rows in (before, after))
    whose, whose_now = ([row.patient for row in rows] for rows in (before, after))
    if paired:
        difference = estimate_share_difference if metric.is_share else estimate_difference
        found = difference(now, was, whose)
    else:
        found = unpaired(_by_patient(was, whose), _by_patient(now, whose_now))
    levels = (estimate_level(metric, was, whose), estimate_level(metric, now, whose_now))
    return Change(arm, metric.name, side, *levels, found)


def _by_patient(values: Sequence[float | None], patients: Sequence[str]) -> list[float]:
    """Return the mean of each patient's runs; the runs themselves where there is one patient."""
    groups: dict[str, list[float]] = {}
    for value, patient in zip(values, patients, strict=True):
        if value is not None:
            groups.setdefault(patient, []).append(float(value))
    if len(groups) == 1:
        return next(iter(groups.values()))
    return [float(np.mean(each)) for each in groups.values()]


def unpaired(before: Sequence[float], after: Sequence[float]) -> Effect:
    """Return the difference of two means of independent values, ``after`` less ``before``.

    Args:
        before: One value a patient of the first study.
        after: One value a patient of the second.
    """
    n = len(before) + len(after)
    if not before or not after:
        return Effect(None, None, None, 0, UNPAIRED)
    mean = float(np.mean(after) - np.mean(before))
    if len(set(before)) == len(set(after)) == 1:
        exact = 0.0 if mean == 0 else None
        return Effect(mean, exact, exact, n, UNPAIRED, 1.0 if mean == 0 else None)
    if min(len(before), len(after)) == 1:
        return Effect(mean, None, None, n, UNPAIRED)
    from scipy import stats  # noqa: PLC0415 - slow, and seldom needed

    found = stats.ttest_ind(after, before, equal_var=False)
    limits = found.confidence_interval(_CONFIDENCE)
    return Effect(
        mean, float(limits.low), float(limits.high), n, UNPAIRED, float(found.pvalue), WELCH
    )


def _settings(
    one: Mapping[str, Any],
    two: Mapping[str, Any],
    arms: Mapping[str, Mapping[str, Any]],
    others: Mapping[str, Mapping[str, Any]],
) -> Iterator[Setting]:
    study, study_now = ({"study": each.get("study", {})} for each in (one, two))
    for key, before, after in _differing(study, study_now):
        if key in _UNLIKE or key == "study.baseline":
            yield Setting("", key, before, after)
    # A manifest has the baseline's settings in full, and of every other arm what differs from it.
    for arm in arms:
        if arm in others:
            where = "" if arm == next(iter(arms)) else arm
            yield from (Setting(where, *each) for each in _differing(arms[arm], others[arm]))


def _differing(one: Any, two: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the dotted key and both values of everything that differs."""
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        for name in dict.fromkeys((*one, *two)):
            yield from _differing(one.get(name), two.get(name), f"{key}.{name}" if key else name)
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for index, (before, after) in enumerate(zip(one, two, strict=True), start=1):
            yield from _differing(before, after, f"{key}[{index}]")
    elif one != two:
        yield key, one, two
