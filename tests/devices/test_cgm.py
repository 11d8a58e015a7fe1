"""Warm-up, missing data and calibration of a sensor, and what a meter tells the pump."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import PumpSettings
from testbed.physiology import patient
from testbed.protocol.payloads import Calibration, MeterReading, Status
from testbed.trace import Alerted, CommandAccepted, CommandRefused, FrameSent, ReadingStored
from testbed.units import US_PER_MIN, US_PER_S

MakeRig = Callable[..., Any]


@pytest.fixture(name="steady")
def _steady(Rig: MakeRig) -> Any:
    """A bench whose patient stays at basal glucose: four hours at the steady basal rate."""
    return Rig(240, basal_U_per_min=patient("adult#001").basal_U_per_min)


def readings(rig: Any) -> dict[int, int]:
    """Return what the pump stored from the sensor, by the minute."""
    return {
        event.t // US_PER_MIN: event.mgdl
        for event in rig.events(ReadingStored)
        if event.source == "cgm"
    }


def calibrations(rig: Any) -> list[str]:
    """Return what became of each calibration: ``accepted``, or why it was refused."""
    return [
        "accepted" if isinstance(event, CommandAccepted) else event.why
        for event in rig.events(CommandAccepted, CommandRefused)
        if event.device == "cgm"
    ]


# Warm-up ------------------------------------------------------------------------------


@pytest.mark.parametrize("after_min", [0, 7, 30, 33])
@pytest.mark.parametrize("warm_up_min", [0, 30, 44])
def test_a_new_sensor_is_silent_until_it_is_warm(
    Rig: MakeRig, after_min: int, warm_up_min: int
) -> None:
    """From insertion until warm no reading is sent, and every one before and after is."""
    rig = Rig(120)
    rig.cgm(new_sensor_after=f"{after_min}min", warm_up_min=warm_up_min)
    rig.finish()
    # A reading that is due at the very moment of the change is the old sensor's or none.
    sent, at_change = set(readings(rig)), {after_min}
    silent = range(after_min + 1, after_min + warm_up_min)
    assert sent - at_change == set(range(5, 120, 5)) - set(silent) - at_change


def test_the_pump_alerts_when_a_warm_up_is_long(Rig: MakeRig) -> None:
    """A warm-up longer than the pump waits for a signal ends in its alert, once."""
    rig = Rig(240)
    rig.cgm(new_sensor_after="20min", warm_up_min=120)
    rig.finish()
    alerts = [event.kind for event in rig.events(Alerted)]
    assert alerts == ["no-sensor-signal"]


def test_a_sensor_is_changed_again_and_again(Rig: MakeRig) -> None:
    """After the first change each sensor lasts as long as stated, and each has to warm up."""
    rig = Rig(200 * 60)
    rig.cgm(new_sensor_after="10h", sensor_lasts="72h", warm_up_min=60)
    rig.finish()
    due = set(range(5, 200 * 60, 5))  # it is linked after the first
    silent = sorted(minute // 60 for minute in due - set(readings(rig)))
    assert set(silent) == {10, 82, 154}
    assert len(silent) >= 3 * 11


def test_a_new_sensor_has_errors_of_its_own(Rig: MakeRig) -> None:
    """A sensor change moves no reading before it, and all dice after it are new."""
    shown = []
    for extra in ({}, {"new_sensor_after": "61min", "warm_up_min": 0}):
        rig = Rig(240)
        rig.cgm("facchinetti-2014", **extra)
        rig.finish()
        shown.append(readings(rig))
    kept, changed = shown
    assert kept.keys() == changed.keys()
    before = [minute for minute in kept if minute < 61]
    after = [minute for minute in kept if minute > 61]
    assert [kept[minute] for minute in before] == [changed[minute] for minute in before]
    assert sum(kept[minute] != changed[minute] for minute in after) > len(after) // 2


# Missing data -------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_missing_readings_are_not_sent_and_move_no_other(Rig: MakeRig, share: float) -> None:
    """Gaps take readings away and leave every other one as it is, to the number it carries."""
    sent = []
    for missing in (0.0, share):
        rig = Rig(24 * 60)
        rig.cgm("breton-kovatchev", missing_share=missing)
        rig.finish()
        sent.append(readings(rig))
    whole, gaps = sent
    assert gaps.items() < whole.items()
    assert len(whole) - len(gaps) > 0


# Calibration --------------------------------------------------------------------------


def test_a_factory_calibrated_sensor_takes_no_calibration(steady: Any) -> None:
    """By default a calibration that verifies is refused, and changes nothing."""
    cgm = steady.cgm()
    assert not cgm.takes_calibrations
    steady.run(31 * US_PER_MIN)
    assert steady.pump.calibration.press(300, -1)
    steady.finish()
    assert calibrations(steady) == ["calibrated in the factory"]
    assert len(set(readings(steady).values())) == 1


def test_there_may_be_no_sensor_to_calibrate(rig: Any) -> None:
    """Without a linked sensor nothing goes out."""
    assert not rig.pump.calibration.press(120, -1)
    assert not rig.events(FrameSent)


@pytest.mark.parametrize("how", ["one-point-gain", "one-point-offset"])
@pytest.mark.parametrize("entered", [60, 100, 240])
def test_a_calibration_makes_the_newest_reading_the_meters(
    steady: Any, how: str, entered: int
) -> None:
    """In steady glucose every reading after a calibration is the value that was entered."""
    steady.cgm(calibration=how)
    steady.run(31 * US_PER_MIN)
    steady.pump.calibration.press(entered, -1)
    steady.finish()
    shown = readings(steady)
    assert calibrations(steady) == ["accepted"]
    assert {shown[minute] for minute in range(35, 240, 5)} == {entered}
    assert {shown[minute] for minute in range(5, 35, 5)} == {round(steady.body.plasma_mgdl.item(0))}


@settings(derandomize=True, deadline=None, max_examples=15)
@given(entered=st.integers(40, 400), how=st.sampled_from(["one-point-gain", "one-point-offset"]))
def test_a_false_calibration_distorts_every_later_reading(
    Rig: MakeRig, entered: int, how: str
) -> None:
    """Later readings are the true ones times one factor, or plus one difference."""
    shown = []
    for value in (None, entered):
        rig = Rig(240)
        rig.cgm(calibration=how)
        rig.body.eat(60, 50)
        rig.run(31 * US_PER_MIN)
        if value is not None:
            rig.pump.calibration.press(value, -1)
        rig.finish()
        shown.append(readings(rig))
    true, distorted = shown
    at = true[30]
    for minute in range(35, 240, 5):
        right = (
            true[minute] * entered / at if how == "one-point-gain" else true[minute] + entered - at
        )
        expected = min(max(right, 39), 600)
        # Both are rounded: half a mg/dL each, times the factor.
        assert abs(distorted[minute] - expected) <= 1.0 + entered / at


def test_a_second_calibration_takes_the_place_of_the_first(rig: Any) -> None:
    """Calibrations do not add up: a true value puts right what a false one distorted."""
    rig.cgm(calibration="one-point-gain")
    rig.run(31 * US_PER_MIN)
    rig.pump.calibration.press(300, -1)
    rig.run(20 * US_PER_MIN)
    true = round(rig.body.interstitial_mgdl.item(50))
    rig.pump.calibration.press(true, -1)
    rig.finish()
    assert abs(readings(rig)[60] - true) <= 1


@pytest.mark.parametrize("entered", [0, 39, 401, 0xFFFF])
def test_a_calibration_out_of_range_is_refused(rig: Any, entered: int) -> None:
    """Values below 40 and above 400 mg/dL are not taken."""
    rig.cgm(calibration="one-point-gain")
    rig.run(31 * US_PER_MIN)
    rig.pump.calibration.press(entered, -1)
    rig.finish()
    assert calibrations(rig) == ["out of range"]


def test_a_cold_sensor_takes_no_calibration_and_a_new_one_has_none(steady: Any) -> None:
    """A new sensor forgets the calibration of the old one, and waits until it is warm."""
    steady.cgm(calibration="one-point-offset", new_sensor_after="40min", warm_up_min=60)
    steady.run(31 * US_PER_MIN)
    steady.pump.calibration.press(300, -1)
    steady.run(30 * US_PER_MIN)
    steady.pump.calibration.press(300, -1)
    steady.finish()
    assert calibrations(steady) == ["accepted", "warming up"]
    shown = readings(steady)
    assert shown[40 - 5] == 300
    assert {shown[minute] for minute in range(100, 240, 5)} == {shown[5]}


def test_a_false_meter_reading_that_is_entered_distorts_the_sensor(steady: Any) -> None:
    """Who holds the meter's key can bend every later reading, if the person enters the value.

    The causes lead from the sensor's calibration back to the frame that the stranger sent.
    """
    menu = steady.pump.calibration
    menu.when_shown(menu.press)
    steady.cgm(calibration="one-point-gain")
    stranger = steady.peer("meter")
    steady.run(31 * US_PER_MIN)
    sent = steady.say(stranger, MeterReading(300))
    steady.finish()
    shown = readings(steady)
    assert {shown[minute] for minute in range(35, 240, 5)} == {300}
    assert shown[30] < 150
    events = steady.recorder.events()
    at = next(n for n, event in enumerate(events) if isinstance(event, CommandAccepted))
    while events[at].cause != -1:
        at = events[at].cause
    assert at == sent


def test_only_the_pump_can_calibrate(rig: Any) -> None:
    """A calibration that verifies on another device's link is refused by the pump it reaches."""
    peer = rig.peer("meter")
    rig.cgm(calibration="one-point-gain")
    rig.say(peer, Calibration(300))
    rig.run(US_PER_S)
    assert [event.command for event in rig.events(CommandRefused)] == ["Calibration"]
    assert not calibrations(rig)


# What a meter tells the pump ----------------------------------------------------------


@pytest.mark.parametrize(("on", "status"), [(True, Status.ACCEPTED), (False, Status.FEATURE_OFF)])
def test_results_reach_the_pump_whether_remote_bolus_is_on_or_off(
    Rig: MakeRig, on: bool, status: Status
) -> None:
    """Switching remote boluses off stops boluses, and no meter result."""
    rig = Rig(pump=PumpSettings(remote_bolus=on))
    meter = rig.meter()
    shown = [meter.finger_stick(-1)]
    rig.run(US_PER_S)
    answers: list[Status] = []
    assert meter.ask_bolus(1.0, -1, lambda answer, _cause: answers.append(answer))
    rig.run(US_PER_S)
    assert [event.mgdl for event in rig.events(ReadingStored)] == shown
    assert answers == [status]


@pytest.mark.parametrize(
    ("key", "bolus_U", "sizes"),
    [("error_sd_mgdl", 9.0, (0.0, 5.0, 10.0)), ("error_sd_share", 0.0, (0.0, 0.05, 0.1))],
)
def test_the_meters_error_has_the_size_it_is_set_to(
    Rig: MakeRig, key: str, bolus_U: float, sizes: tuple[float, ...]
) -> None:
    """Below 100 mg/dL one setting, from there on the other is the size of the same dice."""
    shown, plasma = [], 0.0
    for size in sizes:
        other = {"error_sd_mgdl", "error_sd_share"} - {key}
        rig = Rig(240)
        meter = rig.meter(**{key: size}, **dict.fromkeys(other, 0.0))
        if bolus_U:
            rig.pump.press_bolus(bolus_U, -1)
        rig.run(200 * US_PER_MIN)
        shown.append(meter.finger_stick(-1))
        plasma = rig.body.plasma_mgdl.item(200)
    assert (plasma < 100) == (key == "error_sd_mgdl")
    assert shown[0] == round(plasma)
    assert shown[1] != shown[0]
    assert abs((shown[2] - shown[0]) - 2 * (shown[1] - shown[0])) <= 2  # each is rounded


def test_a_meter_reading_is_on_the_pumps_screen_with_its_cause(rig: Any) -> None:
    """Whoever looks at the pump sees each meter reading that it stores, once."""
    seen: list[tuple[int, int]] = []
    rig.pump.calibration.when_shown(lambda mgdl, cause: seen.append((mgdl, cause)))
    rig.say(rig.peer("meter"), MeterReading(87))
    rig.run(US_PER_S)
    ((mgdl, cause),) = seen
    assert mgdl == 87
    assert rig.recorder.events()[cause] == rig.events(ReadingStored)[0]
