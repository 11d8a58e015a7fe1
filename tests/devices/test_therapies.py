"""How the basal follows the sensor: each therapy by itself, and at the wheel of a pump."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import THERAPIES, PumpSettings
from testbed.devices.therapies import PROGRAMME, OpenLoop, Reading, Seen
from testbed.devices.therapies.hybrid_closed_loop import HybridClosedLoop
from testbed.devices.therapies.suspend_before_low import SuspendBeforeLow, extrapolated
from testbed.devices.therapies.suspend_on_low import SuspendOnLow
from testbed.outcomes import Origin, check_conservation, units_by_origin
from testbed.physiology.insulin_on_board import InsulinAction, on_board
from testbed.protocol.payloads import CgmReading
from testbed.trace import Attacked, BasalChanged, ReadingStored, Trace
from testbed.units import NANOUNITS_PER_UNIT as U
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_S

quick = settings(derandomize=True, deadline=None, max_examples=80)

MakeRig = Callable[..., Any]

FIVE = 5 * US_PER_MIN
NOW = 10 * US_PER_HOUR


def seen(*mgdl: int, **changes: Any) -> Seen:
    """Return what a therapy sees after readings five minutes apart, the last one now."""
    readings = tuple(
        Reading(NOW - (len(mgdl) - 1 - at) * FIVE, each) for at, each in enumerate(mgdl)
    )
    return Seen(NOW, readings, 1.2, 2.0, 0.0, 0.0, 40.0, ())._replace(**changes)


def rig_of(Rig: MakeRig, therapy: Any, minutes: int = 480, **changes: Any) -> Any:
    """Return a rig with 1.2 U/h of basal and a therapy."""
    return Rig(
        minutes,
        PumpSettings.model_validate({"therapy": therapy, **changes}),
        basal_U_per_min=0.02,
    )


def sense(rig: Any, cgm: Any, *mgdl: int) -> None:
    """Let the sensor say something every five minutes."""
    for each in mgdl:
        rig.say(cgm, CgmReading(each, 0))
        rig.run(FIVE)


# Each by itself -----------------------------------------------------------------------


@quick
@given(st.lists(st.integers(39, 400), min_size=1, max_size=12))
def test_every_therapy_orders_a_rate_or_the_programme(mgdl: list[int]) -> None:
    """Whatever the sensor says, an order is nothing below 0 and nothing above the limits."""
    for kind in THERAPIES.values():
        order = kind().order(seen(*mgdl, iob_U=-1.0))
        assert order is PROGRAMME or 0.0 <= order <= 2.0


@quick
@given(st.lists(st.integers(39, 400), min_size=1, max_size=12))
def test_open_loop_is_the_programme(mgdl: list[int]) -> None:
    """Open loop never orders anything."""
    assert OpenLoop().order(seen(*mgdl)) is PROGRAMME


@pytest.mark.parametrize(("mgdl", "stops"), [(69, True), (70, True), (71, False), (200, False)])
def test_suspend_on_low_stops_at_its_threshold(mgdl: int, stops: bool) -> None:
    """At the threshold and below the basal stops, above it it does not."""
    assert (SuspendOnLow().order(seen(mgdl)) == 0.0) == stops


@pytest.mark.parametrize(("mgdl", "resumes"), [(70, False), (89, False), (90, True)])
def test_suspend_on_low_resumes_on_recovery(mgdl: int, resumes: bool) -> None:
    """Stopped, the basal stays so until glucose is back at the upper threshold."""
    stopped = seen(mgdl, stops=((NOW - US_PER_HOUR, NOW),))
    assert (SuspendOnLow().order(stopped) is PROGRAMME) == resumes


def test_suspend_on_low_ends_after_its_time_and_waits() -> None:
    """After 2 hours the basal runs for 4 hours, low or not, and may then stop again."""
    therapy = SuspendOnLow()
    assert therapy.order(seen(50, stops=((NOW - 2 * US_PER_HOUR, NOW),))) is PROGRAMME
    for ago, order in ((1, PROGRAMME), (4 * US_PER_HOUR - 1, PROGRAMME), (4 * US_PER_HOUR, 0.0)):
        ended = NOW - ago
        assert therapy.order(seen(50, stops=((ended - 2 * US_PER_HOUR, ended),))) == order


@quick
@given(st.lists(st.integers(40, 400), min_size=2, max_size=12))
def test_the_line_is_the_least_squares_line(mgdl: list[int]) -> None:
    """The extrapolation agrees with numpy's fit of a straight line."""
    readings = seen(*mgdl).readings
    minutes = [(each.t - NOW) / US_PER_MIN for each in readings]
    slope, level = np.polyfit(minutes, mgdl, 1)
    found, rise = extrapolated(readings, 30 * US_PER_MIN)
    assert found == pytest.approx(level + 30 * slope, abs=1e-6)
    assert rise == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize(
    ("mgdl", "stops"),
    [
        ((130, 125, 120, 115), False),  # 85 in half an hour
        ((130, 124, 118, 112), True),  # 76 in half an hour
        ((69,), True),
        ((70,), True),  # level, and so below 80 in half an hour
        ((81,), False),
        ((60, 62, 65, 68), False),  # low, but rising
    ],
)
def test_suspend_before_low_stops_ahead_of_a_low(mgdl: tuple[int, ...], stops: bool) -> None:
    """The basal stops where the line ends below 80 or glucose is low, unless it rises."""
    assert (SuspendBeforeLow().order(seen(*mgdl)) == 0.0) == stops


def test_suspend_before_low_stops_two_hours_in_two_and_a_half() -> None:
    """Two hours of stops within the window are enough, however many they were."""
    hour = US_PER_HOUR
    stops = ((NOW - 5 * hour // 2, NOW - 3 * hour // 2), (NOW - hour, NOW))
    assert SuspendBeforeLow().order(seen(60, stops=stops)) is PROGRAMME
    shorter = ((NOW - 5 * hour // 2 - 1, NOW - 3 * hour // 2 - 1), (NOW - hour, NOW))
    assert SuspendBeforeLow().order(seen(60, stops=shorter)) == 0.0


@pytest.mark.parametrize(
    ("shown", "rate"),
    [
        (seen(110, 110), 1.2),  # at the target with nothing on board: the programme
        (seen(118, 118), 1.2 + 2 * 8 / 40),  # (118 - 110)/40 U within half an hour
        (seen(106, 106), 1.2 - 2 * 2 * 4 / 40),  # the reduction is doubled
        (seen(118, 118, iob_U=0.2), 1.2),  # what is on board is enough
        (seen(110, 111, 112, 113), 1.2 + 2 * (3 + 30 * 3 / 15) / 40),  # a rise goes on
        (seen(300, 300), 2.0),  # the pump's largest basal
        (seen(300, 300, most_U_per_h=35.0, scheduled_U_per_h=0.5), 2.0),  # 4 x the programme
        (seen(74, 74), 0.0),
        (seen(80, 80), 0.0),
        (seen(300, 300, iob_U=3.0), 1.2),  # insulin on board at its limit
    ],
)
def test_the_closed_loop_follows_its_law(shown: Seen, rate: float) -> None:
    """Rates worked out by hand from the published law."""
    assert HybridClosedLoop().order(shown) == pytest.approx(rate, abs=1e-9)


def test_the_closed_loop_reckons_with_what_acts() -> None:
    """A fall that insulin explains is not taken to go on; one that it does not is."""
    explained = seen(126, 124, 122, 120, iob_U=0.1, acting_U_per_min=0.01)
    # 0.4 mg/dL a minute down, and 0.01 U/min times 40 explain it: eventual 120 - 4 = 116.
    assert HybridClosedLoop().order(explained) == pytest.approx(1.2 + 2 * 6 / 40)
    assert HybridClosedLoop().order(explained._replace(acting_U_per_min=0.0)) < 1.2


# At the wheel of a pump ---------------------------------------------------------------


def test_suspend_on_low_stops_the_pump_and_resumes(Rig: MakeRig) -> None:
    """Basal stops with the low reading, runs again with the recovery, and readings are why."""
    rig = rig_of(Rig, "suspend-on-low", 60)
    sense(rig, rig.peer("cgm"), 100, 65, 60, 72, 89, 95, 100)
    rig.finish()
    events = rig.recorder.events()
    stopped, resumed = rig.events(BasalChanged)
    assert [events[each.cause] for each in (stopped, resumed)] == [
        ReadingStored(stopped.t, events[stopped.cause].cause, "cgm", 65),
        ReadingStored(resumed.t, events[resumed.cause].cause, "cgm", 95),
    ]
    assert (stopped.by, stopped.nU_per_min, resumed.nU_per_min) == ("loop", 0, U // 50)
    nU = rig.drive.insulin_nU.tolist()
    assert nU[:5] == [U // 50] * 5
    assert not any(nU[6:25])
    assert nU[26:] == [U // 50] * 34


def test_a_low_that_does_not_end_stops_the_basal_for_two_hours(Rig: MakeRig) -> None:
    """With the sensor low all day basal is off for 2 hours in every 6."""
    rig = rig_of(Rig, "suspend-on-low", 720)
    sense(rig, rig.peer("cgm"), *[60] * 144)
    rig.finish()
    off = [minute for minute, nU in enumerate(rig.drive.insulin_nU) if not nU]
    # A reading takes some milliseconds on the air, so a little flows in the first minute.
    assert off == [*range(1, 120), *range(361, 480)]


@pytest.mark.parametrize("therapy", sorted(set(THERAPIES) - {"open-loop"}))
def test_a_silent_sensor_brings_the_programme_back(Rig: MakeRig, therapy: str) -> None:
    """Half an hour after the last reading the programme runs, whatever was ordered."""
    rig = rig_of(Rig, therapy, 120)
    sense(rig, rig.peer("cgm"), 60)
    assert rig.pump.basal_U_per_h == 0.0
    rig.run(26 * US_PER_MIN)
    assert rig.pump.basal_U_per_h == pytest.approx(1.2)
    (_, ended) = rig.events(BasalChanged)
    assert (ended.t, ended.why) == (
        rig.events(ReadingStored)[0].t + 30 * US_PER_MIN,
        "therapy ended",
    )


def test_a_stop_ends_with_the_order_that_lapsed(Rig: MakeRig) -> None:
    """Hours in which the sensor was silent do not count as stopped: a low stops the basal anew."""
    rig = rig_of(Rig, "suspend-on-low", 600)
    cgm = rig.peer("cgm")
    sense(rig, cgm, 60)
    rig.run(3 * US_PER_HOUR)
    sense(rig, cgm, 60)
    assert rig.pump.basal_U_per_h == 0.0


def test_settings_of_a_therapy_count(Rig: MakeRig) -> None:
    """A table with the name and other settings is that therapy with those settings."""
    rig = rig_of(Rig, {"name": "suspend-on-low", "suspend_at_mgdl": 80}, 60)
    assert rig.pump.therapy_on_screen == "suspend-on-low"
    sense(rig, rig.peer("cgm"), 75)
    assert rig.pump.basal_U_per_h == 0.0


def test_a_meter_reading_is_no_sensor_reading(Rig: MakeRig) -> None:
    """The loop goes by the sensor only: the pump alone at a low changes nothing."""
    rig = rig_of(Rig, "hybrid-closed-loop", 60)
    rig.run(US_PER_S)
    assert not rig.events(BasalChanged)


@pytest.mark.parametrize(("attacked", "origin"), [(True, Origin.MISCUED), (False, Origin.LOOP)])
def test_a_false_reading_shows_as_the_cause(Rig: MakeRig, attacked: bool, origin: Origin) -> None:
    """What the loop gives by an attacker's reading is miscued, else it is the loop's own."""
    rig = rig_of(Rig, "hybrid-closed-loop", 60)
    cgm = rig.peer("cgm")
    link = cgm.link_with("pump")
    step = Attacked(0, -1, "false-reading", "sent", True)
    cause = rig.recorder.record(step) if attacked else -1
    cgm.send(link, CgmReading(400, 0), cause)
    rig.finish()
    rig.body.advance(60)
    body = rig.body
    trace = Trace(rig.recorder.events(), body.plasma_mgdl, rig.drive.insulin_nU, body.carbs_g)
    check_conservation(trace)
    by_origin = units_by_origin(trace)
    half_an_hour_beyond = U * 8 // 20  # 2.0 U/h in place of 1.2
    assert by_origin[origin] == pytest.approx(half_an_hour_beyond, abs=100)
    assert by_origin[Origin.BASAL] == pytest.approx(60 * U // 50, abs=100)


@pytest.mark.parametrize("patient", ["adult#001", "adult#004", "adult#009"])
def test_the_closed_loop_holds_a_fasting_adult(Rig: MakeRig, patient: str) -> None:
    """A fasting virtual adult comes to the target and stays in range on bounded insulin."""
    rig = Rig(
        1440,
        PumpSettings.model_validate({"therapy": "hybrid-closed-loop"}),
        basal_U_per_min=None,
        patient_name=patient,
    )
    rig.cgm()
    rig.finish()
    rig.body.advance(1440)
    mgdl = rig.body.plasma_mgdl
    assert mgdl.min() >= 70
    assert mgdl.max() <= 180
    assert mgdl[-360:].mean() == pytest.approx(110, abs=15)
    assert rig.drive.insulin_nU.max() <= 2 * U // 60 + 2
    assert 0 < int(rig.drive.insulin_nU.sum()) <= 48 * U


@quick
@given(st.lists(st.integers(39, 400), min_size=1, max_size=40), st.sampled_from([0.0, 1.0, 3.0]))
def test_the_loops_insulin_is_bounded_whatever_it_is_told(
    Rig: MakeRig, mgdl: list[int], max_iob: float
) -> None:
    """No readings bring the loop above the largest basal, or above its insulin on board."""
    therapy = {"name": "hybrid-closed-loop", "max_iob_U": max_iob}
    rig = rig_of(Rig, therapy, 240)
    sense(rig, rig.peer("cgm"), *mgdl)
    rig.finish()
    assert rig.drive.insulin_nU.max() <= 2 * U // 60 + 2
    beyond = (rig.drive.insulin_nU - U // 50) / U
    curve = InsulinAction(360.0, 75.0).remaining(np.arange(360) + 0.5)
    # An order stands half an hour and gives at most 0.4 U beyond the programme to make up for
    # what was not given; of that at most a fifth would have acted meanwhile anyway.
    assert max(on_board(curve, beyond[:minute]) for minute in range(240)) <= max_iob + 0.08
