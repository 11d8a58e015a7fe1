"""Runs a study: every arm on every replicate, attacked and unattacked, and only what is missing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec

from testbed.scenario.model import Scenario
from testbed.study.executor import Executor, InProcess, ProcessPool, Task
from testbed.study.opened import read_stored
from testbed.study.precision import look, looks
from testbed.study.results import Study
from testbed.study.store import Store

BATCH = 20
"""Replicates in a task: small enough to share out evenly, large enough to be worth it."""

Progress = Callable[[int, int], None]
"""Called with runs done and runs in all, where a run is one replicate of one arm.

The first call says how many were done before.
"""


def _tasks(scenario: Scenario, store: Store, arms: Mapping[str, int], upto: int) -> Iterator[Task]:
    """Yield tasks for what is missing; arms that come to the same world need one run."""
    written = msgspec.json.encode(scenario.written)
    first_of = {world: arm for arm, world in reversed(list(arms.items()))}
    for first in range(0, upto, BATCH):
        batch = range(first, min(first + BATCH, upto))
        for world, arm in sorted(first_of.items()):
            if missing := store.missing(world, batch):
                yield Task(scenario.name, written, arm, missing)


def run_study(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    store: Store | str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
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

    Raises:
        ValueError: If a number is out of range.
        StoreError: If the store cannot be used.
        ExecutorError: If whoever does the work can do no more.
    """
    if seed is not None:
        scenario = scenario.patched({"study.seed": seed})
    if replicates is not None:
        scenario = scenario.patched({"study.replicates": replicates})
    if workers < 1:
        raise ValueError(f"workers: expected 1 or more, found {workers}")
    if executor is None:
        executor = InProcess() if workers == 1 else ProcessPool(workers)
    with ExitStack() as stack:
        if not isinstance(store, Store):
            store = stack.enter_context(Store(None if store is None else Path(store)))
        begun = store.begin(scenario)
        done = begun.there
        shared = list(begun.arms.values())
        if progress is not None:
            progress(done, begun.total)
        for upto in looks(scenario.study):
            for task, rows in executor.run(_tasks(scenario, store, begun.arms, upto)):
                world = begun.arms[task.arm]
                store.add(world, rows)
                done += len(rows) * shared.count(world)
                if progress is not None:
                    progress(done, begun.total)
            found = look(scenario, store.rows(begun.arms, upto))
            if found is not None and found.reached:
                break
        return Study(
            title=scenario.title,
            scenario=scenario.name,
            baseline=scenario.study.baseline,
            arms=tuple(scenario.study.arms),
            rows=store.rows(begun.arms, upto),
            seed=scenario.study.seed,
            replicates=upto,
            precision=found,
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
    complete = stored.done == stored.replicates
    return Study(
        title=manifest.title,
        scenario=manifest.scenario,
        baseline=manifest.baseline,
        arms=tuple(stored.rows.arms),
        rows=stored.rows,
        seed=manifest.seed,
        replicates=stored.done,
        notes=() if complete else (f"{stored.done} of {stored.replicates} replicates are done",),
    )
