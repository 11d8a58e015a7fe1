"""The meter's buttons for the pump's delivery, and the USB link as a bridge for its host."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from testbed.devices import Bridge, Meter, PumpSettings
from testbed.protocol.payloads import (
    CommandReply,
    HistoryReply,
    HistoryRequest,
    Payload,
    Setting,
    SettingRequest,
    Status,
    SuspendRequest,
)
from testbed.trace import CommandRefused, FrameSent
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_S

MakeRig = Callable[..., Any]
ALLOWED = {"remote_suspend": True, "remote_temp_basal": True}
Ask = Callable[[Meter, Callable[[Status, int], None]], bool]

ASKING: dict[str, Ask] = {
    "suspend": lambda meter, reply: meter.ask_suspend(-1, reply),
    "resume": lambda meter, reply: meter.ask_resume(-1, reply),
    "rate": lambda meter, reply: meter.ask_temporary_rate(0.4, 60, -1, reply),
    "percent": lambda meter, reply: meter.ask_temporary_percent(50, 60, -1, reply),
    "end": lambda meter, reply: meter.ask_end_temporary(-1, reply),
}


def pump(**settings: Any) -> PumpSettings:
    """Return a pump's settings."""
    return PumpSettings.model_validate(settings)


def answers(rig: Any, meter: Meter, *names: str) -> list[Status]:
    """Return what the pump answers to some requests, one after the other."""
    got: list[Status] = []
    for name in names:
        assert ASKING[name](meter, lambda status, _cause: got.append(status))
        rig.run(20 * US_PER_S)
    return got


def test_the_meter_suspends_and_resumes_where_allowed(Rig: MakeRig) -> None:
    """Both are carried out, and each is answered once."""
    rig = Rig(pump=pump(**ALLOWED), basal_U_per_min=0.01)
    meter = rig.meter()
    assert answers(rig, meter, "suspend") == [Status.ACCEPTED]
    assert rig.pump.suspended
    assert answers(rig, meter, "suspend") == [Status.SUSPENDED]
    assert answers(rig, meter, "resume") == [Status.ACCEPTED]
    assert not rig.pump.suspended


def test_the_meter_sets_and_ends_a_temporary_basal_where_allowed(Rig: MakeRig) -> None:
    """In U/h or in percent of the programme's, until it is ended."""
    rig = Rig(pump=pump(**ALLOWED), basal_U_per_min=0.01)
    meter = rig.meter()
    assert answers(rig, meter, "rate") == [Status.ACCEPTED]
    assert rig.pump.basal_U_per_h == pytest.approx(0.4)
    assert answers(rig, meter, "percent") == [Status.ACCEPTED]
    assert rig.pump.basal_U_per_h == pytest.approx(0.3)
    assert answers(rig, meter, "end") == [Status.ACCEPTED]
    assert rig.pump.basal_U_per_h == pytest.approx(0.6)


@pytest.mark.parametrize("name", ASKING)
def test_the_meter_is_refused_where_not_allowed(Rig: MakeRig, name: str) -> None:
    """As shipped the pump takes none of these requests, and says so."""
    rig = Rig(basal_U_per_min=0.01)
    assert answers(rig, rig.meter(), name) == [Status.FEATURE_OFF]
    assert rig.pump.basal_U_per_h == pytest.approx(0.6)


@pytest.mark.parametrize("name", ASKING)
def test_an_unlinked_meter_asks_nobody(rig: Any, name: str) -> None:
    """Without a link nothing is sent."""
    assert not ASKING[name](rig.meter(linked=False), lambda _status, _cause: None)
    rig.run(US_PER_S)
    assert not rig.events(FrameSent)


@pytest.mark.parametrize(("tries", "wait_s"), [(1, 1), (3, 5)])
def test_an_unanswered_request_is_sent_so_often(Rig: MakeRig, tries: int, wait_s: int) -> None:
    """With the pump out of reach a request is sent the stated number of times, so far apart."""
    rig = Rig(pump=pump(**ALLOWED))
    meter = rig.meter(tries=tries, retry_after=f"{wait_s}s")
    rig.medium.remove(rig.pump.endpoint)
    meter.ask_suspend(-1, lambda _status, _cause: None)
    rig.run(US_PER_MIN)
    sent = [event.t for event in rig.events(FrameSent)]
    assert len(sent) == tries
    assert {b - a for a, b in itertools.pairwise(sent)} <= {wait_s * US_PER_S}


# The host -----------------------------------------------------------------------------


def plugged(Rig: MakeRig, **settings: Any) -> tuple[Any, Any, list[Payload]]:
    """Return a bench with a stick that is in from 09:00 to 09:30, and what its host hears."""
    rig = Rig(minutes=240, pump=pump(**settings), start_us=8 * US_PER_HOUR)
    usb = rig.usb(plugged_from="09:00", plugged_for="30min", download_every="24h")
    heard: list[Payload] = []
    bridge: Bridge = usb
    bridge.when_answered(lambda payload, _cause: heard.append(payload))
    return rig, usb, heard


def test_software_on_the_host_reaches_the_pump_while_plugged_in(Rig: MakeRig) -> None:
    """What the host passes on arrives, and the pump's answers come back, only while it is in."""
    rig, usb, heard = plugged(Rig, remote_settings=True)
    change = SettingRequest(Setting.MAX_BOLUS_MILLIUNITS, 5000, 1)
    assert not usb.reaches_pump
    assert not usb.pass_on(change, -1)
    rig.run(70 * US_PER_MIN)
    assert usb.reaches_pump
    assert usb.pass_on(change, -1)
    assert usb.pass_on(HistoryRequest(0), -1)
    rig.run(US_PER_MIN)
    assert rig.pump.largest_bolus_U == 5.0
    assert {type(payload) for payload in heard} == {HistoryReply, CommandReply}
    rig.run(30 * US_PER_MIN)
    assert not usb.reaches_pump
    assert not usb.pass_on(change, -1)


def test_the_host_gets_no_further_than_the_pump_lets_a_usb_link(Rig: MakeRig) -> None:
    """A command that only a meter may send, or that is off, is refused."""
    rig, usb, heard = plugged(Rig)
    rig.run(70 * US_PER_MIN)
    usb.pass_on(SuspendRequest(1), -1)
    usb.pass_on(SettingRequest(Setting.MAX_BOLUS_MILLIUNITS, 25_000, 2), -1)
    rig.run(US_PER_MIN)
    assert not rig.pump.suspended
    assert len(rig.events(CommandRefused)) == 2
    assert [payload.status for payload in heard if isinstance(payload, CommandReply)] == [
        Status.FEATURE_OFF
    ]


@pytest.mark.parametrize("there", [True, False])
def test_somebody_has_to_be_there_to_plug_the_stick_in(Rig: MakeRig, there: bool) -> None:
    """Where nobody is at the computer at the time, the stick stays out that day."""
    rig, usb, _ = plugged(Rig)
    asked: list[str] = []
    usb.when_plugging(lambda place: bool(asked.append(place)) or there)
    rig.run(70 * US_PER_MIN)
    assert usb.plugged_in is there
    assert asked == ["home"]
