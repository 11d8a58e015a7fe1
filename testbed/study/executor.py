"""Who does the work of a study: this process, or others that are handed tasks.

A task is some replicates of some arms.  It carries all that determines its rows, so it does not
matter which process does it, when, or in which order they end.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures import Executor as Pool
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol

from testbed.study.arms import arms_written
from testbed.study.keys import RESULT_VERSION
from testbed.study.sharing import Ran, each_by_itself, shared

_AHEAD: Final = 4
"""Tasks that wait for each process, so that none has to wait for a task."""


class ExecutorError(Exception):
    """Whoever did the work can do no more; what was done is kept.

    Args:
        lines: What happened and what can be done, one line each.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


class Task(NamedTuple):
    """Some replicates of some arms.

    Attributes:
        name: The scenario's name.
        written: The scenario as TOML values in JSON, which travels between processes.
        arms: The arms' numbers, counted from 0 in the order of the scenario.
        replicates: The replicates, of every one of the arms.
        share: Whether an arm goes without a run that could not differ from another's.
        result_version: That of the program that asks.
    """

    name: str
    written: bytes
    arms: tuple[int, ...]
    replicates: tuple[int, ...]
    share: bool = True
    result_version: int = RESULT_VERSION


Done = tuple[Task, list[Ran]]
"""A task and what was run for it: each arm and replicate in one :class:`Ran`."""


class Executor(Protocol):
    """Carries tasks out."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task with what was run for it, in whichever order they end.

        Tasks are taken as they are needed and not all at once.

        Raises:
            ExecutorError: If whoever does the work can do no more.
        """


def carry_out(task: Task) -> list[Ran]:
    """Simulate one task: every replicate attacked and unattacked, measured.

    Raises:
        ExecutorError: If this is another version of the program than the one that asks.
    """
    if task.result_version != RESULT_VERSION:
        raise ExecutorError(
            f"a worker: expected result version {task.result_version}, found {RESULT_VERSION}",
            "(install the same version of the program on every worker)",
        )
    arms = arms_written(task.name, task.written)
    simulate = shared if task.share else each_by_itself
    return [ran for each in task.replicates for ran in simulate(arms, each, task.arms)]


def as_they_end(pool: Pool, tasks: Iterable[Task], ahead: int) -> Iterator[Done]:
    """Yield tasks with their rows as a pool ends them, with few under way at a time.

    Args:
        pool: Who does the work.
        tasks: The tasks.
        ahead: How many tasks the pool is given before the first has ended, and has at any time.
    """
    left = iter(tasks)
    waiting: dict[Future[list[Ran]], Task] = {}

    def hand_out(count: int) -> None:
        waiting.update((pool.submit(carry_out, task), task) for task in islice(left, count))

    hand_out(ahead)
    while waiting:
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            task = waiting.pop(future)
            yield task, future.result()
            hand_out(1)


class _UninterruptedPool(ProcessPoolExecutor):
    """A pool whose workers never see Ctrl-C, from their first instruction on.

    It is for the program to answer, not for each of its workers.  They are started by ``submit``
    and inherit what is blocked meanwhile; an interrupt of this process waits until it returns.
    """

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(*args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(*args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Leave Ctrl-C to the program, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for systems where it cannot be blocked
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        # A program that is killed tells nobody, and its workers would wait for tasks for ever.
        parent.join()
        os._exit(1)


class InProcess:
    """Does every task in this process."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task with its rows."""
        for task in tasks:
            yield task, carry_out(task)


class ProcessPool:
    """Shares the tasks out among worker processes on this machine.

    Workers end with their study; in a ``with`` block they stay for the studies that follow, until
    one of those is broken off.

    Args:
        workers: How many.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._keep = False
        self._kept: Pool | None = None
        self._running: list[Pool] = []

    def __enter__(self) -> ProcessPool:
        """Keep the workers from now on."""
        self._keep = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Let the workers go, also those of a study that an error has broken off."""
        self._keep, self._kept = False, None
        for pool in self._running:
            pool.shutdown(wait=True, cancel_futures=True)
        self._running.clear()

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task with its rows as they end."""
        # Whoever runs another study meanwhile has workers of its own.
        pool, self._kept = self._kept or self._started(), None
        ended = False
        try:
            yield from as_they_end(pool, tasks, self._workers * _AHEAD)
            ended = True
        except BrokenProcessPool:
            raise ExecutorError(
                "a worker process ended without a word: killed, or out of memory",
                "(finished runs are kept; the same command does the rest)",
            ) from None
        finally:
            if ended and self._keep and self._kept is None:
                self._kept = pool
            else:
                pool.shutdown(wait=True, cancel_futures=True)
                if pool in self._running:
                    self._running.remove(pool)

    def _started(self) -> Pool:
        # Workers start afresh instead of as a fork: a fork copies locks that threads of
        # numerical libraries may hold.  Each starts with the first task that there is for it.
        context = multiprocessing.get_context("spawn")
        pool = _UninterruptedPool(self._workers, mp_context=context, initializer=_begin_worker)
        self._running.append(pool)
        return pool


@contextmanager
def working(workers: int, executor: Executor | None = None) -> Iterator[Executor]:
    """Give who does the work of any number of studies, until all of them have ended.

    Args:
        workers: How many processes share it; 1 does it in this one.
        executor: Who does it instead, if not processes of this machine.

    Raises:
        ValueError: If ``workers`` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers: expected 1 or more, found {workers}")
    if executor is not None:
        yield executor
    elif workers == 1:
        yield InProcess()
    else:
        with ProcessPool(workers) as pool:
            yield pool
