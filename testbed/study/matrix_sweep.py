"""How the conclusions of a matrix change over numbers that nobody has published.

No rate is known at which people confirm a prompt of nobody's asking, and none at which they use a
remote bolus.  A ranking of mitigations is worth as much as it survives of their ranges, so each
value of either is a matrix of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from testbed.mitigations import MITIGATIONS
from testbed.scenario.model import Scenario
from testbed.study.estimate import Effect
from testbed.study.executor import Executor, working
from testbed.study.matrix import ALL_ADVICE, BASELINE, Cell, Matrix, worsening
from testbed.study.matrix_run import Making, Progress, Rows, harm_of, path_study
from testbed.study.statistics import estimate_difference
from testbed.study.store import Store
from testbed.study.study import run_study

SWEEPS: Final[Mapping[str, tuple[float, ...]]] = {
    "patient.behaviour.accept_unexpected_prompt": (0.005, 0.05, 0.2, 0.5),
    "patient.behaviour.remote_bolus_use": (0.0, 0.3, 0.8),
}
"""The settings that are swept, over their whole ranges, the value used elsewhere among them."""


@dataclass(frozen=True, slots=True)
class SweptMatrix:
    """The matrix at one value of one setting.

    Attributes:
        setting: The dotted key of what is swept.
        value: Its value.
        matrix: What came of it.
        harms: The harm of every attacked run, by path and mitigation, in the order of patients.
        patients: The patient of each run of a path.
    """

    setting: str
    value: float
    matrix: Matrix
    harms: Mapping[tuple[str, str], tuple[float | None, ...]]
    patients: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is concluded of one path at one value: the mitigations that leave the least harm.

    Attributes:
        path: The path's name.
        setting: What is swept.
        value: Its value.
        metric: The metric of harm.
        shipped: The harm as shipped.
        best: The mitigations, ``all-advice`` aside, whose effect is within rounding of the
            largest, in the matrix's order; empty where none removes any.
        effect: The largest effect, as the change of the metric; 0 where there is none.
        surely: Whether that effect has p below 0.05 after correction.
        order: All mitigations that remove harm, from the most on, with p below 0.05.
        bears: Whether a number of the path differs between the values of the setting at all.
        limits: The 95 % limits of the effect, where there are some.
    """

    path: str
    setting: str
    value: float
    metric: str
    shipped: float
    best: tuple[str, ...]
    effect: float
    surely: bool
    order: tuple[str, ...]
    bears: bool = True
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """Two mitigations of which one is better at one value, and the other at another.

    Attributes:
        path: The path's name.
        setting: What is swept.
        metric: The metric of harm.
        values: The two values.
        better: What is best at the first of them, and what is at the second.
        differences: Of the harm with the first of the two less that with the second, paired by
            replicate, at either value.
    """

    path: str
    setting: str
    metric: str
    values: tuple[float, float]
    better: tuple[str, str]
    differences: tuple[Effect, Effect]

    @property
    def is_borne(self) -> bool:
        """Whether neither interval holds 0, so that it is not by chance at one of the values."""
        first, second = (_sides(each, self.metric) for each in self.differences)
        return {first, second} == {-1, 1}


def _sides(effect: Effect, metric: str) -> int:
    """Return on which side of 0 an interval is, -1 for less harm; 0 where it holds 0."""
    if effect.low is None or effect.high is None or effect.low <= 0 <= effect.high:
        return 0
    return 1 if worsening(metric, effect) > 0 else -1


def run_sweep(
    scenarios: Sequence[Scenario],
    mitigations: Sequence[str] | None = None,
    *,
    metrics: Sequence[str] | None = None,
    replicates: int = 10,
    seed: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    store: Store | None = None,
    executor: Executor | None = None,
    sweeps: Mapping[str, Sequence[float]] = SWEEPS,
) -> tuple[SweptMatrix, ...]:
    """Run the matrix at every value of every setting that is swept, one setting at a time.

    The values are arms of one study of each path, so that runs which never ask for a setting are
    done once for all of its values, and those at the path's own value are the matrix's own.

    Args:
        scenarios: The paths of attack.
        mitigations: Their names; all that there are if left out.
        metrics: The metrics of harm of every path, if not the largest of each as shipped.
        replicates: How many replicates each arm of each path has, at each value.
        seed: The seed of every path, if not each scenario's own.
        workers: How many processes share the work.
        progress: Told how far it is.
        store: Where runs are kept; for as long as they are used if left out.
        executor: Who does the work, if not ``workers`` processes.
        sweeps: The values by dotted key.

    Raises:
        ValueError: If a scenario has no attacker, or two have one name.
        StoreError: If the store cannot be used.
        ExecutorError: If whoever does the work can do no more.
    """
    names = [each.name for each in scenarios]
    if len(set(names)) < len(names):
        raise ValueError(f"scenarios: expected different names, found {', '.join(names)}")
    chosen = tuple(MITIGATIONS if mitigations is None else mitigations)
    arms = (*chosen, ALL_ADVICE)
    points = [(setting, value) for setting, values in sweeps.items() for value in values]
    called = {point: f"{point[0]} {point[1]!r}: " for point in points}
    values = {called[setting, value]: {setting: value} for setting, value in points}
    making = {point: _Point(arms, replicates) for point in points}
    with working(workers, executor) as at_work:
        for number, scenario in enumerate(scenarios):
            of_path = path_study(scenario, chosen, replicates, seed, values)

            def tell(
                done: int, total: int, before: int = number, path: str = scenario.name
            ) -> None:
                if progress is not None:
                    progress(before * total + done, len(scenarios) * total, f"{path}, swept")

            study = run_study(of_path, progress=tell, store=store, executor=at_work)
            rows = {
                point: {arm: study.of(called[point] + arm) for arm in (BASELINE, *arms)}
                for point in points
            }
            # One metric for all values of a path, so that they can be held against each other.
            shipped = [row for each in rows.values() for row in each[BASELINE]]
            for point in points:
                making[point].add(of_path, rows[point], metrics or (harm_of(shipped),))
    return tuple(each.swept(*point) for point, each in making.items())


class _Point:
    """The matrix at one value, in the making."""

    def __init__(self, arms: Sequence[str], replicates: int) -> None:
        self._making = Making(arms, replicates)
        self._harms: dict[tuple[str, str], tuple[float | None, ...]] = {}
        self._patients: dict[str, tuple[str, ...]] = {}

    def add(self, path: Scenario, rows: Rows, metrics: Sequence[str]) -> None:
        self._making.add(path, rows, metrics)
        self._patients[path.name] = tuple(row.patient for row in rows[BASELINE])
        for arm, own in rows.items():
            self._harms[path.name, arm] = tuple(row.attacked.get(metrics[0]) for row in own)

    def swept(self, setting: str, value: float) -> SweptMatrix:
        return SweptMatrix(setting, value, self._making.matrix(), self._harms, self._patients)


def bearing(swept: Sequence[SweptMatrix]) -> frozenset[tuple[str, str]]:
    """Return the paths and settings where the harm of some run differs between two values."""
    found = set()
    for setting in dict.fromkeys(point.setting for point in swept):
        own = [point for point in swept if point.setting == setting]
        for path, arm in own[0].harms:
            if any(point.harms[path, arm] != own[0].harms[path, arm] for point in own):
                found.add((path, setting))
    return frozenset(found)


def conclusions(swept: Sequence[SweptMatrix]) -> tuple[Conclusion, ...]:
    """Return what is concluded of each path at each value, path by path."""
    found, bears = [], bearing(swept)
    for path in dict.fromkeys(each.name for point in swept for each in point.matrix.paths):
        for point in swept:
            chosen = {each.name: each for each in point.matrix.paths}[path]
            metric = chosen.metrics[0]
            ranked = [each for each in point.matrix.ranking(path) if each.removes_harm]
            alone = [each for each in ranked if not each.is_group]
            best = alone[0] if alone else None
            as_good = [] if best is None else [each for each in alone if each.is_as_good_as(best)]
            as_good.sort(key=lambda each: point.matrix.mitigations.index(each.mitigation))
            limits = None
            if best is not None and best.effect.low is not None and best.effect.high is not None:
                limits = (best.effect.low, best.effect.high)
            found.append(
                Conclusion(
                    path=path,
                    setting=point.setting,
                    value=point.value,
                    metric=metric,
                    shipped=chosen.levels[metric].mean or 0.0,
                    best=tuple(each.mitigation for each in as_good),
                    effect=0.0 if best is None else best.effect.mean or 0.0,
                    surely=best is not None and best.is_sure,
                    order=_order(alone),
                    bears=(path, point.setting) in bears,
                    limits=limits,
                )
            )
    return tuple(found)


def flips(swept: Sequence[SweptMatrix]) -> tuple[Flip, ...]:
    """Return where what is best at one value is not at the next at which anything removes harm.

    Of what is best together at a value the first stands for all of it.  Where both are as good
    at one of the values, the order is not another.
    """
    at = {(point.setting, point.value): point for point in swept}
    told: dict[tuple[str, str], list[Conclusion]] = {}
    for each in conclusions(swept):
        if each.best:
            told.setdefault((each.path, each.setting), []).append(each)
    found = []
    for (path, setting), of_path in told.items():
        for one, other in pairwise(of_path):
            if set(one.best) & set(other.best):
                continue
            pair = (one.best[0], other.best[0])
            first, second = (
                _between(at[setting, each.value], path, *pair) for each in (one, other)
            )
            values = (one.value, other.value)
            found.append(Flip(path, setting, one.metric, values, pair, (first, second)))
    return tuple(found)


def _between(point: SweptMatrix, path: str, one: str, other: str) -> Effect:
    """Return the harm with one mitigation less that with another, paired."""
    return estimate_difference(
        point.harms[path, one], point.harms[path, other], point.patients[path]
    )


def _order(ranked: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(each.mitigation for each in ranked if each.is_sure)


def stands(found: Sequence[Conclusion]) -> bool:
    """Return whether the same is best at every value of one path at which there is any harm."""
    return len({each.best for each in found if each.shipped or each.best}) <= 1


def always_best(found: Sequence[Conclusion]) -> tuple[str, ...]:
    """Return what is best at every value of one path at which there is any harm."""
    with_harm = [each.best for each in found if each.shipped or each.best]
    if not with_harm:
        return ()
    return tuple(name for name in with_harm[0] if all(name in best for best in with_harm))
