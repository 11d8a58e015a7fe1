"""``testbed check``."""

from __future__ import annotations

from pathlib import Path

from .conftest import Command


def test_good_file_is_ok_with_a_short_summary(testbed: Command, small: Path) -> None:
    """A right file gets one line on stdout that says what is in it, and exit code 0."""
    ended = testbed("check", "cafe.toml")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "cafe.toml: ok (2h, 2 arms of 2 replicates, 2 attack steps, 1 expectation)\n"
    )


def test_bad_file_does_not_hide_the_others(testbed: Command, small: Path) -> None:
    """Of several files each is told about, and one bad one makes the exit code 2."""
    ended = testbed("check", "nothing.toml", "cafe.toml", ".")
    assert ended.code == 2
    assert ended.out.startswith("cafe.toml: ok")
    assert [line.split(":")[0] for line in ended.err.splitlines()] == ["nothing.toml", "."]
