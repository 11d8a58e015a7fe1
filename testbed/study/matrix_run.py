"""Runs a matrix: a study for each path of attack, and what its rows come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

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
from testbed.study.results import Study
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
    scenario: Scenario, mitigations: Iterable[str], replicates: int, seed: int | None = None
) -> Scenario:
    """Return a scenario with the plan of a matrix in place of its own.

    Args:
        scenario: A scenario with an attacker.
        mitigations: The mitigations to try.
        replicates: How many replicates each arm has.
        seed: The seed, if not the scenario's own.

    Raises:
        ValueError: If nobody attacks in the scenario.
    """
    if scenario.attacker is None:
        raise ValueError(f"{scenario.name}: expected a scenario with an attacker, found none")
    written = scenario.written
    written.pop("expect", None)
    written["study"] = {
        "seed": scenario.study.seed if seed is None else seed,
        "replicates": replicates,
        "baseline": BASELINE,
        "arms": arms_of(mitigations),
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
    paths, cells, calm = [], [], _Calm(arms)
    with working(workers, executor) as at_work:
        for number, scenario in enumerate(studies):

            def tell(done: int, _: int, before: int = number, name: str = scenario.name) -> None:
                if progress is not None:
                    progress(before * each_has + done, len(studies) * each_has, name)

            study = run_study(scenario, progress=tell, store=store, executor=at_work)
            path, of_path = _path(study, scenario, arms, metrics)
            paths.append(path)
            cells.extend(of_path)
            calm.add(study)
    return Matrix(
        paths=tuple(paths),
        mitigations=arms,
        cells=_corrected(cells),
        prices=calm.prices(),
        replicates=replicates,
        seeds={each.name: each.study.seed for each in studies},
    )


def _path(
    study: Study, scenario: Scenario, arms: Sequence[str], metrics: Sequence[str] | None
) -> tuple[PathOfAttack, list[Cell]]:
    """Return one path with its cells, not corrected yet."""
    shipped = study.of(BASELINE)
    steps = () if scenario.attacker is None else scenario.attacker.step
    done = frozenset(step.do for step in steps)
    wanted = tuple(metrics) if metrics else (_harm(shipped),)
    path = PathOfAttack(
        study.scenario,
        study.title,
        tuple(step.do for step in steps),
        wanted,
        {name: estimate_one(shipped, (), METRICS[name], "metric") for name in wanted},
    )
    cells = []
    rows = {arm: study.of(arm) for arm in arms}
    same = {arm: _same(own, shipped) for arm, own in rows.items()}
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


def _harm(shipped: Sequence[Row]) -> str:
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

    def add(self, study: Study) -> None:
        """Take the twins of one path."""
        shipped = study.of(BASELINE)
        self._patients += [row.patient for row in shipped]
        for arm in (BASELINE, *self._arms):
            rows = shipped if arm == BASELINE else study.of(arm)
            for name in PRICES:
                self._values[arm][name] += [row.twin.get(name) for row in rows]
            if arm != BASELINE and self._same[arm]:
                self._same[arm] = all(
                    one.twin == other.twin for one, other in zip(rows, shipped, strict=True)
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
