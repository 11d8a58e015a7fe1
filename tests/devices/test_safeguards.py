"""What a maker may build in against commands and readings that verify: each by its own rule."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import (
    BOLUS_HELD,
    CONFIRM_BOLUS,
    CONFIRM_COMMAND,
    OVER_CAP,
    PROMPTS_LOCKED,
    REMOTE_BOLUS,
    RESUMED,
    REVIEW_LINKS,
    STILL_STOPPED,
    PumpSettings,
)
from testbed.devices.safeguards.habit import Habit, strangeness
from testbed.devices.setup import Ratios, Setup
from testbed.physiology.insulin_on_board import InsulinAction
from testbed.protocol.payloads import (
    BasalUnit,
    BolusReply,
    BolusRequest,
    CgmReading,
    CommandReply,
    MeterReading,
    Payload,
    Setting,
    SettingRequest,
    Status,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.radio import Position
from testbed.trace import BolusHeld, BolusStarted, CommandRefused, Doubted
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_S

quick = settings(derandomize=True, deadline=None, max_examples=60)

MakeRig = Callable[..., Any]

U = 1_000_000_000


def settings_of(**changes: Any) -> PumpSettings:
    """Return settings of a pump."""
    return PumpSettings.model_validate(changes)


class Talker:
    """A linked meter or USB link that says things to a rig's pump, and keeps the answers."""

    def __init__(self, rig: Any, kind: str = "meter") -> None:
        self._rig = rig
        self.answers: list[Status] = []
        self._number = 0

        def keep(_link: Any, reply: Any, _cause: int) -> None:
            self.answers.append(Status(reply.status))

        self.peer = rig.peer(kind, {("pump", BolusReply): keep, ("pump", CommandReply): keep})

    def say(self, make: Callable[[int], Payload]) -> Status | None:
        """Say something with a fresh number; return the answer within a second, if any."""
        self._number += 1
        self.answers.clear()
        self._rig.say(self.peer, make(self._number))
        self._rig.run(US_PER_S)
        return self.answers[0] if self.answers else None

    def answer(self, confirm: bool) -> list[Status]:
        """Have the prompt on the pump's screen answered; return what is heard of it."""
        self.answers.clear()
        self._rig.pump.press_answer(confirm)
        self._rig.run(US_PER_S)
        return self.answers

    def bolus(self, units: float) -> Status | None:
        """Ask for a bolus."""
        return self.say(lambda number: BolusRequest(round(units * 1000), number))


def sense(rig: Any, mgdl: int) -> None:
    """Have the sensor say something."""
    if not hasattr(rig, "sensor"):
        rig.sensor = rig.peer("cgm")
    rig.say(rig.sensor, CgmReading(mgdl, 1))
    rig.run(US_PER_S)


def kinds(rig: Any) -> list[str]:
    """Return the alerts that rang."""
    return [kind for _, kind in rig.alerts]


# Caps ---------------------------------------------------------------------------------


def test_what_is_over_a_cap_is_refused_and_alerted(Rig: MakeRig) -> None:
    """A bolus over the air beyond its cap is refused as such and rings; buttons may go on."""
    rig = Rig(pump=settings_of(caps={"on": True, "remote_single_U": 2, "single_U": 4}))
    meter = Talker(rig)
    assert meter.bolus(2.001) is Status.OVER_CAP
    assert kinds(rig) == [OVER_CAP]
    assert rig.pump.press_bolus(2.001, -1) is Status.ACCEPTED
    rig.run(5 * US_PER_MIN)
    assert rig.pump.press_bolus(4.05, -1) is Status.OVER_CAP
    assert rig.pump.largest_bolus_U == 4.0
    assert kinds(rig) == [OVER_CAP]


def test_a_window_gives_back_what_has_left_it(Rig: MakeRig) -> None:
    """What began two hours ago counts no more, what began a microsecond later does."""
    rig = Rig(minutes=300, pump=settings_of(caps={"on": True, "in_2h_U": 5.0}))
    assert rig.pump.press_bolus(3.0, -1) is Status.ACCEPTED
    rig.run(30 * US_PER_MIN)
    assert rig.pump.bolus_left_U == 2.0
    assert rig.pump.press_bolus(2.05, -1) is Status.OVER_CAP
    assert rig.pump.press_bolus(2.0, -1) is Status.ACCEPTED
    rig.run(2 * US_PER_HOUR - 30 * US_PER_MIN - 1)
    assert rig.pump.bolus_left_U == 0.0
    rig.run(1)
    assert rig.pump.bolus_left_U == 3.0


def test_what_was_cancelled_counts_as_far_as_it_went_in(Rig: MakeRig) -> None:
    """A bolus that is stopped part-way leaves the rest of it to the window."""
    rig = Rig(pump=settings_of(caps={"on": True, "in_2h_U": 5.0}))
    rig.pump.press_bolus(4.5, -1)
    rig.run(US_PER_MIN)
    rig.pump.press_cancel(-1)
    assert rig.pump.bolus_left_U == 3.5


@pytest.mark.parametrize(
    "setting", [Setting.MAX_BOLUS_MILLIUNITS, Setting.MAX_BASAL_MILLIUNITS_PER_H]
)
def test_no_command_raises_a_limit(Rig: MakeRig, setting: Setting) -> None:
    """With caps on a limit can be lowered over the air and not raised, not even back again."""
    rig = Rig(pump=settings_of(caps={"on": True}, remote_settings=True))
    usb = Talker(rig, "usb")
    rig.medium.place(usb.peer, Position("home", 0.3))
    lower = usb.say(lambda number: SettingRequest(setting, 1500, number))
    higher = usb.say(lambda number: SettingRequest(setting, 1501, number))
    assert (lower, higher) == (Status.ACCEPTED, Status.OVER_CAP)
    assert usb.say(lambda n: SettingRequest(Setting.LOW_ALERT_MGDL, 80, n)) is Status.ACCEPTED


def test_only_buttons_change_a_cap(Rig: MakeRig) -> None:
    """The pump's menu sets a cap within its range, and the caps go by it at once."""
    rig = Rig(pump=settings_of(caps={"on": True}))
    meter = Talker(rig)
    assert meter.bolus(6.0) is Status.OVER_CAP
    assert not rig.pump.menu.press_cap("remote_single_U", 26.0)
    assert rig.pump.menu.press_cap("remote_single_U", 6.0)
    assert meter.bolus(6.0) is Status.ACCEPTED


# Foresight ----------------------------------------------------------------------------


@quick
@given(st.integers(40, 300), st.floats(0.1, 10.0), st.floats(0.0, 9.9), st.integers(1, 300))
def test_the_predicted_low_is_the_stated_formula(
    Rig: MakeRig, mgdl: int, dose: float, before: float, minutes: int
) -> None:
    """A dose is refused just where glucose - CF (on board + dose - meal/CR) is below the limit."""
    rules = {"refuses_predicted_low": True, "largest_meal_g": 60.0}
    rig = Rig(minutes=400, pump=settings_of(foresight=rules))
    if before >= 0.05:
        rig.pump.press_bolus(before, -1)
    rig.run(10 * US_PER_MIN + minutes * US_PER_MIN)
    sense(rig, mgdl)
    milliunits = round(dose * 1000)
    given_nU = int(rig.drive.insulin_nU.sum())
    on_board = given_nU / U * float(InsulinAction(360, 75).remaining(rig.env.now / US_PER_MIN))
    eventual = mgdl - 40.0 * (on_board + milliunits / 1000 - 60.0 / 10.0)
    if abs(eventual - 70.0) > 0.01:  # the request takes a moment to arrive
        expected = Status.LOW_PREDICTED if eventual < 70.0 else Status.ACCEPTED
        assert Talker(rig).bolus(milliunits / 1000) is expected


def test_without_a_fresh_reading_nothing_is_predicted(Rig: MakeRig) -> None:
    """The pump predicts from a sensor reading of the last 15 minutes, and otherwise not at all."""
    rules = {"refuses_predicted_low": True, "largest_meal_g": 0.0}
    rig = Rig(pump=settings_of(foresight=rules))
    meter = Talker(rig)
    sense(rig, 100)
    assert meter.bolus(5.0) is Status.LOW_PREDICTED
    rig.run(15 * US_PER_MIN)
    assert meter.bolus(5.0) is Status.ACCEPTED


def test_insulin_on_board_limits_what_is_added(Rig: MakeRig) -> None:
    """What is on board and what is asked for stay below the limit together, over the air only."""
    rig = Rig(pump=settings_of(foresight={"limits_on_board": True, "most_on_board_U": 6.0}))
    rig.pump.press_bolus(4.0, -1)
    rig.run(10 * US_PER_MIN)
    meter = Talker(rig)
    assert meter.bolus(3.0) is Status.TOO_MUCH_ON_BOARD
    assert meter.bolus(1.5) is Status.ACCEPTED
    rig.run(5 * US_PER_MIN)
    assert rig.pump.press_bolus(4.0, -1) is Status.ACCEPTED


# Holding ------------------------------------------------------------------------------


def test_a_held_bolus_starts_when_its_time_is_up(Rig: MakeRig) -> None:
    """It is answered and rings at once, flows after the wait and not before, and rings again."""
    rig = Rig(pump=settings_of(hold_remote_bolus_for="90s"))
    meter = Talker(rig)
    assert meter.bolus(3.0) is Status.ACCEPTED
    (held,) = rig.events(BolusHeld)
    assert rig.pump.held_bolus_until == held.until == held.t + 90 * US_PER_S
    assert kinds(rig) == [BOLUS_HELD]
    rig.finish()
    (started,) = rig.events(BolusStarted)
    assert started.t == held.until
    assert kinds(rig)[:2] == [BOLUS_HELD, REMOTE_BOLUS]
    assert int(rig.drive.insulin_nU.sum()) == 3 * U


def test_a_held_bolus_can_be_cancelled_unstarted(Rig: MakeRig) -> None:
    """Cancelled while it waits, it delivers exactly nothing, and is written down as refused."""
    rig = Rig(pump=settings_of(hold_remote_bolus_for="90s"))
    Talker(rig).bolus(3.0)
    rig.run(80 * US_PER_S)
    rig.pump.press_cancel(-1)
    assert rig.pump.held_bolus_until is None
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == 0
    assert [event.why for event in rig.events(CommandRefused)] == ["cancelled"]


@pytest.mark.parametrize("how", ["unlinked", "suspended", "another"])
def test_what_ends_a_wait(Rig: MakeRig, how: str) -> None:
    """Unlinking drops a held bolus, a suspension refuses it, and a second one is refused."""
    rig = Rig(pump=settings_of(hold_remote_bolus_for="90s"))
    meter = Talker(rig)
    meter.bolus(3.0)
    if how == "unlinked":
        assert rig.pump.press_unlink(meter.peer.address)
    elif how == "suspended":
        rig.pump.press_suspend(-1)
    else:
        assert meter.bolus(1.0) is Status.BUSY
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == (3 * U if how == "another" else 0)


@quick
@given(
    st.floats(0.1, 10.0),
    st.sampled_from([0.5, 1.5, 15.0]),
    st.integers(0, 400),
    st.sampled_from([0, 90, 300]),
)
def test_the_cancel_race_has_its_closed_form(
    Rig: MakeRig, dose: float, rate: float, latency_s: int, hold_s: int
) -> None:
    """Cancelled after a time, a bolus has delivered min(dose, rate x (time - hold)), exactly."""
    rig = Rig(pump=settings_of(bolus_U_per_min=rate, hold_remote_bolus_for=f"{hold_s}s"))
    meter = Talker(rig)
    milliunits = round(dose * 1000)
    heard: list[int] = []
    rig.pump.when_alerting(lambda _kind, _at: heard.append(rig.env.now))
    rig.say(meter.peer, BolusRequest(milliunits, 1))
    while not heard:
        rig.run(1)
    rig.env.run_to(heard[0] + latency_s * US_PER_S)
    rig.pump.press_cancel(-1)
    flowing_us = max(0, latency_s - hold_s) * US_PER_S
    expected = min(milliunits * U // 1000, round(rate * U) * flowing_us // US_PER_MIN)
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == expected


def test_what_was_confirmed_on_the_pump_is_not_held(Rig: MakeRig) -> None:
    """A bolus that somebody has confirmed starts at once."""
    pump = settings_of(hold_remote_bolus_for="90s", confirm_remote_bolus=True)
    rig = Rig(pump=pump)
    Talker(rig).bolus(1.0)
    rig.pump.press_answer(True)
    assert rig.pump.bolus_on_screen == "meter"
    assert not rig.events(BolusHeld)


# Prompts ------------------------------------------------------------------------------


def test_commands_are_confirmed_like_boluses(Rig: MakeRig) -> None:
    """Where the pump asks about commands, a suspension waits for the yes, and a no refuses it."""
    rig = Rig(pump=settings_of(confirm_remote_commands=True, remote_suspend=True))
    meter = Talker(rig)
    for yes in (False, True):
        assert meter.say(SuspendRequest) is None
        assert rig.pump.prompt_on_screen == 0.0
        assert not rig.pump.suspended
        assert meter.answer(yes) == [Status.ACCEPTED if yes else Status.NOT_CONFIRMED]
    assert rig.pump.suspended
    assert kinds(rig)[0] == CONFIRM_COMMAND


def test_prompts_are_limited_and_locked(Rig: MakeRig) -> None:
    """After two prompts in vain none is shown for the time of the lock, and then again."""
    limits = {"limited": True, "lock_after": 2, "lock_for": "10min", "at_most": 20}
    rig = Rig(pump=settings_of(confirm_remote_bolus=True, prompts=limits))
    meter = Talker(rig)
    for _ in range(2):
        assert meter.bolus(1.0) is None
        meter.answer(False)
    assert kinds(rig) == [CONFIRM_BOLUS, CONFIRM_BOLUS, PROMPTS_LOCKED]
    assert meter.bolus(1.0) is Status.LOCKED_OUT
    rig.run(10 * US_PER_MIN)
    assert meter.bolus(1.0) is None
    meter.answer(False)
    assert meter.bolus(1.0) is None
    meter.answer(True)
    rig.run(US_PER_MIN)
    assert meter.bolus(1.0) is None  # a yes has begun the count anew
    meter.answer(False)
    assert meter.bolus(1.0) is None


@quick
@given(st.lists(st.integers(1, 30), min_size=1, max_size=30), st.integers(1, 4))
def test_no_window_holds_more_prompts_than_allowed(
    Rig: MakeRig, gaps_min: list[int], at_most: int
) -> None:
    """Whenever requests come, no hour has more prompts than the limit."""
    limits = {"limited": True, "at_most": at_most, "lock_after": 20}
    rig = Rig(minutes=1000, pump=settings_of(confirm_remote_bolus=True, prompts=limits))
    meter = Talker(rig)
    for gap in gaps_min:
        meter.bolus(1.0)
        meter.answer(True)
        rig.run(gap * US_PER_MIN)
    shown = [at for at, kind in rig.alerts if kind == CONFIRM_BOLUS]
    assert all(sum(0 <= at - first < US_PER_HOUR for at in shown) <= at_most for first in shown)
    assert shown


# The watchdog -------------------------------------------------------------------------

DOG = {"on": True, "rings_after": "10min", "resumes_after": "30min", "refuses_for": "1h"}


def test_a_remote_stop_rings_again_and_ends(Rig: MakeRig) -> None:
    """Acknowledged or not it rings every ten minutes, ends after thirty, and is refused then."""
    rig = Rig(
        minutes=200, pump=settings_of(remote_suspend=True, watchdog=DOG), basal_U_per_min=0.02
    )
    meter = Talker(rig)
    assert meter.say(SuspendRequest) is Status.ACCEPTED
    start = rig.env.now
    rig.run(40 * US_PER_MIN)
    assert not rig.pump.suspended
    rings = [round((at - start) / US_PER_MIN) for at, kind in rig.alerts if kind == STILL_STOPPED]
    assert rings == [10, 20]
    assert kinds(rig)[-1] == RESUMED
    assert meter.say(SuspendRequest) is Status.LOCKED_OUT
    assert rig.pump.press_suspend(-1) is Status.ACCEPTED
    rig.run(50 * US_PER_MIN)
    assert rig.pump.suspended  # what was pressed on the pump stays
    rig.pump.press_resume(-1)
    assert meter.say(SuspendRequest) is Status.ACCEPTED


@pytest.mark.parametrize(("percent", "ends"), [(0, True), (49, True), (50, False), (150, False)])
def test_a_low_basal_is_a_stop(Rig: MakeRig, percent: int, ends: bool) -> None:
    """A temporary basal over the air below half of the programme's ends by itself, no other."""
    rig = Rig(
        minutes=200, pump=settings_of(remote_temp_basal=True, watchdog=DOG), basal_U_per_min=0.02
    )
    Talker(rig).say(lambda n: TemporaryBasalRequest(BasalUnit.PERCENT, percent, 120, n))
    rig.run(31 * US_PER_MIN)
    assert (rig.pump.temporary_basal_until is None) == ends


def test_a_stop_that_replaces_another_wins_no_time(Rig: MakeRig) -> None:
    """A low basal that is set anew every ten minutes ends when the first would have."""
    rig = Rig(
        minutes=200, pump=settings_of(remote_temp_basal=True, watchdog=DOG), basal_U_per_min=0.02
    )
    meter = Talker(rig)
    for _ in range(3):
        meter.say(lambda n: TemporaryBasalRequest(BasalUnit.PERCENT, 0, 60, n))
        rig.run(10 * US_PER_MIN - US_PER_S)
    rig.run(US_PER_S)
    assert rig.pump.temporary_basal_until is None
    assert (
        meter.say(lambda n: TemporaryBasalRequest(BasalUnit.PERCENT, 0, 60, n)) is Status.LOCKED_OUT
    )


def test_a_stop_that_is_over_rings_no_more(Rig: MakeRig) -> None:
    """What lapsed by itself or was undone on the pump rings no more, and nothing is ended."""
    rig = Rig(
        minutes=200,
        pump=settings_of(remote_temp_basal=True, remote_suspend=True, watchdog=DOG),
        basal_U_per_min=0.02,
    )
    meter = Talker(rig)
    meter.say(lambda n: TemporaryBasalRequest(BasalUnit.PERCENT, 0, 5, n))
    meter.say(SuspendRequest)
    rig.run(5 * US_PER_MIN)
    rig.pump.press_resume(-1)
    rig.run(60 * US_PER_MIN)
    assert STILL_STOPPED not in kinds(rig)
    assert RESUMED not in kinds(rig)


# Nearness -----------------------------------------------------------------------------


def test_a_command_from_afar_is_refused_however_well_it_arrives(Rig: MakeRig) -> None:
    """What arrives more weakly than the bound is refused; more gain is as good as being near."""
    rig = Rig(pump=settings_of(nearness={"on": True, "least_margin_dB": 30.0}))
    meter = Talker(rig)
    for distance_m, gain_dB in ((0.3, 0.0), (6.0, 0.0), (6.0, 20.0)):
        meter.peer.gain_dB = gain_dB
        rig.medium.remove(meter.peer)
        rig.medium.place(meter.peer, Position("home", distance_m))
        margin = rig.medium.margin_dB(meter.peer, rig.pump.endpoint)
        expected = Status.ACCEPTED if margin >= 30.0 else Status.NOT_NEAR
        assert meter.bolus(0.1) is expected
        assert (expected is Status.NOT_NEAR) == ((distance_m, gain_dB) == (6.0, 0.0))
        rig.run(US_PER_MIN)


# Plausibility -------------------------------------------------------------------------


def readings_shown(rig: Any) -> list[int]:
    """Return the list into which what the calibration menu shows will go."""
    shown: list[int] = []
    rig.pump.calibration.when_shown(lambda mgdl, _cause: shown.append(mgdl))
    return shown


@quick
@given(st.integers(40, 400), st.integers(20, 600))
def test_a_meter_reading_far_from_the_sensors_is_doubted(
    Rig: MakeRig, sensor: int, meter: int
) -> None:
    """It is used just where it is within 25 mg/dL or a quarter of the sensor's reading."""
    rig = Rig(pump=settings_of(plausibility={"on": True}))
    sense(rig, sensor)
    shown = readings_shown(rig)
    rig.say(rig.peer("meter"), MeterReading(meter))
    rig.run(US_PER_S)
    near = abs(meter - sensor) <= max(25.0, 0.25 * sensor)
    assert shown == [meter] * near
    assert len(rig.events(Doubted)) == 1 - near


def test_a_second_reading_bears_the_first_out(Rig: MakeRig) -> None:
    """Within its time a second reading like the first is used; later, or unlike it, it is not."""
    rig = Rig(pump=settings_of(plausibility={"on": True, "second_within": "5min"}))
    meter, shown = rig.peer("meter"), readings_shown(rig)
    for wait, mgdl in ((0, 200), (1, 205), (1, 300), (2, 200), (6, 201)):
        rig.run(wait * US_PER_MIN)
        sense(rig, 100)
        rig.say(meter, MeterReading(mgdl))
        rig.run(US_PER_S)
    assert shown == [205]


def test_genuine_readings_are_doubted_as_often_as_the_errors_say(Rig: MakeRig) -> None:
    """Given what the sensor says, the meter's error alone decides, and the share doubted is its.

    Both are whole mg/dL.  Refused by chance in one of 10,000: 3.9 standard errors of the share.
    """
    expected = variance = doubted = sticks = 0.0
    for seed in range(4):
        rig = Rig(
            minutes=9 * 1440,
            pump=settings_of(plausibility={"on": True}),
            basal_U_per_min=None,
            seed=seed,
        )
        rig.cgm(error_model="breton-kovatchev")
        meter = rig.meter()
        for minute in range(20, 9 * 1440, 20):  # longer than a doubted one waits for a second
            rig.env.run_to(minute * US_PER_MIN + US_PER_S)
            meter.finger_stick(-1)
            plasma, sensor = float(rig.body.plasma_mgdl[minute]), rig.pump.sensor_mgdl
            limit = max(25.0, 0.25 * sensor)
            error = NormalDist(plasma, 7.652662 if plasma < 100 else 0.07652662 * plasma)
            least, most = math.ceil(sensor - limit), math.floor(sensor + limit)
            share = 1.0 - error.cdf(most + 0.5) + error.cdf(least - 0.5)
            expected, variance = expected + share, variance + share * (1.0 - share)
            sticks += 1
        rig.run(US_PER_S)
        doubted += len(rig.events(Doubted))
    assert 0.01 < expected / sticks < 0.2
    assert abs(doubted - expected) < 3.9 * math.sqrt(variance)


# Habit --------------------------------------------------------------------------------


def habit_of(seed: int, remembered: int, **changes: Any) -> tuple[Habit, np.random.Generator]:
    """Return the habit of somebody who boluses at three times of day, and dice to go on with."""
    chosen = {"on": True, "remembered": remembered, **changes}
    habit = Habit(Setup(settings_of(habit=chosen), Ratios(10, 40)), 0)
    dice = np.random.Generator(np.random.PCG64(seed))
    for _ in range(remembered):
        habit.remember(*bolus_of(dice))
    return habit, dice


def bolus_of(dice: np.random.Generator) -> tuple[int, float]:
    """Draw a bolus: near one of three meals, of a dose that goes with it."""
    hour, units = ((7.5, 4.0), (12.5, 7.0), (18.5, 8.0))[dice.integers(3)]
    at = round((hour + dice.normal(0.0, 0.5)) * US_PER_HOUR)
    return at, units * float(np.exp(dice.normal(0.0, 0.3)))


@pytest.mark.parametrize(("share", "remembered"), [(0.05, 59), (0.1, 19), (0.25, 30)])
def test_own_boluses_are_flagged_as_often_as_stated(share: float, remembered: int) -> None:
    """Of boluses drawn like those remembered, floor(share (n+1))/(n+1) are flagged.

    1,500 people, one bolus each: refused by chance in one of 10,000 (3.9 standard errors).
    """
    people = 1500
    flagged = 0
    for seed in range(people):
        habit, dice = habit_of(seed, remembered, false_alarms=share)
        flagged += habit.is_strange(*bolus_of(dice))
    expected = math.floor(share * (remembered + 1) + 1e-9) / (remembered + 1)
    assert abs(flagged / people - expected) < 3.9 * math.sqrt(expected * (1 - expected) / people)


def test_a_strange_bolus_is_flagged() -> None:
    """A dose at night, or three times as large as ever, is flagged in everybody; usual ones not."""
    for seed in range(20):
        habit, _ = habit_of(seed, 60)
        assert habit.is_strange(2 * US_PER_HOUR, 6.0)
        assert habit.is_strange(round(12.5 * US_PER_HOUR), 25.0)
        assert not habit.is_strange(round(12.5 * US_PER_HOUR), 7.0)


def test_who_remembers_too_little_flags_nothing() -> None:
    """With fewer boluses than one in the share allows nothing can be flagged."""
    habit, _ = habit_of(1, 18, false_alarms=0.05)
    assert not habit.is_strange(3 * US_PER_HOUR, 25.0)


@quick
@given(st.lists(st.tuples(st.floats(0, 23.9), st.floats(0.05, 25)), min_size=1, max_size=12))
def test_strangeness_is_the_mean_distance_to_the_nearest(
    boluses: list[tuple[float, float]],
) -> None:
    """Written out one by one, with the day as a circle, it is the same."""
    hours, doses = zip(*boluses, strict=True)
    expected = []
    for i, (hour, dose) in enumerate(boluses):
        apart = []
        for j, (other, units) in enumerate(boluses):
            if i != j:
                h = min(abs(hour - other), 24 - abs(hour - other)) / 3.0
                apart.append(math.hypot(h, math.log(dose / units)))
        nearest = sorted(apart)[:5]
        expected.append(sum(nearest) / max(1, len(nearest)))
    assert strangeness(hours, doses, 5, 3.0) == pytest.approx(expected)


def test_a_flagged_bolus_is_asked_about(Rig: MakeRig) -> None:
    """What is strange waits for a yes on the pump, and is written down with its dose."""
    rig = Rig(pump=settings_of(habit={"on": True}))
    noon = round(12.5 * US_PER_HOUR)
    rig.pump.habit.learn_from(lambda count: [(noon, 5.0 + each / 100) for each in range(count)])
    meter = Talker(rig)
    assert meter.bolus(9.0) is None  # it is six in the morning
    assert rig.pump.prompt_on_screen == 9.0
    assert [event.value for event in rig.events(Doubted)] == [9.0]


# Upkeep -------------------------------------------------------------------------------


def test_the_pump_asks_for_a_look_at_its_links(Rig: MakeRig) -> None:
    """It asks as often as it is told to, and not at all where it is not."""
    rig = Rig(minutes=300, pump=settings_of(review_links_every="90min"))
    rig.finish()
    asked = [at // US_PER_MIN for at, kind in rig.alerts if kind == REVIEW_LINKS]
    assert asked == [90, 180, 270]
