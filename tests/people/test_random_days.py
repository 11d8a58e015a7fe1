"""Laws that hold on any day, whoever lives it, however they behave, attacked or not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.outcomes import boluses
from testbed.outcomes.origins import check_conservation
from testbed.people import PROFILES
from testbed.people.noticing import is_asleep
from testbed.scenario import Scenario
from testbed.trace import (
    NO_CAUSE,
    Acted,
    Alerted,
    Attacked,
    CommandAccepted,
    FrameSent,
    Linked,
    Moved,
    Noticed,
    Trace,
)
from testbed.units import NANOUNITS_PER_UNIT, US_PER_DAY, US_PER_HOUR, US_PER_MIN, to_nanounits
from testbed.world import live

START = 6 * US_PER_HOUR
laws = settings(derandomize=True, deadline=None, max_examples=40)

SHARES = (
    *("missed_bolus", "late_bolus", "remote_bolus_use", "calculator_at_meals"),
    *("stick_before_meals", "stick_after_suspicion", "correct_highs", "calls_for_help"),
    *("reports", "cancel_unexpected_bolus", "undo_unexpected_command"),
    *("feels_vibration_awake", "feels_vibration_asleep", "habituation_per_prompt"),
)
TOPS = {"missed_bolus": 0.3, "late_bolus": 0.5, "remote_bolus_use": 0.8}
TOPS |= {"habituation_per_prompt": 0.5}


@st.composite
def days(draw: st.DrawFn) -> Scenario:
    """Draw a day: who, how they behave, where they go, what they eat, and perhaps a stranger."""
    behaviour: dict[str, Any] = {
        name: draw(st.sampled_from([0.0, TOPS.get(name, 1.0) / 2, TOPS.get(name, 1.0)]))
        for name in draw(st.lists(st.sampled_from(SHARES), unique=True, max_size=6))
    }
    behaviour["late_by_min"] = draw(st.sampled_from([30.0, 120.0]))
    behaviour["carb_error_cv"] = draw(st.sampled_from([0.0, 0.3, 0.6]))
    hours = sorted(draw(st.sets(st.integers(7, 19), min_size=1, max_size=4)))
    away = draw(st.sampled_from([None, ("08:30", "11:00"), ("11:00", "15:00"), ("19:30", "22:00")]))
    written: dict[str, Any] = {
        "title": "Any day",
        "time": {"start": "06:00", "duration": "26h"},
        "patient": {
            "cohort": "all",
            "profile": draw(st.sampled_from(sorted(PROFILES))),
            "behaviour": behaviour,
        },
        "meal": [{"at": f"{hour:02}:00", "carbs_g": draw(st.integers(10, 90))} for hour in hours],
        "pump": {
            "max_bolus_U": draw(st.sampled_from([2.0, 10.0, 25.0])),
            "bolus_speed": draw(st.sampled_from(["standard", "quick"])),
            "reservoir_U": draw(st.sampled_from([25.0, 300.0])),
            "remote_bolus": draw(st.booleans()),
            "remote_suspend": draw(st.booleans()),
            "confirm_remote_bolus": draw(st.booleans()),
            "max_basal_U_per_h": 10.0,
            "therapy": draw(st.sampled_from(["open-loop", "suspend-on-low", "hybrid-closed-loop"])),
        },
        "study": {"seed": draw(st.integers(0, 10_000)), "arms": {"as-shipped": []}},
    }
    if away is not None:
        written["stay"] = [{"from": away[0], "until": away[1], "place": "cafe"}]
    if draw(st.booleans()):
        written["pairing"] = [{"device": "meter", "at": draw(st.sampled_from(["09:00", "12:00"]))}]
    if draw(st.booleans()):
        sure = {"asleep_from": "22:00", "asleep_until": "05:00"}
        written["care_partner"] = {"never_answered": 0.0, **sure}
    bolus = {"do": "remote-bolus", "after": "30min", "units": draw(st.sampled_from([1.0, 8.0]))}
    written["attacker"] = {
        "place": "cafe",
        "distance_m": 2.0,
        "step": [{"do": draw(st.sampled_from(["overhear-pairing", "replay"]))}, bolus],
    }
    return Scenario.from_written(written, "any-day")


def clock(t: int) -> int:
    """Return the time of the day at a time of the run."""
    return (START + t) % US_PER_DAY


@laws
@given(days(), st.booleans())
def test_insulin_adds_up(day: Scenario, attack: bool) -> None:
    """Units by origin sum to what was delivered, and no more left the reservoirs than they held."""
    trace = live(day, 0, attack=attack)
    check_conservation(trace)
    changed = sum(event.act == "change the reservoir" for _, event in trace.of(Acted))
    filled = to_nanounits(day.pump.reservoir_U) * (1 + changed)
    assert int(trace.insulin_nU.sum()) <= filled


@laws
@given(days(), st.booleans())
def test_no_bolus_outruns_the_motor(day: Scenario, attack: bool) -> None:
    """Of each bolus at most rate times time went in, and at most what was asked for."""
    pump = day.pump
    rate = {"standard": pump.bolus_U_per_min, "quick": pump.quick_bolus_U_per_min}[pump.bolus_speed]
    for bolus in boluses(live(day, 0, attack=attack)):
        lasted = bolus.ended_us - bolus.started_us
        assert bolus.delivered_nU <= rate * NANOUNITS_PER_UNIT * lasted / US_PER_MIN + 1
        assert bolus.delivered_nU <= bolus.requested_nU <= to_nanounits(pump.max_bolus_U)


@laws
@given(days(), st.booleans())
def test_a_pump_obeys_only_devices_that_it_is_linked_with(day: Scenario, attack: bool) -> None:
    """What came over the air and is carried out came after a link with such a device was made."""
    trace = live(day, 0, attack=attack)
    linked = {} if day.pairing else {"meter": NO_CAUSE}
    linked |= {"cgm": NO_CAUSE, "usb": NO_CAUSE}
    for at, event in trace.of(Linked):
        if event.device == "pump":
            linked.setdefault(event.peer, at)
    for at, command in trace.of(CommandAccepted):
        if command.device != "pump":
            continue
        by_air = any(type(each) is FrameSent for each in trace.causes(at))
        if by_air and command.command in ("bolus", "suspend", "resume", "temporary-basal"):
            assert linked.get("meter", len(trace)) < at


def _woken(trace: Trace, position: int, sleep: Any) -> bool:
    """Return whether an act goes back to an alert that rang into sleep."""
    at = position
    while at != NO_CAUSE:
        event = trace.events[at]
        if type(event) is Noticed:
            ring = trace.events[event.cause]
            return type(ring) is Alerted and is_asleep(sleep, clock(ring.t))
        at = event.cause
    return False


@laws
@given(days(), st.booleans())
def test_who_sleeps_or_is_away_does_nothing(day: Scenario, attack: bool) -> None:
    """In their sleep people do only what an alert woke them for; a partner only what is near."""
    trace = live(day, 0, attack=attack)
    places = [(event.t, event.place) for _, event in trace.of(Moved)]
    manners = {"wearer": day.behaviour, "care-partner": day.partner}
    for kind in (Acted, Noticed):
        for at, event in trace.of(kind):
            if event.who == "helper" or type(event) is Attacked:
                continue
            manner = manners[event.who]
            assert manner is not None
            if is_asleep(manner, clock(event.t)):
                assert _woken(trace, at, manner)
            if event.who == "care-partner" and kind is Noticed:
                assert day.partner is not None
                assert any(each.covers(clock(event.t)) for each in day.partner.present)
                assert [place for t, place in places if t <= event.t][-1] in day.partner.places


CHOICES = {
    "answered_fast": (0.3, 0.6),
    "never_answered": (0.0, 0.3),
    "wakes_to_alert": (0.15, 0.55),
    "cancel_unexpected_bolus": (0.0, 1.0),
    "accept_unexpected_prompt": (0.005, 0.5),
    "rescue_carbs_g": (0.0, 30.0),
    "calls_for_help": (0.0, 1.0),
    "stick_before_meals": (0.0, 1.0),
    "correct_highs": (0.0, 1.0),
    "stick_after_suspicion": (0.0, 1.0),
    "reports": (0.0, 1.0),
    "remote_bolus_use": (0.0, 0.8),
}


@pytest.mark.parametrize("choice", CHOICES)
@settings(derandomize=True, deadline=None, max_examples=6)
@given(day=days(), attack=st.booleans())
def test_one_choice_moves_nobody_elses_dice(choice: str, day: Scenario, attack: bool) -> None:
    """Days that differ in one choice share the meals, which are dosed for, and how much for."""
    plain = {"patient.behaviour.calculator_at_meals": 0.0, "pump.reservoir_U": 300.0}
    plain |= {"patient.behaviour.answered_fast": 0.4, "patient.behaviour.never_answered": 0.1}
    meals = []
    for value in CHOICES[choice]:
        changed = day.patched({**plain, f"patient.behaviour.{choice}": value})
        trace = live(changed, 0, attack=attack)
        eaten = {at: (e.t, e.amount) for at, e in trace.of(Acted) if e.act == "eat"}
        doses = {
            (eaten[e.cause], e.amount)
            for _, e in trace.of(Acted)
            if e.act.startswith("bolus on the") and e.cause in eaten
        }
        meals.append((list(eaten.values()), doses))
    assert meals[0] == meals[1]
