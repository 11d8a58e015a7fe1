"""Who does the work of a study: this process, or a pool of processes.

A task is a range of replicates of one arm.  It carries all that determines its rows, so it
does not matter which process does it, and rows come back in the order of the tasks.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import msgspec

from testbed.mitigations import apply_arm
from testbed.outcomes import measure
from testbed.scenario.model import Scenario
from testbed.study.results import Row
from testbed.world import live, patient_of


class Task(NamedTuple):
    """Some replicates of one arm.

    ``written`` is the scenario as TOML values in JSON, which travels between processes.
    """

    name: str
    written: bytes
    arm: str
    replicates: range


class Executor(Protocol):
    """Carries tasks out."""

    def run(self, tasks: Iterable[Task]) -> Iterator[list[Row]]:
        """Yield the rows of each task, in the order of the tasks."""


@lru_cache(maxsize=64)
def _arm_of(name: str, written: bytes, arm: str) -> Scenario:
    values: dict[str, Any] = msgspec.json.decode(written)
    return apply_arm(Scenario.from_written(values, name), arm)


def carry_out(task: Task) -> list[Row]:
    """Simulate one task: every replicate attacked and unattacked, measured."""
    scenario = _arm_of(task.name, task.written, task.arm)
    rows = []
    for replicate in task.replicates:
        twin = live(scenario, replicate, attack=False)
        # Without an attacker in the scenario the run is its own twin.
        attacked = twin if scenario.attacker is None else live(scenario, replicate, attack=True)
        rows.append(
            Row(
                task.arm,
                replicate,
                patient_of(scenario, replicate).name,
                measure(attacked, twin),
                measure(twin, twin),
            )
        )
    return rows


class InProcess:
    """Does every task in this process."""

    def run(self, tasks: Iterable[Task]) -> Iterator[list[Row]]:
        """Yield the rows of each task."""
        return map(carry_out, tasks)


class ProcessPool:
    """Shares the tasks out among worker processes on this machine.

    Args:
        workers: How many.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def run(self, tasks: Iterable[Task]) -> Iterator[list[Row]]:
        """Yield the rows of each task, in the order of the tasks."""
        # Workers start afresh instead of as a fork: a fork copies locks that threads of
        # numerical libraries may hold.
        context = multiprocessing.get_context("spawn")
        with ExitStack() as stack:
            # Ctrl-C is for the program to answer, not for each of its workers.
            pool = ProcessPoolExecutor(
                self._workers,
                mp_context=context,
                initializer=signal.signal,
                initargs=(signal.SIGINT, signal.SIG_IGN),
            )
            stack.callback(pool.shutdown, wait=True, cancel_futures=True)
            yield from pool.map(carry_out, tasks)
