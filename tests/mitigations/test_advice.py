"""What each line of the advice does, and does not do, to runs of the stories that it is about."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

import pytest
from testbed.api import load
from testbed.mitigations import MITIGATIONS, Arm
from testbed.mitigations.arms import Adopted
from testbed.outcomes import measure, units_by_origin
from testbed.outcomes.origins import Origin
from testbed.scenario import Scenario
from testbed.trace import Acted, CommandAccepted, SettingChanged, Trace
from testbed.world import live

FOLDER = Path(__file__).parents[2] / "scenarios"
STORY_OF = {
    "remote-bolus-off": "cafe_pairing",
    "pair-in-private": "cafe_pairing",
    "cancel-unexpected-bolus": "cafe_pairing",
    "keep-devices-under-control": "pump_in_the_locker",
    "attend-to-alerts": "alarm_in_a_bag",
    "monitor-glucose-closely": "measured_for_hours",
    "disconnect-usb": "stick_left_in_the_computer",
    "refuse-unexpected-requests": "asked_again_and_again",
    "keep-serial-private": "number_on_a_photo",
    "refuse-readings-not-started": "a_reading_nobody_made",
    "no-third-party-devices": "steered_by_a_telephone",
    "no-unauthorised-software": "software_from_a_forum",
    "seek-medical-help": "help_is_called",
    "report": "told_to_the_maker",
}
NAMES = sorted(name for name, each in MITIGATIONS.items() if each.bearer == "wearer")
CLOSES = (
    "remote-bolus-off",
    "pair-in-private",
    "keep-devices-under-control",
    "disconnect-usb",
    "refuse-unexpected-requests",
    "keep-serial-private",
    "no-third-party-devices",
    "no-unauthorised-software",
)
"""The advice that keeps an attack out altogether, if it is followed."""


@cache
def story(name: str) -> Scenario:
    """Return the story that a line of advice is about."""
    return load(FOLDER / f"{STORY_OF[name]}.toml")


def followed(name: str, advice: str, adherence: float, replicate: int) -> Scenario:
    """Return a story of one who follows some advice so far."""
    arm = Arm(story(name), [Adopted(MITIGATIONS[advice], adherence)])
    return arm.of(replicate)


@cache
def run(name: str, advice: str, adherence: float, replicate: int, attack: bool) -> Trace:
    """Return a run of a story of one who follows some advice so far."""
    return live(followed(name, advice, adherence, replicate), replicate, attack=attack)


def came_through(trace: Trace) -> bool:
    """Return whether the attacker has had insulin delivered or a setting changed."""
    return units_by_origin(trace)[Origin.ATTACKER] > 0 or any(trace.of(SettingChanged))


def test_every_line_has_a_story() -> None:
    """Each mitigation that wearers carry out has a scenario file of its own, with it as an arm."""
    assert sorted(STORY_OF) == NAMES
    for name in NAMES:
        arms = story(name).study.arms.values()
        named = {each if isinstance(each, str) else each.name for arm in arms for each in arm}
        assert name in named


@pytest.mark.parametrize("name", NAMES)
def test_followed_never_it_is_no_advice_and_always_it_is_the_patch(name: str) -> None:
    """Runs at an adherence of 0 are the baseline's, and at 1 the patched scenario's, to a byte."""
    for attack in (False, True):
        shipped = live(story(name), 1, attack=attack)
        patched = live(MITIGATIONS[name].apply(story(name)), 1, attack=attack)
        assert run(name, name, 0.0, 1, attack).jsonl() == shipped.jsonl()
        assert run(name, name, 1.0, 1, attack).jsonl() == patched.jsonl()


@pytest.mark.parametrize("name", CLOSES)
def test_whom_it_saves_at_times_it_saves_when_followed_more(name: str) -> None:
    """With the same dice who is spared at one adherence is spared at any higher, and all at 1."""
    spared: set[int] = set()
    for adherence in (0.0, 0.35, 0.7, 1.0):
        now = {
            replicate
            for replicate in range(10)
            if not came_through(run(name, name, adherence, replicate, True))
        }
        assert spared <= now
        spared = now
    assert spared == set(range(10))
    assert any(came_through(run(name, name, 0.0, replicate, True)) for replicate in range(10))


@pytest.mark.parametrize("name", ["attend-to-alerts", "cancel-unexpected-bolus"])
def test_the_more_it_is_followed_the_less_goes_in(name: str) -> None:
    """With the same dice an attacker's bolus is never larger for more attention or cancelling."""
    smaller = 0
    for replicate in range(20):
        units = [
            units_by_origin(run(name, name, adherence, replicate, True))[Origin.ATTACKER]
            for adherence in (0.0, 0.35, 0.7, 1.0)
        ]
        assert units == sorted(units, reverse=True)
        smaller += units[-1] < units[0]
    assert smaller > 0


def meals(trace: Trace) -> tuple[list[tuple[int, float]], dict[tuple[int, float], float]]:
    """Return what was eaten at meals, and which of them was dosed for with how much."""
    eaten = {at: (e.t, e.amount) for at, e in trace.of(Acted) if e.act == "eat"}
    doses = {
        eaten[e.cause]: e.amount
        for _, e in trace.of(Acted)
        if e.act.startswith("bolus on the") and e.cause in eaten
    }
    return list(eaten.values()), doses


@pytest.mark.parametrize("name", NAMES)
def test_it_changes_nobody_elses_dice(name: str) -> None:
    """The same meals are eaten, dosed for or forgotten, and misjudged as much, with it and without.

    Where the largest bolus has been lowered, as in some stories, doses are as large as they may.
    """
    for attack in (False, True):
        for replicate in range(3):
            without, with_it = (run(name, name, k, replicate, attack) for k in (0.0, 1.0))
            (eaten, doses), (as_much, others) = meals(without), meals(with_it)
            assert eaten == as_much
            if not any(without.of(SettingChanged)):
                assert doses == others


APART = [
    (story_name, advice)
    for story_name, advice in itertools.product(sorted(STORY_OF), NAMES)
    if not MITIGATIONS[advice].is_against(
        frozenset(step.do for step in story(story_name).attacker.step)  # type: ignore[union-attr]
    )
]


@pytest.mark.parametrize("advice", sorted({advice for _, advice in APART}))
def test_against_another_attack_it_does_nothing(advice: str) -> None:
    """Where no step is one that it is against, the attack goes the same way with it as without.

    To the byte where nobody lives differently for it when nobody attacks; otherwise what the
    attacker achieves is the same.
    """
    for story_name, _ in (each for each in APART if each[1] == advice):
        twins = [run(story_name, advice, k, 2, False).jsonl() for k in (0.0, 1.0)]
        without, with_it = (run(story_name, advice, k, 2, True) for k in (0.0, 1.0))
        if twins[0] == twins[1]:
            assert without.jsonl() == with_it.jsonl()
        assert (
            units_by_origin(without)[Origin.ATTACKER] == units_by_origin(with_it)[Origin.ATTACKER]
        )
        changed = [[event.value for _, event in t.of(SettingChanged)] for t in (without, with_it)]
        assert changed[0] == changed[1]


@pytest.mark.parametrize("advice", [name for name in NAMES if MITIGATIONS[name].unmoved])
def test_what_it_must_not_move_it_does_not(advice: str) -> None:
    """The metrics that it names as unmoved are the same to the last bit in every story."""
    for story_name in sorted(set(STORY_OF)):
        found = []
        for adherence in (0.0, 1.0):
            attacked, twin = (run(story_name, advice, adherence, 2, a) for a in (True, False))
            metrics = measure(attacked, twin)
            found.append({name: metrics[name] for name in MITIGATIONS[advice].unmoved})
        assert found[0] == found[1]


def test_reporting_is_all_that_reporting_changes() -> None:
    """Runs with reports and without are the same but for the reports: the index case gains nothing.

    This is exact: glucose, insulin and every other event are equal.
    """
    reported = 0
    for replicate in range(6):
        silent, told = (run("report", "report", k, replicate, True) for k in (0.0, 1.0))
        others = [(event.t, type(event)) for event in told if not _is_report(event)]
        assert others == [(event.t, type(event)) for event in silent]
        assert (silent.plasma_mgdl == told.plasma_mgdl).all()
        assert (silent.insulin_nU == told.insulin_nU).all()
        reported += sum(_is_report(event) for event in told)
    assert reported > 2


def _is_report(event: object) -> bool:
    return isinstance(event, Acted) and event.act == "report to the maker"


# What it costs ------------------------------------------------------------------------


def test_with_remote_boluses_off_boluses_come_late_or_never() -> None:
    """Boluses refused on the meter are left out or given late as often and as much as stated."""
    behaviour = {
        "missed_bolus": 0.0,
        "remote_bolus_use": 0.8,
        "misses_without_remote": 0.5,
        "delay_without_remote_min": 20.0,
    }
    scenario = story("remote-bolus-off").patched(
        {"patient.behaviour": behaviour, "pairing": [], "pump.remote_bolus": False}
    )
    on_meter = missed = 0
    for replicate in range(15):
        trace = live(scenario, replicate, attack=False)
        eaten = {at: e for at, e in trace.of(Acted) if e.act == "eat"}
        asked = {e.cause for _, e in trace.of(Acted) if e.act == "bolus on the meter"}
        given = {e.cause: e.t for _, e in trace.of(Acted) if e.act == "bolus on the pump"}
        for meal in asked:
            on_meter += 1
            missed += meal not in given
            if meal in given:
                late = (given[meal] - eaten[meal].t) / 60e6
                assert 20.0 <= late < 21.0
    assert on_meter > 20
    assert 0.2 < missed / on_meter < 0.8


@pytest.mark.parametrize(
    ("advice", "mistake", "act", "more"),
    [
        ("cancel-unexpected-bolus", "cancels_own_by_mistake", "cancel the bolus", {}),
        (
            "refuse-unexpected-requests",
            "rejects_own_by_mistake",
            "decline the prompt",
            {"pump.confirm_remote_bolus": True},
        ),
        (
            "refuse-readings-not-started",
            "discards_own_by_mistake",
            "throw the reading away",
            {},
        ),
    ],
)
def test_own_doings_are_taken_for_others_by_who_is_wary(
    advice: str, mistake: str, act: str, more: dict[str, bool]
) -> None:
    """Mistakes about own doings come with following the advice, and more of them the more of it."""
    plain = story("remote-bolus-off").patched({"pairing": [], **more})
    counts = []
    for adherence in (0.0, 0.5, 1.0):
        behaviour = {
            mistake: 0.2,
            "remote_bolus_use": 0.8,
            "missed_bolus": 0.0,
            "cancel_unexpected_bolus": 0.0,
        }
        scenario = plain.patched({"patient.behaviour": behaviour})
        wary = Arm(scenario, [Adopted(MITIGATIONS[advice], adherence)]).of(0)
        acts = [
            sum(event.act == act for _, event in live(wary, replicate, attack=False).of(Acted))
            for replicate in range(25)
        ]
        counts.append(acts)
    assert sum(counts[0]) == 0
    assert all(some <= more for some, more in zip(counts[1], counts[2], strict=True))
    assert 2 < sum(counts[2]) < 30


def test_a_bolus_that_was_declined_is_given_on_the_pump() -> None:
    """Who declines an own prompt by mistake has the dose all the same, a little later."""
    behaviour = {
        "rejects_own_by_mistake": 0.2,
        "refuses_unexpected": 1.0,
        "remote_bolus_use": 0.8,
        "missed_bolus": 0.0,
    }
    scenario = story("remote-bolus-off").patched(
        {"patient.behaviour": behaviour, "pairing": [], "pump.confirm_remote_bolus": True}
    )
    declined = 0
    for replicate in range(25):
        trace = live(scenario, replicate, attack=False)
        declined += sum(e.act == "decline the prompt" for _, e in trace.of(Acted))
        given = [e for _, e in trace.of(CommandAccepted) if e.command == "bolus"]
        assert len(given) == len(meals(trace)[1])
    assert declined > 2


CLUMSY = {
    "remote_bolus_use": 0.8,
    "misses_without_remote": 0.3,
    "delay_without_remote_min": 15.0,
    "cancels_own_by_mistake": 0.2,
    "rejects_own_by_mistake": 0.2,
    "discards_own_by_mistake": 0.2,
    "calculator_at_meals": 0.5,
    "carb_error_cv": 0.5,
}
"""Somebody with whom every precaution costs something."""


@pytest.mark.parametrize("name", NAMES)
def test_when_nobody_attacks_it_moves_only_what_it_says_it_costs(name: str) -> None:
    """Without an attacker every metric that differs with it is one of those of its price."""
    plain = story(name).patched({"pump.confirm_remote_bolus": True})
    for key, value in CLUMSY.items():
        plain = plain.patched({f"patient.behaviour.{key}": value})
    moved: set[str] = set()
    for replicate in range(6):
        twins = [
            live(each, replicate, attack=False) for each in (plain, MITIGATIONS[name].apply(plain))
        ]
        without, with_it = (measure(twin, twin) for twin in twins)
        moved |= {metric for metric in without if without[metric] != with_it[metric]}
    assert sorted(moved - set(MITIGATIONS[name].price)) == []
