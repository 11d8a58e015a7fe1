"""Runs a study: every arm on every replicate, attacked and unattacked, and only what is missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from testbed.mitigations import arms_of
from testbed.scenario.judging import SeveritySettings
from testbed.scenario.model import Scenario, StudySettings
from testbed.study.attribution import game_of
from testbed.study.cutting import Cutter
from testbed.study.executor import Executor, working
from testbed.study.opened import read_stored
from testbed.study.precision import look, looks
from testbed.study.results import Study
from testbed.study.store import Store

Progress = Callable[[int, int], None]
"""Called with runs done and runs in all, where a run is one replicate of one arm.

The first call says how many were done before.
"""


def run_study(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    store: Store | str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    share: bool = True,
) -> Study:
    """Run the study that a scenario describes.

    Where the scenario asks for a precision, replicates are the most that an arm is run, and the
    study ends at the first look at which the interval is narrow enough.

    The result depends on scenario, replicates and seed alone, to the last digit: not on who
    does the work, the machine's load, the order in which tasks end, or how often the study was
    interrupted.

    Args:
        scenario: The scenario, as loaded.
        replicates: How many times each arm is run, or at most so many, if not as the scenario
            says.
        seed: The seed, if not the scenario's.
        workers: How many processes share the work; 1 does it in this one.
        progress: Told how far it is.
        store: Where runs are kept: a folder, or a store that is open.  What is there already is
            not done again.  If left out, runs are kept for as long as the study is used.
        executor: Who does the work, if not ``workers`` processes.
        share: Whether an arm goes without a run in which no setting was consulted that it has
            otherwise than an arm that was run; the rows are the same.

    Raises:
        ValueError: If a number is out of range.
        StoreError: If the store cannot be used.
        ExecutorError: If whoever does the work can do no more.
    """
    if seed is not None:
        scenario = scenario.patched({"study.seed": seed})
    if replicates is not None:
        scenario = scenario.patched({"study.replicates": replicates})
    with ExitStack() as stack:
        executor = stack.enter_context(working(workers, executor))
        if not isinstance(store, Store):
            store = stack.enter_context(Store(None if store is None else Path(store)))
        begun = store.begin(scenario)
        done = begun.there
        cutter = Cutter(scenario, store, begun.arms, share=share)

        def tell(runs: int) -> None:
            nonlocal done
            done += runs
            if progress is not None:
                progress(done, begun.total)

        tell(0)
        since = 0
        for upto in looks(scenario.study):
            for _, rans in executor.run(cutter.tasks(since, upto, tell)):
                store.add_ran(cutter.worlds, rans)
                tell(sum(cutter.standing_for(ran.arms) for ran in rans))
            since = upto
            found = look(scenario.study, store.rows(begun.arms, upto))
            if found is not None and found.reached:
                break
        return Study(
            title=scenario.title,
            scenario=scenario.name,
            baseline=scenario.study.baseline,
            arms=tuple(begun.arms),
            rows=store.rows(begun.arms, upto),
            seed=scenario.study.seed,
            replicates=upto,
            precision=found,
            game=game_of(scenario.study),
            severity=scenario.severity,
        )


def open_study(folder: str | os.PathLike[str], key: str | None = None) -> Study:
    """Return a study from its folder, also one that is still being run or was interrupted.

    It is then the study of the replicates that every arm has, and a note says so.

    Args:
        folder: The folder of results.
        key: The beginning of the study's key, where the folder has several; the study that was
            begun last if left out.

    Raises:
        StoreError: If there is no such study.
    """
    stored = read_stored(Path(folder), key)
    manifest = stored.manifest
    written = StudySettings.model_validate(manifest.written.get("study", {}))
    severity = SeveritySettings.model_validate(manifest.written.get("severity", {}))
    found = None
    if stored.done in looks(written):
        found = look(written, stored.rows)
    ended = stored.done == stored.replicates or (found is not None and found.reached)
    return Study(
        title=manifest.title,
        scenario=manifest.scenario,
        baseline=manifest.baseline,
        arms=tuple(stored.rows.arms),
        rows=stored.rows,
        seed=manifest.seed,
        replicates=stored.done,
        notes=() if ended else (f"{stored.done} of {stored.replicates} replicates are done",),
        precision=found if ended else None,
        game=game_of(written) if set(stored.rows.arms) == set(arms_of(written)) else None,
        severity=severity,
    )
