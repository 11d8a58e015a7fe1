"""Runs a matrix: a study for each path of attack, and what its rows come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.scenario.model import ADVICE_GROUP, Scenario
from testbed.study.estimate import Effect
from testbed.study.executor import Executor, working
from testbed.study.matrix import (
    ALL_ADVICE,
    BASELINE,
    EVERY_RUN,
    HARMS,
    NO_RUN,
    PRICES,
    Cell,
    Matrix,
    PathOfAttack,
    Price,
)
from testbed.study.row import Row
from testbed.study.statistics import adjust, estimate_difference
from testbed.study.store import Store
from testbed.study.study import run_study
from testbed.study.summary import estimate_one

Progress = Callable[[int, int, str], None]
"""Called with runs done, runs in all, and the path that is under way."""


def arms_of(mitigations: Iterable[str]) -> dict[str, list[str]]:
    """Return the arms of a matrix: as shipped, each mitigation by itself, all advice."""
    return {
        BASELINE: [],
        **{name: [name] for name in mitigations},
        ALL_ADVICE: [ADVICE_GROUP],
    }


def path_study(
    scenario: Scenario,
    mitigations: Iterable[str],
    replicates: int,
    seed: int | None = None,
    values: Mapping[str, Mapping[str, float]] | None = None,
) -> Scenario:
    """Return a scenario with the plan of a matrix in place of its own.

    Args:
        scenario: A scenario with an attacker.
        mitigations: The mitigations to try.
        replicates: How many replicates each arm has.
        seed: The seed, if not the scenario's own.
        values: Settings in place of the scenario's own; every arm is there with each of these,
            what they are called before its name.

    Raises:
        ValueError: If nobody attacks in the scenario.
    """
    if scenario.attacker is None:
        raise ValueError(f"{scenario.name}: expected a scenario with an attacker, found none")
    written = scenario.written
    written.pop("expect", None)
    arms: dict[str, Any] = dict(arms_of(mitigations))
    if values is not None:
        arms = {
            f"{called}{name}": {"takes": takes, "settings": settings}
            for called, settings in values.items()
            for name, takes in arms.items()
        }
    written["study"] = {
        "seed": scenario.study.seed if seed is None else seed,
        "replicates": replicates,
        "baseline": next(iter(arms)),
        "arms": arms,
    }
    return Scenario.from_written(written, scenario.name)


def run_matrix(
    scenarios: Sequence[Scenario],
    mitigations: Sequence[str] | None = None,
    *,
    metrics: Sequence[str] | None = None,
    replicates: int = 30,
    seed: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    store: Store | None = None,
    executor: Executor | None = None,
) -> Matrix:
    """Run every path against every mitigation.

    Args:
        scenarios: The paths of attack; each has an attacker, and a name of its own.
        mitigations: Their names; all that there are if left out.
        metrics: The metrics of harm of every path; the one of :data:`HARMS` that is largest as
            shipped, path by path, if left out.
        replicates: How many replicates each arm of each path has.
        seed: The seed of every path, if not each scenario's own.
        workers: How many processes share the work.
        progress: Told how far it is.
        store: Where runs are kept; for as long as they are used if left out.
        executor: Who does the work, if not ``workers`` processes.

    Raises:
        ValueError: If a scenario has no attacker, or two have one name.
        StoreError: If the store cannot be used.
        ExecutorError: If whoever does the work can do no more.
    """
    names = [each.name for each in scenarios]
    if len(set(names)) < len(names):
        raise ValueError(f"scenarios: expected different names, found {', '.join(names)}")
    chosen = tuple(MITIGATIONS if mitigations is None else mitigations)
    studies = [path_study(each, chosen, replicates, seed) for each in scenarios]
    arms = (*chosen, ALL_ADVICE)
    each_has = replicates * (len(arms) + 1)
    made = Making(arms, replicates)
    with working(workers, executor) as at_work:
        for number, scenario in enumerate(studies):

            def tell(done: int, _: int, before: int = number, name: str = scenario.name) -> None:
                if progress is not None:
                    progress(before * each_has + done, len(studies) * each_has, name)

            study = run_study(scenario, progress=tell, store=store, executor=at_work)
            rows = {arm: study.of(arm) for arm in (BASELINE, *arms)}
            made.add(scenario, rows, metrics or (harm_of(rows[BASELINE]),))
    return made.matrix()


Rows = Mapping[str, Sequence[Row]]
"""The rows of each arm of a matrix, that of the system as shipped among them."""


class Making:
    """A matrix in the making, path by path.

    Args:
        arms: The mitigations, ``all-advice`` last.
        replicates: How many replicates each arm has.
    """

    def __init__(self, arms: Sequence[str], replicates: int) -> None:
        self._arms = tuple(arms)
        self._replicates = replicates
        self._paths: list[PathOfAttack] = []
        self._cells: list[Cell] = []
        self._calm = _Calm(arms)
        self._seeds: dict[str, int] = {}

    def add(self, scenario: Scenario, rows: Rows, metrics: Sequence[str]) -> None:
        """Take one path.

        Args:
            scenario: The path.
            rows: Its runs.
            metrics: The metrics of harm.
        """
        path, cells = _path(scenario, rows, self._arms, metrics)
        self._paths.append(path)
        self._cells.extend(cells)
        self._calm.add(rows)
        self._seeds[scenario.name] = scenario.study.seed

    def matrix(self) -> Matrix:
        """Return the matrix of what was taken, p-values corrected over all of it."""
        return Matrix(
            paths=tuple(self._paths),
            mitigations=self._arms,
            cells=_corrected(self._cells),
            prices=self._calm.prices(),
            replicates=self._replicates,
            seeds=self._seeds,
        )


def _path(
    scenario: Scenario, rows: Rows, arms: Sequence[str], wanted: Sequence[str]
) -> tuple[PathOfAttack, list[Cell]]:
    """Return one path with its cells, not corrected yet."""
    shipped = rows[BASELINE]
    steps = () if scenario.attacker is None else scenario.attacker.step
    done = frozenset(step.do for step in steps)
    path = PathOfAttack(
        scenario.name,
        scenario.title,
        tuple(step.do for step in steps),
        tuple(wanted),
        {name: estimate_one(shipped, (), METRICS[name], "metric") for name in wanted},
    )
    cells = []
    same = {arm: _same(rows[arm], shipped) for arm in arms}
    for name in wanted:
        for arm in arms:
            effect = estimate_one(rows[arm], shipped, METRICS[name], "effect")
            if not isinstance(effect, Effect):
                raise TypeError(f"{name}: expected an effect, found {effect}")
            cells.append(
                Cell(
                    path.name,
                    arm,
                    name,
                    estimate_one(rows[arm], (), METRICS[name], "metric"),
                    effect,
                    NO_RUN if same[arm] else _zero(effect),
                    arm == ALL_ADVICE or MITIGATIONS[arm].is_against(done),
                )
            )
    return path, cells


def harm_of(shipped: Sequence[Row]) -> str:
    """Return the metric of which a path does the most, in units; the first where it does none."""
    done = {name: sum(row.attacked.get(name) or 0.0 for row in shipped) for name in HARMS}
    return max(HARMS, key=lambda name: done[name])


def _same(rows: Sequence[Row], shipped: Sequence[Row]) -> bool:
    return all(
        (one.attacked, one.twin) == (other.attacked, other.twin)
        for one, other in zip(rows, shipped, strict=True)
    )


def _zero(effect: Effect) -> str:
    return EVERY_RUN if effect.is_exact and effect.mean == 0 else ""


def _corrected(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return the cells with p-values corrected over all that are not 0 in every run."""
    fixed = iter(adjust([each.effect for each in cells if not each.why_zero]))
    return tuple(each if each.why_zero else replace(each, effect=next(fixed)) for each in cells)


class _Calm:
    """The runs that nobody attacked, of all paths' days together."""

    def __init__(self, arms: Sequence[str]) -> None:
        self._arms = tuple(arms)
        self._values: dict[str, dict[str, list[float | None]]] = {
            arm: {name: [] for name in PRICES} for arm in (BASELINE, *arms)
        }
        self._patients: list[str] = []
        self._same = dict.fromkeys(arms, True)

    def add(self, rows: Rows) -> None:
        """Take the twins of one path."""
        shipped = rows[BASELINE]
        self._patients += [row.patient for row in shipped]
        for arm in (BASELINE, *self._arms):
            for name in PRICES:
                self._values[arm][name] += [row.twin.get(name) for row in rows[arm]]
            if arm != BASELINE and self._same[arm]:
                self._same[arm] = all(
                    one.twin == other.twin for one, other in zip(rows[arm], shipped, strict=True)
                )

    def prices(self) -> tuple[Price, ...]:
        """Return every price, p-values corrected over all that are not 0 in every run."""
        found = list(self._prices())
        fixed = iter(adjust([each.cost for each in found if not each.why_zero]))
        return tuple(each if each.why_zero else replace(each, cost=next(fixed)) for each in found)

    def _prices(self) -> Iterator[Price]:
        before = self._values[BASELINE]
        for arm in self._arms:
            for name in PRICES:
                cost = estimate_difference(self._values[arm][name], before[name], self._patients)
                yield Price(arm, name, cost, NO_RUN if self._same[arm] else _zero(cost))
