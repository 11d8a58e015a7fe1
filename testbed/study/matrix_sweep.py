"""How the conclusions of a matrix change over numbers that nobody has published.

No rate is known at which people confirm a prompt of nobody's asking, and none at which they use a
remote bolus.  A ranking of mitigations is worth as much as it survives of their ranges, so each
value of either is a matrix of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from testbed.mitigations import MITIGATIONS
from testbed.scenario.model import Scenario
from testbed.study.executor import Executor, working
from testbed.study.matrix import ALL_ADVICE, BASELINE, Matrix
from testbed.study.matrix_run import Making, Progress, Rows, harm_of, path_study
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
