"""How far work is, in words."""

from __future__ import annotations

import io
import sys
from types import ModuleType, SimpleNamespace

import pytest
from testbed.report.progress import LogLines, NotebookProgress, Pace


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


@pytest.mark.parametrize(
    ("seconds", "done", "line"),
    [
        (5, 40, "40 of 1000 runs, 8 a second, 2 min 0 s left"),
        (5, 1000, "1000 of 1000 runs, 200 a second, 0 s left"),
        (300, 10, "10 of 1000 runs, 0.0333 a second, 8 h 15 min left"),
        (2, 900, "900 of 1000 runs, 450 a second, 0 s left"),
        (10, 500, "500 of 1000 runs, 50 a second, 10 s left"),
    ],
)
def test_rate_and_time_left_follow_from_what_was_done(seconds: int, done: int, line: str) -> None:
    """The rate is work by time, and the time left is what is left by the rate."""
    clock = Clock()
    pace = Pace(clock)
    assert pace.line(0, 1000) == "0 of 1000 runs"
    clock.now += seconds
    assert pace.line(done, 1000) == line


def test_what_was_done_before_is_no_measure_of_the_rate() -> None:
    """Runs that a store has already count as done, and not as done just now."""
    clock = Clock()
    pace = Pace(clock)
    pace.line(800, 1000)
    clock.now += 10
    assert pace.line(900, 1000) == "900 of 1000 runs, 10 a second, 10 s left"


def test_log_has_a_line_now_and_then_and_at_the_end() -> None:
    """There is at most one line each ten seconds, and one when the work is done."""
    clock, stream = Clock(), io.StringIO()
    log = LogLines(stream, 10, clock)
    for done in range(0, 26):
        log(done, 25)
        clock.now += 1
    assert stream.getvalue().splitlines() == [
        "10 of 25 runs, 1 a second, 15 s left",
        "20 of 25 runs, 1 a second, 5 s left",
        "25 of 25 runs, 1 a second, 0 s left",
    ]


def test_notebook_has_one_line_that_follows_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook one output is made, and changed as the work goes on."""
    shown: list[str] = []
    handle = SimpleNamespace(update=lambda line: shown.append(repr(line)))

    def display(line: object, display_id: bool) -> SimpleNamespace:
        assert display_id
        shown.append(repr(line))
        return handle

    module = ModuleType("IPython.display")
    module.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    clock = Clock()
    progress = NotebookProgress(clock)
    for done in range(5):
        progress(done, 4)
        clock.now += 0.25
    assert shown == [
        "0 runs",
        "0 of 4 runs",
        "2 of 4 runs, 4 a second, 0 s left",
        "4 of 4 runs, 4 a second, 0 s left",
    ]


def test_real_ipython_takes_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With IPython itself, outside of a notebook, nothing fails."""
    pytest.importorskip("IPython")
    progress = NotebookProgress(Clock())
    progress(0, 2)
    progress(2, 2)
    assert "runs" in capsys.readouterr().out
