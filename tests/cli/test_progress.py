"""The progress bar."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest
from testbed.cli.progress import Bar

SHOWN = (
    "from testbed.cli import progress; progress.PATIENCE_S = {patience}\n"
    "with progress.Bar(8) as bar:\n"
    "    bar._timer.join({wait}); bar(4, 8)\n"
)


def _stderr_of(patience: float, wait: float) -> str:
    """Return what a process with a terminal as its stderr writes there."""
    ours, its = pty.openpty()
    code = SHOWN.format(patience=patience, wait=wait)
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "80"}
    subprocess.run([sys.executable, "-c", code], stderr=its, env=environment, check=True)
    os.close(its)
    written = b""
    try:
        while block := os.read(ours, 65536):
            written += block
    except OSError:  # what reading the end of a terminal that nobody holds is on Linux
        pass
    os.close(ours)
    return written.decode()


def test_long_work_gets_a_bar_that_goes_away() -> None:
    """On a terminal, work that outlasts the patience shows how far it is, and then nothing."""
    written = _stderr_of(patience=0, wait=60)
    assert "4/8" in written
    assert written.endswith("\x1b[2K")


def test_short_work_gets_no_bar() -> None:
    """On a terminal, work that is done in time leaves no trace."""
    assert _stderr_of(patience=60, wait=0) == ""


def test_no_bar_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where stderr is a file or a pipe there is never a bar."""
    with Bar(8) as bar:
        assert not bar._timer.is_alive()
        bar(4, 8)
    assert capsys.readouterr().err == ""
