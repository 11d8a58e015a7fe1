"""What people do who keep to the advice, or do not: devices in sight, readings, symptoms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy import stats
from testbed.people.noticing import is_asleep
from testbed.scenario import Scenario
from testbed.trace import Acted, Attacked, CommandAccepted, Noticed, Trace
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN
from testbed.world import live

Day = Callable[..., Scenario]
Acts = Callable[..., list[Acted]]

ERROR_RATE = 1e-6
START = 6 * US_PER_HOUR
LEAVE = "leave the pump unattended"
LEFT = {"unattended": [{"device": "pump", "from": "10:00", "until": "10:20"}]}


def run(scenario: Scenario, replicate: int = 0, attack: bool = False) -> Trace:
    """Return one run, as a twin unless told otherwise."""
    return live(scenario, replicate, attack=attack)


# In sight -----------------------------------------------------------------------------


def test_devices_are_kept_in_sight_as_often_as_stated(day: Day, acts: Acts) -> None:
    """Of many times out of sight the stated share does not come about; each of the rest ends."""
    kept = 0
    for replicate in range(50):
        behaviour = {"keeps_devices_in_sight": 0.4}
        trace = run(day(behaviour, meal=[], time__duration="72h", **LEFT), replicate)
        left = [act.t for act in acts(trace, LEAVE)]
        back = [act.t for act in acts(trace, "look after the pump again")]
        assert back == [t + 20 * US_PER_MIN for t in left]
        kept += 3 - len(left)
    assert stats.binomtest(kept, 150, 0.4).pvalue > ERROR_RATE


def test_who_keeps_it_in_sight_at_times_keeps_it_then_when_at_more(day: Day, acts: Acts) -> None:
    """The times out of sight at a higher share are among those at a lower one."""
    before: set[tuple[int, int]] | None = None
    for share in (0.0, 0.3, 0.6, 1.0):
        now = {
            (replicate, act.t)
            for replicate in range(10)
            for act in acts(
                run(day({"keeps_devices_in_sight": share}, meal=[], **LEFT), replicate), LEAVE
            )
        }
        assert before is None or now <= before
        before = now
    assert before == set()


# Readings of nobody's asking ----------------------------------------------------------

FALSE: dict[str, Any] = {
    "stay": [{"from": "11:00", "place": "cafe", "until": "16:00"}],
    "pairing": [{"device": "meter", "at": "12:00"}],
    "attacker": {
        "place": "cafe",
        "distance_m": 2.0,
        "step": [
            {"do": "overhear-pairing"},
            {"do": "false-meter-reading", "after": "2h", "mgdl": 400},
        ],
    },
}
SEEN = {"never_answered": 0.0, "answered_fast": 0.95, "remote_bolus_use": 0.0}


def fooled(day: Day, replicate: int, mgdl: int = 400, **behaviour: Any) -> Trace:
    """Return an attacked day with a false reading."""
    steps = [{"do": "overhear-pairing"}, {**FALSE["attacker"]["step"][1], "mgdl": mgdl}]
    story = {**FALSE, "attacker": {**FALSE["attacker"], "step": steps}}
    return run(day({**SEEN, **behaviour}, **story), replicate, attack=True)


def test_some_dose_on_a_reading_of_nobodys_asking(day: Day, acts: Acts) -> None:
    """Of many false highs the stated share leads to a correction, caused by seeing the reading."""
    corrected = seen = 0
    for replicate in range(60):
        trace = fooled(day, replicate, correct_on_unasked_reading=0.5)
        looks = [event for _, event in trace.of(Noticed) if event.kind == "unasked-reading"]
        for act in acts(trace, "correct a high"):
            cause = trace.events[act.cause]
            assert isinstance(cause, Noticed)
            assert cause.kind == "unasked-reading"
            assert act.amount > 0.0
            corrected += 1
        seen += len(looks)
    assert seen > 50
    assert stats.binomtest(corrected, seen, 0.5).pvalue > ERROR_RATE


def test_the_correction_is_for_the_reading_however_late_it_is_seen(day: Day, acts: Acts) -> None:
    """What is dosed is for the false value, which no fresh reading of the sensor's takes away."""
    for replicate in range(5):
        low, high = (
            [
                act.amount
                for act in acts(
                    fooled(day, replicate, mgdl, correct_on_unasked_reading=1.0), "correct a high"
                )
            ]
            for mgdl in (300, 400)
        )
        assert sum(high) > sum(low)


def test_a_false_low_is_treated(day: Day, acts: Acts) -> None:
    """A reading of 40 mg/dL that is taken for true is followed by carbohydrate."""
    treated = 0
    for replicate in range(10):
        trace = fooled(day, replicate, 40, correct_on_unasked_reading=1.0)
        for act in acts(trace, "treat a low"):
            cause = trace.events[act.cause]
            treated += isinstance(cause, Noticed) and cause.kind == "unasked-reading"
    assert treated >= 8


def test_a_reading_that_is_not_taken_for_true_is_thrown_away(day: Day, acts: Acts) -> None:
    """Who accepts none doses on none, calibrates with none, and measures for themselves."""
    thrown = sticks = 0
    for replicate in range(10):
        trace = fooled(
            day,
            replicate,
            accept_unasked_reading=0.0,
            correct_on_unasked_reading=1.0,
            calibrate_with_unasked=0.5,
            stick_after_suspicion=1.0,
            sticks_per_suspicion=2,
        )
        assert not acts(trace, "correct a high", "calibrate the sensor")
        thrown += len(acts(trace, "throw the reading away"))
        sticks += len(acts(trace, "finger-stick"))
    assert thrown >= 8
    assert sticks == 2 * thrown


def test_the_calculator_goes_by_a_false_reading_until_it_is_thrown_away(
    day: Day, acts: Acts
) -> None:
    """A meal's dose is larger after a false high, and is not once the reading is gone."""
    meal = [{"at": "14:10", "carbs_g": 50}]
    by_calculator = {"calculator_at_meals": 1.0, "missed_bolus": 0.0, "carb_error_cv": 0.0}
    story = {
        **FALSE,
        "meal": meal,
        "attacker": {
            **FALSE["attacker"],
            "step": [
                {"do": "overhear-pairing"},
                {"do": "false-meter-reading", "after": "123min", "mgdl": 400},
            ],
        },
    }
    larger = alike = 0
    for replicate in range(8):
        doses = []
        for accept, attack in ((1.0, False), (1.0, True), (0.0, True)):
            behaviour = {
                **SEEN,
                **by_calculator,
                "accept_unasked_reading": accept,
                "correct_on_unasked_reading": 0.0,
            }
            trace = run(day(behaviour, **story), replicate, attack=attack)
            doses.append([act.amount for act in acts(trace, "bolus on the pump")])
        plain, believed, refused = doses
        larger += sum(believed) > sum(plain)
        alike += refused == plain
    assert larger >= 7
    assert alike >= 3


def test_nobody_sees_a_reading_asleep(day: Day) -> None:
    """What comes, or would be seen, in sleep is not seen at all."""
    night = {"asleep_from": "14:00", "asleep_until": "05:00", "answered_fast": 0.2}
    for replicate in range(10):
        scenario = day({**SEEN, **night}, **FALSE)
        for _, event in run(scenario, replicate, attack=True).of(Noticed):
            if event.kind == "unasked-reading":
                assert not is_asleep(scenario.behaviour, (START + event.t) % US_PER_DAY)


# After a suspicion --------------------------------------------------------------------


def test_highs_found_after_a_suspicion_are_corrected(day: Day, acts: Acts) -> None:
    """Who corrects only after something suspicious corrects what those finger-sticks show."""
    behaviour = {
        "accept_unasked_reading": 0.0,
        "stick_after_suspicion": 1.0,
        "high_mgdl": 150.0,
        "missed_bolus": 0.3,
    }
    with_it = 0
    for replicate in range(15):
        never, always = (
            fooled(day, replicate, correct_after_suspicion=share, **behaviour)
            for share in (0.0, 1.0)
        )
        assert not acts(never, "correct a high")
        for act in acts(always, "correct a high"):
            assert isinstance(always.events[act.cause], Noticed)
            with_it += 1
    assert with_it > 5


# Symptoms -----------------------------------------------------------------------------

DEEP: dict[str, Any] = {
    "stay": [{"from": "11:00", "place": "cafe", "until": "14:00"}],
    "pairing": [{"device": "meter", "at": "12:00"}],
    "attacker": {
        "place": "cafe",
        "distance_m": 2.0,
        "step": [
            {"do": "overhear-pairing"},
            {"do": "remote-bolus", "after": "50min", "units": 15.0},
        ],
    },
}


def test_help_is_called_at_symptoms_whatever_the_devices_say(day: Day, acts: Acts) -> None:
    """Each call follows a low that was felt, once a low, awake, and help comes in time."""
    called = 0
    for replicate in range(12):
        behaviour = {"calls_at_symptoms": 1.0, "never_answered": 0.5, "answered_fast": 0.2}
        scenario = day({**behaviour, "cancel_unexpected_bolus": 0.0}, **DEEP)
        trace = run(scenario, replicate, attack=True)
        felt = acts(trace, "feel a low")
        calls = acts(trace, "call for help")
        assert len(felt) == len(calls)
        for act in felt:
            assert act.amount < 50.0
            assert act.amount == trace.plasma_mgdl[act.t // US_PER_MIN]
            assert not is_asleep(scenario.behaviour, (START + act.t) % US_PER_DAY)
        given = [e.t for e in acts(trace, "treat a low") if e.who == "helper"]
        due = [call.t + 15 * US_PER_MIN for call in calls]
        assert given == [t for t in due if t < US_PER_DAY]
        called += len(calls)
    assert called > 3


def test_to_heed_symptoms_changes_no_number_of_the_body(day: Day, acts: Acts) -> None:
    """Who heeds symptoms and has none lives the same day as who does not."""
    fine = {"missed_bolus": 0.0, "carb_error_cv": 0.0}
    one, other = (run(day({**fine, "calls_at_symptoms": share})) for share in (0.0, 1.0))
    assert not acts(other, "feel a low")
    assert one.jsonl() == other.jsonl()
    assert (one.plasma_mgdl == other.plasma_mgdl).all()


# The computer, other makers' devices, serial numbers ----------------------------------

HOST: dict[str, Any] = {
    "pump__remote_settings": True,
    "usb__plugged_for": "24h",
    "attacker": {
        "place": "home",
        "distance_m": 2.0,
        "capabilities": ["host"],
        "step": [{"do": "host-software", "max_bolus_U": 1.0}],
    },
}


@pytest.mark.parametrize(
    ("behaviour", "story"),
    [
        ("runs_unauthorised_software", HOST),
        (
            "uses_third_party_device",
            {
                "third_party__linked": True,
                "attacker": {
                    "place": "home",
                    "distance_m": 2.0,
                    "step": [{"do": "third-party-device"}],
                },
            },
        ),
        (
            "shares_serials",
            {"attacker": {"place": "home", "distance_m": 2.0, "step": [{"do": "known-serial"}]}},
        ),
    ],
)
def test_an_attack_needs_those_who_let_it(day: Day, behaviour: str, story: dict[str, Any]) -> None:
    """For the stated share of people the first gate is open, and for the same ones at a higher."""
    before: set[int] = set()
    for share in (0.0, 0.4, 1.0):
        open_to = set()
        for replicate in range(40):
            scenario = day({behaviour: share}, time__duration="2h", meal=[], **story)
            gates = [e for _, e in run(scenario, replicate, attack=True).of(Attacked)]
            if gates and gates[0].passed:
                open_to.add(replicate)
        assert before <= open_to
        if 0.0 < share < 1.0:
            assert stats.binomtest(len(open_to), 40, share).pvalue > ERROR_RATE
        else:
            assert len(open_to) == 40 * share
        before = open_to


def test_settings_are_not_changed_by_software_that_does_not_run(day: Day) -> None:
    """Where only the maker's software runs, downloads go on and nothing else is sent."""
    trace = run(day({"runs_unauthorised_software": 0.0}, **HOST), attack=True)
    assert not [e for _, e in trace.of(CommandAccepted) if e.command == "setting"]
    plain = run(day({"runs_unauthorised_software": 0.0}, **{**HOST, "attacker": None}))
    assert [e for e in trace if type(e) is not Attacked] == list(plain)
