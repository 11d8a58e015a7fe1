"""A progress bar for work that takes a while, seen only by people who wait for it."""

from __future__ import annotations

import sys
import threading
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress

    from testbed.report.progress import LogLines

PATIENCE_S: Final = 1.0
"""How long work may take before it gets a bar."""


class ProgressStyle(Enum):
    """How a command shows how far it is, always on stderr."""

    BAR = "bar"
    LOG = "log"
    NONE = "none"


class Bar:
    """A bar on stderr that comes after a second and goes when the work is done.

    Where stderr is not a terminal there is none.  As a log it is a line every ten seconds instead,
    wherever stderr goes.

    Args:
        total: How many there are to do.
        style: What it is.
    """

    def __init__(self, total: int, style: ProgressStyle = ProgressStyle.BAR) -> None:
        self._style = style
        self._log: LogLines | None = None
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self._total = total
        self._done = 0
        self._what = "runs"
        self._timer = threading.Timer(PATIENCE_S, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Bar:
        """Start to wait."""
        if self._style is ProgressStyle.LOG:
            from testbed.report.progress import LogLines

            self._log = LogLines(sys.stderr)
        elif self._style is ProgressStyle.BAR and sys.stderr.isatty():
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
            if self._log is not None:
                self._log(done, total, what)
            if self._bar is not None:
                (task,) = self._bar.task_ids
                self._bar.update(task, completed=done, total=total, description=what)

    @property
    def is_watched(self) -> bool:
        """Whether anybody is told how far it is."""
        terminal = self._style is ProgressStyle.BAR and sys.stderr.isatty()
        return terminal or self._style is ProgressStyle.LOG

    @property
    def done(self) -> int:
        """How many were done when it was last told."""
        return self._done

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TimeRemainingColumn,
        )
        from rich.text import Text

        class _Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text("" if task.speed is None else f"{task.speed:.3g} a second")

        bar = Progress(
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        bar.add_task(self._what, total=self._total, completed=self._done)
        with self._lock:
            if not self._timer.finished.is_set():
                self._bar = bar
                bar.start()
