"""The pump's own history: who asked for what, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testbed.devices import PumpSettings
from testbed.protocol.payloads import (
    BolusRequest,
    CgmReading,
    HistoryReply,
    HistoryRequest,
    Setting,
    SettingRequest,
    SuspendRequest,
)
from testbed.units import NANOUNITS_PER_UNIT as U
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_S

MakeRig = Callable[..., Any]


def told(rig: Any) -> list[tuple[str, str, str]]:
    """Return what each row is, where it came from and what it notes, basal rows apart."""
    rows = rig.pump.history.rows
    return [(row.what, row.source, row.note) for row in rows if row.what != "basal"]


def download(rig: Any) -> HistoryReply:
    """Return what a download brings."""
    replies: list[HistoryReply] = []
    usb = rig.peer(
        "usb", {("pump", HistoryReply): lambda _link, reply, _cause: replies.append(reply)}
    )
    rig.say(usb, HistoryRequest(0))
    rig.run(US_PER_S)
    return replies[-1]


def test_every_row_names_its_source(Rig: MakeRig) -> None:
    """Buttons, meter and USB link are each named as the source of what they asked for."""
    rig = Rig(pump=PumpSettings.model_validate({"remote_suspend": True, "remote_settings": True}))
    rig.pump.press_bolus(1.5, -1)
    rig.run(2 * US_PER_MIN)
    rig.say(rig.peer("meter"), BolusRequest(3000, 1))
    rig.run(US_PER_MIN)
    rig.pump.press_cancel(-1)
    rig.say(rig.peer("meter"), SuspendRequest(2))
    rig.say(rig.peer("usb"), SettingRequest(Setting.LOW_ALERT_MGDL, 80, 3))
    rig.run(US_PER_S)
    rig.pump.press_bolus(1.0, -1)
    assert told(rig) == [
        ("bolus", "pump", "completed"),
        ("bolus", "meter", "cancelled"),
        ("alert", "programme", "remote-bolus-started"),
        ("acknowledged", "pump", "remote-bolus-started"),
        ("suspended", "meter", ""),
        ("alert", "programme", "remote-command"),
        ("acknowledged", "pump", "remote-command"),
        ("setting", "usb", "low_alert_mgdl = 80"),
        ("alert", "programme", "remote-command"),
        ("acknowledged", "pump", "remote-command"),
        ("refused", "pump", "bolus: suspended"),
    ]


def test_doses_are_those_delivered(Rig: MakeRig) -> None:
    """A row says what was asked for and what went in, and a download counts the latter."""
    rig = Rig()
    rig.pump.press_bolus(3.0, -1)
    rig.run(US_PER_MIN)
    assert download(rig).bolus_milliunits >= 1500  # what has flowed so far
    rig.pump.press_cancel(-1)
    (row,) = [row for row in rig.pump.history.rows if row.what == "bolus"]
    assert row.asked_nU == 3 * U
    assert row.delivered_nU == int(rig.drive.insulin_nU.sum())
    rig.pump.press_bolus(0.5, -1)
    rig.run(10 * US_PER_MIN)
    reply = download(rig)
    assert reply.rows == 2
    assert reply.bolus_milliunits == int(rig.drive.insulin_nU.sum()) // 10**6


def test_basal_is_told_by_what_set_it(Rig: MakeRig) -> None:
    """Each stretch of basal has a row with its source and what it delivered."""
    settings = PumpSettings.model_validate({"therapy": "suspend-on-low"})
    rig = Rig(180, settings, basal_U_per_min=0.02)
    rig.run(US_PER_HOUR)
    rig.pump.press_temporary_percent(50, US_PER_HOUR, -1)
    rig.run(US_PER_HOUR)
    rig.say(rig.peer("cgm"), CgmReading(60, 0))
    rig.run(US_PER_HOUR // 2)
    rig.pump.press_suspend(-1)
    rows = [row for row in rig.pump.history.rows if row.what == "basal"]
    assert [(row.t // US_PER_MIN, row.source) for row in rows] == [
        (0, "programme"),
        (60, "pump"),
        (120, "programme"),
    ]
    assert [row.delivered_nU for row in rows[:2]] == [60 * U // 50, 60 * U // 100]
