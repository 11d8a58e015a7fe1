"""Gives the work of a study to a Dask cluster: the one place in this package that uses a network.

Nothing is simulated over it: tasks go out, rows come back, between machines of one's own.  A
cluster is asked for by its address and never found or started from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import Final

from testbed.study.executor import Done, ExecutorError, Task, as_they_end
from testbed.study.frames import MissingExtraError

_PATIENCE_S: Final = 30
"""How long to wait for a scheduler to answer, and for a first worker."""

_AHEAD: Final = 1000
"""Tasks that the scheduler has at any time: a cluster may grow to hundreds of workers meanwhile."""


class DaskCluster:
    """Shares the tasks out among the workers of a Dask cluster that runs already.

    A worker that dies costs time: the scheduler gives its tasks to others.

    Args:
        address: The scheduler's address, such as ``tcp://127.0.0.1:8786``.

    Raises:
        MissingExtraError: If distributed is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed  # noqa: F401, PLC0415 - an extra, and slow to load
        except ImportError:
            raise MissingExtraError("a Dask cluster", "distributed", "dask") from None
        self._address = address

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task with its rows as they end.

        Raises:
            ExecutorError: If the cluster cannot be reached, has no worker, or is lost.
        """
        from distributed import Client, KilledWorker  # noqa: PLC0415
        from distributed.comm import CommClosedError  # noqa: PLC0415

        with ExitStack() as stack:
            try:
                client = stack.enter_context(Client(self._address, timeout=_PATIENCE_S))
                client.wait_for_workers(1, timeout=_PATIENCE_S)
            except (OSError, TimeoutError, ValueError) as error:
                why = str(error).splitlines()[0] if str(error) else "no answer"
                raise ExecutorError(
                    f"--dask: expected a Dask scheduler with workers, found {self._address}: {why}"
                ) from None
            # An equal task is not a repetition to Dask: nothing is kept of the last study.
            pool = client.get_executor(pure=False)
            stack.callback(pool.shutdown, wait=False)
            try:
                yield from as_they_end(pool, tasks, _AHEAD)
            except (KilledWorker, CancelledError, CommClosedError, OSError) as error:
                raise ExecutorError(
                    f"the Dask cluster at {self._address} was lost: {type(error).__name__}",
                    "(finished runs are kept; the same command does the rest)",
                ) from None
