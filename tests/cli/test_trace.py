"""``testbed trace``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from testbed.api import load, simulate

from .conftest import Command

LINE = re.compile(r" *#(\d+)  \d\d:\d\d:\d\d\.\d{3}  (\S+) +\S.*?(?:  \(from #(\d+)\))?")


def test_each_event_is_a_line_with_clock_who_what_and_cause(testbed: Command, small: Path) -> None:
    """A trace is one line an event, in order, and a cause stands above what it led to."""
    ended = testbed("trace", "cafe.toml")
    lines = ended.out.splitlines()
    assert len(lines) == len(simulate(load(small)).trace)
    for position, line in enumerate(lines):
        match = LINE.fullmatch(line)
        assert match is not None, line
        assert int(match[1]) == position
        assert match[3] is None or int(match[3]) < position


def test_frame_shows_length_addresses_and_the_start_of_its_body(
    testbed: Command, small: Path
) -> None:
    """What anybody on the air can read of a frame is shown in hexadecimal."""
    out = testbed("trace", "cafe.toml").out
    assert re.search(r"meter +sends \d+ bytes, [0-9a-f]{8} > [0-9a-f]{8}, .*body [0-9a-f]+", out)


def test_attacker_is_in_the_run_and_not_in_its_twin(testbed: Command, small: Path) -> None:
    """--twin prints the same run without the attacker."""
    assert "attacker" in testbed("trace", "cafe.toml").out
    assert "attacker" not in testbed("trace", "cafe.toml", "--twin").out


def test_arm_and_replicate_are_those_asked_for(testbed: Command, small: Path) -> None:
    """The run printed is that of the arm and replicate, which the library gives as well."""
    out = testbed("trace", "cafe.toml", "--arm", "remote-bolus-off", "--replicate", "3").out
    run = simulate(load(small), "remote-bolus-off", 3)
    assert f"starts: {run.patient}" in out
    assert len(out.splitlines()) == len(run.trace)


def test_jsonl_is_the_trace_itself(testbed: Command, small: Path) -> None:
    """With --format jsonl every line is JSON, and the whole is what the fingerprint is of."""
    out = testbed("trace", "cafe.toml", "--format", "jsonl").out
    assert out.encode() == simulate(load(small)).trace.jsonl()
    assert json.loads(out.splitlines()[-1])["event"] == "series"


@pytest.mark.parametrize("kind", ["chart", "mermaid", "svg"])
def test_chart_is_printed_or_written(testbed: Command, small: Path, kind: str) -> None:
    """A sequence chart goes to stdout, or with --out to a file, the same."""
    out = testbed("trace", "cafe.toml", "--format", kind).out
    assert "overheard" in out
    assert testbed("trace", "cafe.toml", "--format", kind, "--out", "x").out == ""
    assert Path("x").read_text("utf-8") == out


def test_capture_is_written_and_never_sent_to_a_terminal(
    testbed: Command, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frames go to a file or a pipe; a terminal gets a line that says so."""
    assert testbed("trace", "cafe.toml", "--format", "pcapng", "--out", "x.pcapng").code == 0
    assert Path("x.pcapng").read_bytes()[:4] == b"\n\r\r\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    ended = testbed("trace", "cafe.toml", "--format", "pcapng")
    assert (ended.code, ended.out) == (2, "")
    assert "expected a file or a pipe, found a terminal" in ended.err


def test_file_that_cannot_be_written_is_told(testbed: Command, small: Path) -> None:
    """A folder where --out should be is refused with its name, and exit code 2."""
    ended = testbed("trace", "cafe.toml", "--out", ".")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "--out: expected a file to write, found .: is a directory\n"


def test_unknown_arm_is_told_the_nearest(testbed: Command, small: Path) -> None:
    """An arm that the scenario has not is refused with the nearest right name."""
    ended = testbed("trace", "cafe.toml", "--arm", "remote-bolus-of")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        'expected an arm, found "remote-bolus-of", did you mean remote-bolus-off?\n'
    )


def test_reader_that_goes_away_is_no_error(small: Path) -> None:
    """A pipe that is closed early (``| head``) ends the command without a word."""
    code = (
        "import os, sys; reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1);"
        "from testbed.cli import main; sys.argv = ['testbed', 'trace', 'cafe.toml']; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=small.parent,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (141, "")
