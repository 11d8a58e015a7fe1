"""Runs a study: every arm on every replicate, attacked and unattacked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from testbed.scenario.model import Scenario
from testbed.study.executor import Executor, InProcess, ProcessPool, Task
from testbed.study.precision import look, looks
from testbed.study.results import Row, Study

BATCH = 20
"""Replicates in a task: small enough to share out evenly, large enough to be worth it."""

Progress = Callable[[int, int], None]
"""Called with runs done and runs in all, where a run is one replicate of one arm."""


def _tasks(scenario: Scenario, done: int, replicates: int) -> Iterator[Task]:
    written = msgspec.json.encode(scenario.written)
    for first in range(done, replicates, BATCH):
        batch = range(first, min(first + BATCH, replicates))
        for arm in scenario.study.arms:
            yield Task(scenario.name, written, arm, batch)


def run_study(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Study:
    """Run the study that a scenario describes.

    Where the scenario asks for a precision, replicates are the most that an arm is run, and the
    study ends at the first look at which the interval is narrow enough.

    The result depends on scenario, replicates and seed alone, to the last digit: not on
    ``workers``, the machine's load or the order in which tasks end.

    Args:
        scenario: The scenario, as loaded.
        replicates: How many times each arm is run, or at most so many, if not as the scenario
            says.
        seed: The seed, if not the scenario's.
        workers: How many processes share the work; 1 does it in this one.
        progress: Told how far it is.

    Raises:
        ValueError: If a number is out of range.
    """
    if seed is not None:
        scenario = scenario.patched({"study.seed": seed})
    if replicates is not None:
        scenario = scenario.patched({"study.replicates": replicates})
    if workers < 1:
        raise ValueError(f"workers: expected 1 or more, found {workers}")
    count = scenario.study.replicates
    total = count * len(scenario.study.arms)
    executor: Executor = InProcess() if workers == 1 else ProcessPool(workers)
    rows: list[Row] = []
    done, found = 0, None
    for upto in looks(scenario.study):
        for batch in executor.run(_tasks(scenario, done, upto)):
            rows.extend(batch)
            if progress is not None:
                progress(len(rows), total)
        done, found = upto, look(scenario, rows)
        if found is not None and found.reached:
            break
    return Study(
        title=scenario.title,
        scenario=scenario.name,
        baseline=scenario.study.baseline,
        arms=tuple(scenario.study.arms),
        rows=tuple(rows),
        seed=scenario.study.seed,
        replicates=done,
        precision=found,
    )
