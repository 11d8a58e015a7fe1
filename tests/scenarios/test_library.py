"""The scenario files as a library: nothing that the public advisories name is without a story."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from testbed.api import load
from testbed.attacks import STEPS
from testbed.mitigations import MITIGATIONS, adopted_by, arms_of
from testbed.scenario import Scenario

FOLDER = Path(__file__).parents[2] / "scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
every_file = pytest.mark.parametrize("name", NAMES)


@cache
def read(name: str) -> Scenario:
    """Return a scenario file."""
    return load(FOLDER / f"{name}.toml")


@cache
def steps(name: str) -> tuple[str, ...]:
    """Return the steps of a file's attack, in order."""
    attacker = read(name).attacker
    return () if attacker is None else tuple(step.do for step in attacker.step)


@cache
def taken(name: str) -> frozenset[str]:
    """Return the mitigations that some arm of a file takes."""
    scenario = read(name)
    arms = (adopted_by(scenario, arm) for arm in arms_of(scenario.study))
    return frozenset(adopted.mitigation.name for arm in arms for adopted in arm)


def in_order(*wanted: str) -> Callable[[str], bool]:
    """Return whether a file's attack has some steps, one after the other."""

    def has(name: str) -> bool:
        rest = iter(steps(name))
        return all(step in rest for step in wanted)

    return has


def therapy(name: str) -> str:
    """Return how the pump of a file sets its basal."""
    return read(name).pump.therapy.name


PATHS: dict[str, tuple[Callable[[str], bool], ...]] = {
    "a: overhear a linking, later a remote bolus": (in_order("overhear-pairing", "remote-bolus"),),
    "b: take part in a linking, in place of a device or between two": (
        in_order("take-part"),
        in_order("stand-between"),
    ),
    "c: link a device with a pump out of its owner's control": (in_order("link-unattended"),),
    "d: an unexpected request that somebody confirms": (in_order("request-link"),),
    "e: a false meter reading that is accepted, dosed on, or calibrated with": (
        lambda name: (
            "false-meter-reading" in steps(name)
            and read(name).patient.behaviour.correct_on_unasked_reading > 0
        ),
        lambda name: (
            "false-meter-reading" in steps(name)
            and read(name).patient.behaviour.calibrate_with_unasked > 0
            and read(name).cgm.calibration != "factory"
        ),
    ),
    "f: false sensor readings, into a suspension on lows and into a closed loop": (
        lambda name: "false-cgm-reading" in steps(name) and therapy(name) == "suspend-on-low",
        lambda name: "false-cgm-reading" in steps(name) and therapy(name) == "hybrid-closed-loop",
    ),
    "g: a recorded command sent again": (in_order("replay"),),
    "h: noise": (in_order("jam"),),
    "i: too little insulin": (in_order("halt-delivery"),),
    "j: software on the computer": (in_order("host-software"),),
    "k: a known serial number": (in_order("known-serial"),),
    "l: another maker's device": (in_order("third-party-device"),),
    "m: prompts until somebody confirms": (in_order("prompt-flooding"),),
    "n: many doses below the largest": (in_order("split-doses"),),
}
PAST = {
    "past_2011_eavesdrop": "HEALTHCOM 2011",
    "past_2016_weak_randomness": "ICSMA-16-279-01",
    "past_2018_replay": "ICSMA-18-219-02",
    "past_2019_no_authentication": "ICSMA-19-178-01",
    "past_2020_controller": "ICSMA-20-079-01",
    "cafe_pairing": "ICSMA-22-263-01",
}
"""Each public report or advisory of a weakness, and the file that stands in for its class."""


@pytest.mark.parametrize("path", PATHS)
def test_every_path_has_its_story(path: str) -> None:
    """Each path of the advisory is gone by some file's attacker, in each of its forms."""
    for has in PATHS[path]:
        assert any(map(has, NAMES))


def test_every_step_is_taken() -> None:
    """Each step of an attack that there is, some file's attacker takes."""
    assert set(STEPS) == {step for name in NAMES for step in steps(name)}


def test_every_precaution_is_tried() -> None:
    """Each line of advice and each of a maker's precautions is in an arm of some file."""
    assert set(MITIGATIONS) == {each for name in NAMES for each in taken(name)}


def test_every_precaution_meets_an_attack_that_it_is_against() -> None:
    """Each is tried in some file on what it is there for, and not as a control only."""
    for mitigation in MITIGATIONS.values():
        assert any(
            mitigation.name in taken(name) and mitigation.is_against(frozenset(steps(name)))
            for name in NAMES
        ), mitigation.name


@pytest.mark.parametrize(("name", "source"), PAST.items(), ids=PAST)
def test_every_past_advisory_has_its_file(name: str, source: str) -> None:
    """A file stands in for each, and names it as its source; past ones name no other advisory."""
    sources = read(name).sources
    assert any(source in each for each in sources)
    assert name == "cafe_pairing" or sum("ICSMA" in each for each in sources) <= 1


@every_file
def test_a_file_says_what_moves_and_what_does_not(name: str) -> None:
    """Each has an expectation that something comes about, and one that something is exactly 0."""
    rows = read(name).expect
    moves = [
        row
        for row in rows
        if (row.at_least is not None and row.at_least > 0)
        or (row.at_most is not None and row.at_most < 0)
    ]
    stays = [row for row in rows if row.at_most == 0 and (row.of == "metric" or row.at_least == 0)]
    assert stays
    assert moves or name == "negative_control"
