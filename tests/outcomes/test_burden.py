"""What living with a system costs, on hand-made runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from testbed.outcomes import Context, measure
from testbed.trace import (
    Acted,
    BolusEnded,
    BolusStarted,
    CommandRefused,
    FrameLost,
    FrameSent,
    Linked,
    Noticed,
    ReadingStored,
    RunStarted,
)
from testbed.units import US_PER_HOUR, US_PER_MIN

if TYPE_CHECKING:
    from tests.outcomes.conftest import Script


def measured(script: Script, name: str, context: Context | None = None) -> float | None:
    """Return one metric of a run that nobody attacked."""
    trace = script.trace()
    return measure(trace, trace, context)[name]


def test_a_prompt_counts_once_however_often_it_rings(script: Script) -> None:
    """A repeated ring has the cause of the first; another prompt has another."""
    first, second = script.sent(script.acted()), script.sent(script.acted())
    for minute, cause in enumerate((first, first, second)):
        script.alert("confirm-remote-bolus", cause, minute)
    script.alert("remote-bolus-started", first)
    assert measured(script, "prompts") == 2.0


def test_only_a_persons_own_refused_commands_are_a_cost(script: Script) -> None:
    """A refusal of the attacker's command is what it is there for."""
    for cause in (script.acted(), script.sent(script.acted()), script.sent(script.attacked())):
        script.add(CommandRefused(0, cause, "pump", "bolus", "feature-off"))
    assert measured(script, "own_refused") == 2.0


def test_a_meal_has_a_bolus_if_one_follows_from_it(script: Script) -> None:
    """Of three meals one has a bolus at once, one late, by the meter, and one none."""
    at_once, late = script.meal(0), script.meal(10)
    script.meal(30)
    script.bolus(script.acted(at_once), minute=0)
    asked = script.acted(late, 20)
    script.bolus(script.sent(asked, 20), minute=22.5)
    assert measured(script, "meals_without_bolus") == 1.0
    assert measured(script, "bolus_delay_min") == 12.5


def test_a_second_bolus_for_a_meal_is_no_delay(script: Script) -> None:
    """The first bolus of a meal counts."""
    meal = script.meal(0)
    script.bolus(script.acted(meal), minute=1)
    script.bolus(script.acted(meal), minute=50)
    assert measured(script, "bolus_delay_min") == 1.0


def test_finger_sticks_are_counted(script: Script) -> None:
    """Each finger-stick is one, whatever it is for."""
    for minute in (1, 2, 3):
        script.add(Acted(minute * US_PER_MIN, -1, "wearer", "finger-stick"))
    script.acted()
    assert measured(script, "finger_sticks") == 3.0


@pytest.mark.parametrize(("whose", "expected"), [("acted", 1.0), ("attacked", 0.0)])
def test_a_false_cancel_is_of_a_bolus_that_was_not_the_attackers(
    script: Script, whose: str, expected: float
) -> None:
    """Cancelling the attacker's bolus is right, cancelling one's own is not."""
    start = script.add(BolusStarted(0, getattr(script, whose)(), 10, "remote"))
    script.add(BolusEnded(0, start, 0, "cancelled"))
    assert measured(script, "false_cancels") == expected


def test_a_low_alert_is_false_where_glucose_is_not_low(script: Script) -> None:
    """The sensor's alert is judged by plasma glucose at its minute."""
    script.alert("low-glucose", script.sent(-1), 10)
    script.alert("low-glucose", script.sent(-1), 40)
    mgdl = np.full(61, 69.0)
    mgdl[:20] = 70.0
    trace = script.trace(mgdl)
    assert measure(trace, trace)["false_alarms"] == 1.0


def test_an_alert_is_no_false_alarm_if_expected_caused_by_an_attack_or_technical(
    script: Script,
) -> None:
    """Only an alert about nothing that was done is false."""
    expected = script.alert("remote-bolus-started", script.acted())
    script.add(Noticed(0, expected, "wearer", "remote-bolus-started", True))
    script.alert("remote-bolus-started", script.sent(script.attacked()))
    script.alert("no-sensor-signal")
    assert measured(script, "false_alarms") == 0.0
    script.alert("unusual-dose", script.acted())
    assert measured(script, "false_alarms") == 1.0


def test_a_waking_is_an_alert_noticed_at_night(script: Script) -> None:
    """What is noticed in bed wakes somebody, what was expected or is noticed by day does not."""
    script.events[0] = RunStarted(0, -1, "adult#001", 22 * US_PER_HOUR, 60, 10.0, 40.0)
    script.noticed(script.bolus(script.acted()), 10)
    script.noticed(script.bolus(script.acted()), 45)
    own = script.alert("confirm-remote-bolus", script.acted(), 50)
    script.add(Noticed(50 * US_PER_MIN, own, "wearer", "confirm-remote-bolus", True))
    at = 22 * US_PER_HOUR + 30 * US_PER_MIN
    assert measured(script, "night_wakings", Context(asleep_from=at)) == 1.0


def test_a_device_without_a_link_counts_from_the_start_to_its_linking(script: Script) -> None:
    """A device is without a link until the pump has it, and all along where it never has."""
    script.add(Linked(15 * US_PER_MIN, -1, "meter", "pump"))
    script.add(Linked(30 * US_PER_MIN, -1, "pump", "meter"))
    script.add(Linked(45 * US_PER_MIN, -1, "pump", "meter"))
    assert measured(script, "unlinked_h", Context(to_link=("meter",))) == 0.5
    assert measured(script, "unlinked_h", Context(to_link=("cgm", "meter"))) == 1.5
    assert measured(script, "unlinked_h") == 0.0


def test_a_sensor_is_silent_from_a_quarter_of_an_hour_on(make_script: type[Script]) -> None:
    """The time counts in which the newest reading of the sensor is older than 15 min."""
    script = make_script(minutes=120)
    for minute in range(0, 60, 5):
        script.add(ReadingStored(minute * US_PER_MIN, -1, "cgm", 120))
    script.add(ReadingStored(90 * US_PER_MIN, -1, "meter", 120))
    # The last one at minute 55 is fresh until 70, of 120.
    assert measured(script, "no_reading_h") == pytest.approx(50 / 60)


def test_an_app_has_nothing_new_where_its_device_does_not_answer(make_script: type[Script]) -> None:
    """Time counts in which the newest answer that arrived is older than three that were due."""
    every = 5 * US_PER_MIN
    script = make_script(minutes=120)
    for minute in (*range(0, 60, 5), 90):
        sent = script.add(FrameSent(minute * US_PER_MIN, -1, "third-party-side", b""))
        if minute == 90:
            script.add(FrameLost(minute * US_PER_MIN, sent, "app", "margin"))
    assert measured(script, "no_app_h", Context(app_asks_every=every)) == pytest.approx(50 / 60)
    assert measured(script, "no_app_h") == 0.0
    nobodys = make_script(minutes=120)
    nobodys.add(FrameSent(0, -1, "app", b""))
    assert measured(nobodys, "no_app_h", Context(app_asks_every=every)) == 2.0
