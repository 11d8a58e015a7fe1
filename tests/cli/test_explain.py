"""``testbed explain``."""

from __future__ import annotations

import json
from pathlib import Path

from testbed.api import load, simulate

from .conftest import Command


def test_story_is_that_of_the_library(testbed: Command, small: Path) -> None:
    """The command prints what ``run.explain()`` says of the same run, in each format."""
    told = simulate(load(small), "remote-bolus-off", 1).explain()
    run = ("explain", "cafe.toml", "--arm", "remote-bolus-off", "--replicate", "1")
    assert testbed(*run).out == told.text()
    assert testbed(*run, "--format", "md").out == told.markdown()
    assert json.loads(testbed(*run, "--format", "json").out) == told.as_json()


def test_twin_is_told_without_the_attacker(testbed: Command, small: Path) -> None:
    """--twin tells the same day as it is when nobody attacks."""
    ended = testbed("explain", "cafe.toml", "--twin")
    assert ended.code == 0
    assert "Nobody attacks in this run." in ended.out
    assert "No attacker is there." in ended.out


def test_story_holds_no_control_characters(testbed: Command, small: Path) -> None:
    """What a hostile file is called and says reaches no terminal as it is."""
    text = small.read_text("utf-8").replace("An hour in a cafe", "An \\u001b[31mhour")
    small.write_text(text, "utf-8")
    assert "\x1b" not in testbed("explain", "cafe.toml").out
