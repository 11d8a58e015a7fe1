"""A progress bar for work that takes a while, seen only by people who wait for it."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_S: Final = 1.0
"""How long work may take before it gets a bar."""


class Bar:
    """A bar on stderr that comes after a second and goes when the work is done.

    Where stderr is not a terminal there is none.

    Args:
        total: How many there are to do.
    """

    def __init__(self, total: int) -> None:
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self._total = total
        self._done = 0
        self._what = "runs"
        self._timer = threading.Timer(PATIENCE_S, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Bar:
        """Start to wait."""
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._timer.cancel()
        with self._lock:
            if self._bar is not None:
                self._bar.stop()

    def __call__(self, done: int, total: int, what: str = "runs") -> None:
        """Say how many of how many are done, and what they are or which one is under way."""
        with self._lock:
            self._done, self._total, self._what = done, total, what
            if self._bar is not None:
                (task,) = self._bar.task_ids
                self._bar.update(task, completed=done, total=total, description=what)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        bar = Progress(
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        bar.add_task(self._what, total=self._total, completed=self._done)
        with self._lock:
            if not self._timer.finished.is_set():
                self._bar = bar
                bar.start()
