"""How habit makes people confirm prompts, and that vibration may go unfelt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from testbed.people.prompting import chance_to_confirm
from testbed.scenario import Scenario
from testbed.trace import Acted, Alerted, Noticed
from testbed.world import live

quick = settings(derandomize=True, deadline=None, max_examples=200)
shares = st.floats(0.0, 1.0)


@quick
@given(shares, shares, st.integers(0, 50))
def test_habit_only_ever_raises_the_chance(first: float, per: float, seen: int) -> None:
    """The chance is a share, begins at the first prompt's, and never falls with prompts seen."""
    now, then = (chance_to_confirm(first, per, count) for count in (seen, seen + 1))
    assert chance_to_confirm(first, per, 0) == first
    assert first - 1e-12 <= now <= then + 1e-12 <= 1.0 + 1e-9


@quick
@given(shares, st.integers(0, 50))
def test_without_habituation_nothing_grows(first: float, seen: int) -> None:
    """With a habituation of 0, the default, every prompt is the first."""
    assert chance_to_confirm(first, 0.0, seen) == pytest.approx(first, abs=1e-12)


@quick
@given(shares, shares, st.integers(0, 10), st.integers(0, 10))
def test_prompts_add_up_in_any_portions(first: float, per: float, one: int, more: int) -> None:
    """Habit from some prompts and then from more is habit from all of them."""
    at_once = chance_to_confirm(first, per, one + more)
    assert at_once == pytest.approx(
        chance_to_confirm(chance_to_confirm(first, per, one), per, more), abs=1e-9
    )


LOW = {"missed_bolus": 0.0, "carb_error_cv": 0.6, "never_answered": 0.0, "remote_bolus_use": 0.0}


@pytest.mark.parametrize(
    ("sleep", "key"), [(("05:00", "05:01"), "awake"), (("00:00", "23:59"), "asleep")]
)
def test_who_feels_no_vibration_is_reached_by_sound(
    day: Callable[..., Scenario], sleep: tuple[str, str], key: str
) -> None:
    """Where vibration is never felt, only rings from the second on, which sound, are noticed."""
    behaviour = {
        **LOW,
        "asleep_from": sleep[0],
        "asleep_until": sleep[1],
        f"feels_vibration_{key}": 0.0,
    }
    soft = {"pump__alert_rings": 3, "pump__alert_vibrations": 1, "pump__alert_repeat": "1min"}
    noticed = 0
    for replicate in range(20):
        trace = live(day(behaviour, **soft), replicate, attack=False)
        first_of: dict[int, int] = {}
        for at, ring in trace.of(Alerted):
            first_of.setdefault(ring.cause, at)
        for _, event in trace.of(Noticed):
            assert event.cause not in first_of.values()
            noticed += 1
    assert noticed > 5


def test_a_pump_that_only_vibrates_reaches_nobody_who_feels_nothing(
    day: Callable[..., Scenario],
) -> None:
    """If all rings vibrate and none is felt, no alert is noticed."""
    deaf = {**LOW, "feels_vibration_awake": 0.0, "feels_vibration_asleep": 0.0}
    scenario = day(deaf, pump__alert_rings=3, pump__alert_vibrations=12)
    for replicate in range(5):
        trace = live(scenario, replicate, attack=False)
        assert not list(trace.of(Noticed))


HABIT_DAY = {
    "stay": [{"from": "11:00", "place": "cafe", "until": "22:00"}],
    "pairing": [{"device": "meter", "at": "11:01"}],
    "link__pairing": "just-works",
    "pump__confirm_remote_bolus": True,
    "pump__prompt_timeout": "20min",
    "attacker": {
        "place": "cafe",
        "distance_m": 2.0,
        "step": [
            {"do": "take-part"},
            *[{"do": "remote-bolus", "after": "25min", "units": 0.1}] * 12,
        ],
    },
}


def confirmed(scenario: Scenario) -> tuple[int, int]:
    """Return how many prompts were confirmed in 20 attacked days, of how many answered."""
    answers = [
        event.act
        for replicate in range(20)
        for _, event in live(scenario, replicate, attack=True).of(Acted)
        if event.act.endswith("the prompt")
    ]
    return answers.count("confirm the prompt"), len(answers)


def test_many_prompts_wear_a_person_down(day: Callable[..., Scenario]) -> None:
    """In days with a dozen prompts, habit confirms more of the same prompts, and only habit does.

    Without habituation the share confirmed is that of a first prompt.
    """
    first = {"accept_unexpected_prompt": 0.05, "remote_bolus_use": 0.0, "never_answered": 0.0}
    plain, seen = confirmed(day(first, **HABIT_DAY))
    worn, as_many = confirmed(day({**first, "habituation_per_prompt": 0.3}, **HABIT_DAY))
    assert seen == as_many > 150
    assert stats.binomtest(plain, seen, 0.05).pvalue > 1e-6
    assert worn > 0.4 * as_many


def test_old_prompts_are_forgotten(day: Callable[..., Scenario]) -> None:
    """Prompts that come further apart than habit reaches back are each the first."""
    behaviour = {"remote_bolus_use": 0.0, "prompts_remembered_h": 1.0, "never_answered": 0.0}
    apart = {**HABIT_DAY, "attacker": {**HABIT_DAY["attacker"]}}
    apart["attacker"]["step"] = [
        {"do": "take-part"},
        *[{"do": "remote-bolus", "after": "2h", "units": 0.1}] * 4,
    ]
    quick_hands = {**behaviour, "answered_fast": 0.95}
    one, other = (
        live(day({**quick_hands, "habituation_per_prompt": per}, **apart), 3, attack=True)
        for per in (0.0, 0.5)
    )
    assert one.jsonl() == other.jsonl()
