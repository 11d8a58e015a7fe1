"""How the conclusions of a matrix change over numbers that nobody has published.

No rate is known at which people confirm a prompt of nobody's asking, and none at which they use a
remote bolus.  A ranking of mitigations is worth as much as it survives of their ranges, so each
value of either is a matrix of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from testbed.scenario.model import Scenario
from testbed.study.executor import Executor, working
from testbed.study.matrix import Cell, Matrix
from testbed.study.matrix_run import Progress, run_matrix
from testbed.study.store import Store

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
    """

    setting: str
    value: float
    matrix: Matrix


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
    points = [(setting, value) for setting, values in sweeps.items() for value in values]
    swept = []
    with working(workers, executor) as at_work:
        for number, (setting, value) in enumerate(points):

            def tell(
                done: int, total: int, path: str, before: int = number, at: float = value
            ) -> None:
                if progress is not None:
                    progress(before * total + done, len(points) * total, f"{path} at {at:g}")

            matrix = run_matrix(
                [each.patched({setting: value}) for each in scenarios],
                mitigations,
                metrics=metrics,
                replicates=replicates,
                seed=seed,
                progress=tell,
                store=store,
                executor=at_work,
            )
            swept.append(SweptMatrix(setting, value, matrix))
    return tuple(swept)


def conclusions(swept: Sequence[SweptMatrix]) -> tuple[Conclusion, ...]:
    """Return what is concluded of each path at each value, path by path."""
    found = []
    for path in dict.fromkeys(each.name for point in swept for each in point.matrix.paths):
        for point in swept:
            chosen = {each.name: each for each in point.matrix.paths}[path]
            metric = chosen.metrics[0]
            ranked = [each for each in point.matrix.ranking(path) if each.removes_harm]
            alone = [each for each in ranked if not each.is_group]
            best = alone[0] if alone else None
            as_good = (
                () if best is None else tuple(each for each in alone if each.is_as_good_as(best))
            )
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
                )
            )
    return tuple(found)


def _order(ranked: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(each.mitigation for each in ranked if each.is_sure)


def stands(found: Sequence[Conclusion]) -> bool:
    """Return whether some conclusions of one path name the same best mitigations."""
    return len({each.best for each in found}) <= 1
