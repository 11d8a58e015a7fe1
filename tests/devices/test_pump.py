"""What the pump takes, what it refuses, what it stores, and when it alerts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import CONFIRM_BOLUS, LOW_GLUCOSE, NO_SIGNAL, REMOTE_BOLUS, PumpSettings
from testbed.protocol.payloads import (
    BolusReply,
    BolusRequest,
    CgmReading,
    HistoryReply,
    HistoryRequest,
    MeterReading,
    Payload,
    Status,
)
from testbed.trace import (
    Alerted,
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    CommandAccepted,
    CommandRefused,
    FrameLost,
    ReadingStored,
)
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN, US_PER_S

quick = settings(derandomize=True, deadline=None, max_examples=60)

MakeRig = Callable[..., Any]

U = 1_000_000_000
ONE_OF_EACH: tuple[Payload, ...] = (
    CgmReading(40, 1),
    MeterReading(40),
    BolusRequest(1000, 1),
    BolusReply(0, 1),
    HistoryRequest(0),
    HistoryReply(0, 0),
)
TAKEN = {
    ("cgm", CgmReading),
    ("meter", MeterReading),
    ("meter", BolusRequest),
    ("usb", HistoryRequest),
}


def settings_of(**changes: Any) -> PumpSettings:
    """Return settings of a pump."""
    return PumpSettings.model_validate(changes)


def ask(rig: Any, milliunits: int) -> Status:
    """Ask a rig's pump for a bolus as a linked meter; return the answer that arrives."""
    answers: list[BolusReply] = []
    meter = rig.peer(
        "meter", {("pump", BolusReply): lambda _link, reply, _cause: answers.append(reply)}
    )
    rig.say(meter, BolusRequest(milliunits, 1))
    rig.run(US_PER_S)
    (answer,) = answers
    return Status(answer.status)


# Boluses ------------------------------------------------------------------------------


@quick
@given(milliunits=st.integers(1, 10_000))
def test_a_linked_meter_gets_the_bolus_it_asks_for(Rig: MakeRig, milliunits: int) -> None:
    """A request that verifies is accepted, delivered to the milliunit, and alerted."""
    rig = Rig()
    assert ask(rig, milliunits) is Status.ACCEPTED
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == milliunits * U // 1000
    assert [kind for _, kind in rig.alerts if kind != NO_SIGNAL] == [REMOTE_BOLUS]


@quick
@given(max_U=st.integers(1, 250), milliunits=st.integers(0, 2**32 - 1))
def test_no_bolus_over_the_maximum(Rig: MakeRig, max_U: int, milliunits: int) -> None:
    """A request of nothing or of more than the maximum is refused, with 0 U delivered."""
    rig = Rig(pump=settings_of(max_bolus_U=max_U / 10))
    fits = 0 < milliunits <= max_U * 100
    assert ask(rig, milliunits) is (Status.ACCEPTED if fits else Status.OVER_MAXIMUM)
    rig.finish()
    assert (int(rig.drive.insulin_nU.sum()) > 0) == fits


def test_a_second_bolus_is_refused_while_one_runs(rig: Any) -> None:
    """While a bolus flows another is refused as busy, by button and by air alike."""
    assert rig.pump.press_bolus(5.0, -1) is Status.ACCEPTED
    rig.run(US_PER_S)
    assert rig.pump.press_bolus(1.0, -1) is Status.BUSY
    assert ask(rig, 1000) is Status.BUSY
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == 5 * U


def test_a_bolus_is_possible_again_when_one_has_ended(rig: Any) -> None:
    """After a bolus has completed or was cancelled the next one is accepted."""
    assert rig.pump.press_bolus(1.5, -1) is Status.ACCEPTED
    rig.run(US_PER_MIN + 1)
    assert rig.pump.press_bolus(1.5, -1) is Status.ACCEPTED
    rig.run(US_PER_MIN // 2)
    assert rig.pump.press_cancel(-1) == 0.75
    assert rig.pump.press_bolus(1.5, -1) is Status.ACCEPTED
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == 3.75 * U


def test_remote_bolus_off(Rig: MakeRig) -> None:
    """With the feature off a request is refused as such, and 0 U are delivered."""
    rig = Rig(pump=settings_of(remote_bolus=False))
    assert ask(rig, 1000) is Status.FEATURE_OFF
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == 0
    assert not rig.events(CommandAccepted, BolusStarted)
    assert [event.why for event in rig.events(CommandRefused)] == ["feature-off"]


def test_remote_bolus_off_leaves_the_buttons_alone(Rig: MakeRig) -> None:
    """With the feature off the pump's own buttons work as before."""
    rig = Rig(pump=settings_of(remote_bolus=False))
    assert rig.pump.press_bolus(2.0, -1) is Status.ACCEPTED
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == 2 * U


@pytest.mark.parametrize("kind", ["cgm", "meter", "usb"])
@pytest.mark.parametrize("payload", ONE_OF_EACH, ids=lambda payload: type(payload).__name__)
def test_only_the_right_peer_is_heard(rig: Any, kind: str, payload: Payload) -> None:
    """What verifies but is not for a peer of that kind to say is refused, to no effect."""
    rig.say(rig.peer(kind), payload)
    rig.run(US_PER_S)
    refused = [event for event in rig.events(CommandRefused) if event.device == "pump"]
    if (kind, type(payload)) in TAKEN:
        assert not refused
    else:
        assert [event.why for event in refused] == [f"not from a {kind}"]
        assert not rig.events(BolusStarted, ReadingStored, CommandAccepted)


@pytest.mark.parametrize(
    ("answer", "status", "units"),
    [(True, Status.ACCEPTED, 1), (False, Status.NOT_CONFIRMED, 0), (None, None, 0)],
)
def test_a_prompt_decides_where_the_pump_asks(
    Rig: MakeRig, answer: bool | None, status: Status | None, units: int
) -> None:
    """Where the pump asks first, a bolus starts on yes, and not on no or silence."""
    rig = Rig(pump=settings_of(confirm_remote_bolus=True, prompt_timeout="60s"))
    answers: list[int] = []
    meter = rig.peer(
        "meter", {("pump", BolusReply): lambda _link, reply, _cause: answers.append(reply.status)}
    )
    rig.say(meter, BolusRequest(1000, 1))
    rig.run(US_PER_S)
    assert rig.pump.prompt_on_screen == 1.0
    assert [kind for _, kind in rig.alerts] == [CONFIRM_BOLUS]
    if answer is not None:
        rig.pump.press_answer(answer)
        rig.run(US_PER_S)
        assert answers == [status]
    rig.run(60 * US_PER_S)
    assert rig.pump.prompt_on_screen is None
    assert answers == [Status.NOT_CONFIRMED if status is None else status]
    rig.finish()
    assert int(rig.drive.insulin_nU.sum()) == units * U


# Readings and alerts ------------------------------------------------------------------


@quick
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2**16 - 1)), max_size=20))
def test_the_pump_stores_what_arrived_and_verified(
    Rig: MakeRig, sent: list[tuple[bool, int]]
) -> None:
    """Every reading of a linked peer is stored as sent, in order, and nothing else is."""
    rig = Rig()
    cgm, meter = rig.peer("cgm"), rig.peer("meter")
    expected = []
    for number, (sensor, mgdl) in enumerate(sent):
        if sensor:
            rig.say(cgm, CgmReading(mgdl, number))
        else:
            rig.say(meter, MeterReading(mgdl))
        expected.append(("cgm" if sensor else "meter", mgdl))
        rig.run(US_PER_S)
    assert not rig.events(FrameLost)
    assert [(event.source, event.mgdl) for event in rig.events(ReadingStored)] == expected
    assert rig.pump.sensor_mgdl == next((mgdl for s, mgdl in reversed(sent) if s), None)


@quick
@given(st.integers(39, 600), st.integers(50, 100))
def test_low_alert_at_the_threshold(Rig: MakeRig, mgdl: int, threshold: int) -> None:
    """A reading below the threshold alerts, and one at or above it does not."""
    rig = Rig(pump=settings_of(low_alert_mgdl=threshold))
    rig.say(rig.peer("cgm"), CgmReading(mgdl, 0))
    rig.run(US_PER_S)
    assert [kind for _, kind in rig.alerts] == [LOW_GLUCOSE] * (mgdl < threshold)


@pytest.mark.parametrize("repeat_min", [5, 20, 30, 45])
def test_low_alert_is_repeated_after_its_time(Rig: MakeRig, repeat_min: int) -> None:
    """While glucose stays low, alerts come as soon as the repeat time is up, and no sooner."""
    rig = Rig(pump=settings_of(low_alert_repeat=f"{repeat_min}min"))
    cgm = rig.peer("cgm")
    for number in range(20):
        rig.say(cgm, CgmReading(60, number))
        rig.run(5 * US_PER_MIN)
    alerted = [when for when, kind in rig.alerts if kind == LOW_GLUCOSE]
    gaps = {later - earlier for earlier, later in itertools.pairwise(alerted)}
    assert gaps == {-(-repeat_min // 5) * 5 * US_PER_MIN}


@quick
@given(st.lists(st.integers(1, 70), min_size=1, max_size=10), st.sampled_from([10, 30]))
def test_no_signal_alert(Rig: MakeRig, gaps_min: list[int], after_min: int) -> None:
    """Each silence of the stated length alerts once, exactly when the length is reached."""
    rig = Rig(minutes=800, pump=settings_of(no_signal_after=f"{after_min}min"))
    cgm = rig.peer("cgm")
    heard = [0]
    for number, gap in enumerate(gaps_min):
        rig.run(gap * US_PER_MIN)
        rig.say(cgm, CgmReading(100, number))
    rig.run(US_PER_S)
    heard += [event.t for event in rig.events(ReadingStored)]
    expected = [
        earlier + after_min * US_PER_MIN
        for earlier, later in itertools.pairwise(heard)
        if later - earlier > after_min * US_PER_MIN
    ]
    assert [when for when, kind in rig.alerts if kind == NO_SIGNAL] == expected


def test_an_alert_is_written_down_when_it_is_felt(rig: Any) -> None:
    """What the wearer feels and what the trace says are the same alerts at the same times."""
    rig.say(rig.peer("cgm"), CgmReading(50, 0))
    ask(rig, 500)
    rig.finish()
    assert [(event.t, event.kind) for event in rig.events(Alerted)] == rig.alerts


# Basal --------------------------------------------------------------------------------

segments = st.lists(
    st.tuples(st.integers(0, 24 * 60 - 1), st.integers(0, 125)),  # a reservoir lasts the day
    min_size=1,
    max_size=6,
    unique_by=lambda each: each[0],
)


@quick
@given(segments, st.integers(0, US_PER_DAY - 1))
def test_a_day_of_basal_is_the_integral_of_the_profile(
    Rig: MakeRig, profile: list[tuple[int, int]], start_us: int
) -> None:
    """Over 24 hours from any time of day the basal total is the profile's daily total."""
    basal = [
        {"at": f"{minute // 60:02}:{minute % 60:02}", "U_per_h": tenths / 10}
        for minute, tenths in profile
    ]
    pump = settings_of(basal=basal, max_basal_U_per_h=35)
    rig = Rig(minutes=24 * 60, pump=pump, start_us=start_us)
    rig.finish()
    ordered = sorted(profile)
    until = [minute for minute, _ in ordered[1:]] + [ordered[0][0] + 24 * 60]
    daily_U = sum(
        tenths / 10 * (end - begin) / 60
        for (begin, tenths), end in zip(ordered, until, strict=True)
    )
    # Rates are rounded to a nanounit a minute.
    assert abs(int(rig.drive.insulin_nU.sum()) - daily_U * U) <= 24 * 60 + 10
    assert sum(event.delivered_nU for event in rig.events(BasalDelivered)) == int(
        rig.drive.insulin_nU.sum()
    )


def test_a_basal_segment_begins_at_its_clock_time(Rig: MakeRig) -> None:
    """The rate that flows is that of the last segment begun, yesterday's before the first."""
    basal = [{"at": "01:00", "U_per_h": 6.0}, {"at": "02:30", "U_per_h": 60.0 / 5}]
    rig = Rig(minutes=180, pump=settings_of(basal=basal, max_basal_U_per_h=12), start_us=0)
    rig.finish()
    nU = rig.drive.insulin_nU.tolist()
    assert nU == [U // 5] * 60 + [U // 10] * 90 + [U // 5] * 30


def test_an_empty_profile_is_the_patients_own_rate(Rig: MakeRig) -> None:
    """Without a profile the basal is the steady rate that the pump was given."""
    rig = Rig(minutes=60, basal_U_per_min=0.02)
    rig.finish()
    assert rig.drive.insulin_nU.tolist() == [U // 50] * 60


def test_a_bolus_comes_on_top_of_the_basal(Rig: MakeRig) -> None:
    """Basal flows on during a bolus, and each is accounted for by itself."""
    rig = Rig(minutes=60, basal_U_per_min=0.02, start_us=13 * US_PER_HOUR)
    rig.pump.press_bolus(3.0, -1)
    rig.finish()
    (bolus,) = rig.events(BolusEnded)
    assert bolus.delivered_nU == 3 * U
    assert int(rig.drive.insulin_nU.sum()) == 3 * U + 60 * U // 50
