"""What linked devices may ask of the pump beside a bolus, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from testbed.devices import REMOTE_COMMAND, PumpSettings
from testbed.protocol.payloads import (
    BasalUnit,
    CommandReply,
    Payload,
    ResumeRequest,
    Setting,
    SettingRequest,
    Status,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.trace import BasalChanged, CommandAccepted, CommandRefused, SettingChanged
from testbed.units import NANOUNITS_PER_UNIT as U
from testbed.units import US_PER_MIN, US_PER_S

MakeRig = Callable[..., Any]

HALF = TemporaryBasalRequest(BasalUnit.PERCENT, 50, 30, 1)
SMALL = SettingRequest(Setting.MAX_BOLUS_MILLIUNITS, 3000, 1)
ALL_OF_THEM = [
    ("meter", SuspendRequest(1), "remote_suspend"),
    ("meter", ResumeRequest(1), "remote_suspend"),
    ("meter", HALF, "remote_temp_basal"),
    ("usb", SMALL, "remote_settings"),
]
names = pytest.mark.parametrize(
    ("kind", "request_", "setting"), ALL_OF_THEM, ids=lambda each: type(each).__name__
)


def rig_of(Rig: MakeRig, **changes: Any) -> Any:
    """Return a rig with 1.2 U/h of basal."""
    return Rig(60, PumpSettings.model_validate(changes), basal_U_per_min=0.02)


def ask(rig: Any, kind: str, *requests: Payload) -> list[Status]:
    """Ask a rig's pump as a linked device, in turn; return the answers that arrive."""
    answers: list[Status] = []
    peer = rig.peer(
        kind,
        {("pump", CommandReply): lambda _link, reply, _cause: answers.append(Status(reply.status))},
    )
    for request in requests:
        rig.say(peer, request)
        rig.run(US_PER_S)
    return answers


@names
def test_off_as_shipped(Rig: MakeRig, kind: str, request_: Payload, setting: str) -> None:
    """Unless a setting allows it a request of the right device is refused, to no effect."""
    rig = rig_of(Rig)
    assert ask(rig, kind, request_) == [Status.FEATURE_OFF]
    rig.finish()
    assert not rig.events(CommandAccepted, BasalChanged, SettingChanged)
    assert rig.drive.insulin_nU.tolist() == [U // 50] * 60


@names
def test_its_setting_allows_it(Rig: MakeRig, kind: str, request_: Payload, setting: str) -> None:
    """Each request is carried out where its own setting allows it, and the person is told."""
    rig = rig_of(Rig, **{setting: True})
    assert ask(rig, kind, request_) == [Status.ACCEPTED]
    assert [alert for _, alert in rig.alerts] == [REMOTE_COMMAND]
    (accepted,) = rig.events(CommandAccepted)
    assert accepted.cause >= 0


@names
@pytest.mark.parametrize("wrong", ["cgm", "meter", "usb"])
def test_only_the_right_device_is_heard(
    Rig: MakeRig, wrong: str, kind: str, request_: Payload, setting: str
) -> None:
    """What verifies but is not for a device of that kind to ask is refused, to no effect."""
    if wrong == kind:
        return
    rig = rig_of(Rig, remote_suspend=True, remote_temp_basal=True, remote_settings=True)
    assert ask(rig, wrong, request_) == []
    assert [event.why for event in rig.events(CommandRefused)] == [f"not from a {wrong}"]
    assert not rig.events(CommandAccepted, BasalChanged, SettingChanged)


def test_a_request_sent_again_is_carried_out_once(Rig: MakeRig) -> None:
    """The same request is answered again and not done again; another number is another."""
    rig = rig_of(Rig, remote_temp_basal=True)
    again = TemporaryBasalRequest(BasalUnit.PERCENT, 50, 30, 2)
    assert ask(rig, "meter", HALF, HALF, again) == [Status.ACCEPTED] * 3
    assert len(rig.events(CommandAccepted)) == 2


def test_suspended_and_resumed_over_the_air(Rig: MakeRig) -> None:
    """Delivery stops with the one request and goes on with the other."""
    rig = rig_of(Rig, remote_suspend=True)
    assert ask(rig, "meter", SuspendRequest(1)) == [Status.ACCEPTED]
    assert rig.pump.suspended
    assert ask(rig, "meter", SuspendRequest(2)) == [Status.SUSPENDED]
    assert ask(rig, "meter", ResumeRequest(3)) == [Status.ACCEPTED]
    assert not rig.pump.suspended


def test_no_minutes_end_a_temporary_basal(Rig: MakeRig) -> None:
    """A request for 0 minutes ends the temporary basal that runs."""
    rig = rig_of(Rig, remote_temp_basal=True)
    end = TemporaryBasalRequest(BasalUnit.PERCENT, 0, 0, 2)
    assert ask(rig, "meter", HALF, end) == [Status.ACCEPTED] * 2
    assert rig.pump.temporary_basal_until is None
    assert rig.pump.basal_U_per_h == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (TemporaryBasalRequest(BasalUnit.PERCENT, 166, 30, 1), Status.ACCEPTED),
        (TemporaryBasalRequest(BasalUnit.PERCENT, 167, 30, 1), Status.OVER_MAXIMUM),
        (TemporaryBasalRequest(BasalUnit.MILLIUNITS_PER_H, 2000, 30, 1), Status.ACCEPTED),
        (TemporaryBasalRequest(BasalUnit.MILLIUNITS_PER_H, 2001, 30, 1), Status.OVER_MAXIMUM),
        (TemporaryBasalRequest(BasalUnit.PERCENT, 100, 1441, 1), Status.OVER_MAXIMUM),
        (TemporaryBasalRequest(2, 1, 30, 1), Status.OUT_OF_RANGE),
    ],
)
def test_limits_hold_over_the_air(Rig: MakeRig, request_: Payload, status: Status) -> None:
    """A temporary basal beyond the pump's limits, or in an unknown unit, is refused."""
    rig = rig_of(Rig, remote_temp_basal=True)
    assert ask(rig, "meter", request_) == [status]


@pytest.mark.parametrize(
    ("setting", "value", "status"),
    [
        (Setting.MAX_BOLUS_MILLIUNITS, 3000, Status.ACCEPTED),
        (Setting.MAX_BOLUS_MILLIUNITS, 25_001, Status.OUT_OF_RANGE),
        (Setting.MAX_BOLUS_MILLIUNITS, 0, Status.OUT_OF_RANGE),
        (Setting.MAX_BASAL_MILLIUNITS_PER_H, 35_000, Status.ACCEPTED),
        (Setting.MAX_BASAL_MILLIUNITS_PER_H, 35_001, Status.OUT_OF_RANGE),
        (Setting.LOW_ALERT_MGDL, 50, Status.ACCEPTED),
        (Setting.LOW_ALERT_MGDL, 49, Status.OUT_OF_RANGE),
        (0, 1, Status.OUT_OF_RANGE),
    ],
)
def test_settings_keep_to_their_range(
    Rig: MakeRig, setting: int, value: int, status: Status
) -> None:
    """A setting is changed within its range, and the change is written down, or not at all."""
    rig = rig_of(Rig, remote_settings=True)
    assert ask(rig, "usb", SettingRequest(setting, value, 1)) == [status]
    assert len(rig.events(SettingChanged)) == (status is Status.ACCEPTED)


def test_a_changed_setting_counts_from_then_on(Rig: MakeRig) -> None:
    """A smaller largest bolus refuses what was allowed, a smaller largest basal slows it down."""
    rig = rig_of(Rig, remote_settings=True)
    less = SettingRequest(Setting.MAX_BASAL_MILLIUNITS_PER_H, 600, 2)
    assert ask(rig, "usb", SMALL, less) == [Status.ACCEPTED] * 2
    assert rig.pump.largest_bolus_U == 3.0
    assert rig.pump.press_bolus(4.0, -1) is Status.OVER_MAXIMUM
    assert rig.pump.basal_U_per_h == pytest.approx(0.6)
    rig.run(5 * US_PER_MIN)
    assert rig.drive.insulin_nU[2] == U // 100
