"""The CGM transmitter, the meter, the USB link, and linking them with the pump."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from testbed.protocol.frames import DATA, encode_header
from testbed.protocol.payloads import BolusReply, MeterReading, Status
from testbed.protocol.roles import Role
from testbed.protocol.settings import LinkSettings
from testbed.trace import (
    FrameRefused,
    FrameSent,
    Linked,
    PairingFailed,
    PairingOpened,
    ReadingStored,
)
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_S

MakeRig = Callable[..., Any]


def sent_by(rig: Any, node: str) -> list[int]:
    """Return when a node sent frames."""
    return [event.t for event in rig.events(FrameSent) if event.node == node]


@pytest.mark.parametrize("minutes", [60, 61, 64, 120])
def test_a_reading_goes_out_every_five_minutes(Rig: MakeRig, minutes: int) -> None:
    """A linked transmitter sends at 0, 5, 10 ... minutes, and the pump stores each."""
    rig = Rig(minutes)
    rig.cgm()
    rig.finish()
    # The one at 0 goes out before there is a pump to tell.
    expected = [minute * US_PER_MIN for minute in range(5, minutes, 5)]
    assert sent_by(rig, "cgm") == expected
    assert len(rig.events(ReadingStored)) == len(expected)


def test_a_perfect_sensor_shows_the_tissue(rig: Any) -> None:
    """Without sensor error each reading is interstitial glucose, rounded."""
    rig.cgm()
    rig.pump.press_bolus(3.0, -1)
    rig.body.eat(20, 50)
    rig.finish()
    shown = [event.mgdl for event in rig.events(ReadingStored)]
    assert shown == [round(float(rig.body.interstitial_mgdl[5 * n])) for n in range(1, 24)]
    assert len(set(shown)) > 5


def test_an_unlinked_transmitter_is_silent(rig: Any) -> None:
    """Without a pump to tell, no reading goes out."""
    rig.cgm(linked=False)
    rig.finish()
    assert not rig.events(FrameSent)


def test_a_finger_stick_goes_to_the_pump(rig: Any) -> None:
    """What the meter shows is what the pump stores."""
    meter = rig.meter()
    shown = []
    for _ in range(5):
        rig.run(10 * US_PER_MIN)
        shown.append(meter.finger_stick(-1))
    rig.run(US_PER_S)
    assert [event.mgdl for event in rig.events(ReadingStored)] == shown
    assert len(set(shown)) > 1


def test_an_unlinked_meter_measures_and_says_nothing(rig: Any) -> None:
    """Without a pump the meter still shows a result, and asks nobody for a bolus."""
    meter = rig.meter(linked=False)
    assert 20 <= meter.finger_stick(-1) <= 600
    assert not meter.ask_bolus(1.0, -1, lambda _status, _cause: None)
    rig.run(US_PER_S)
    assert not meter.linked
    assert not rig.events(FrameSent)


def test_the_meter_hears_the_pumps_answer(rig: Any) -> None:
    """Whoever asked on the meter is told the pump's status, once."""
    meter = rig.meter()
    answers: list[Status] = []
    assert meter.ask_bolus(2.0, -1, lambda status, _cause: answers.append(status))
    rig.run(US_PER_S)
    assert answers == [Status.ACCEPTED]
    assert meter.ask_bolus(2.0, -1, lambda status, _cause: answers.append(status))
    rig.run(US_PER_S)
    assert answers == [Status.ACCEPTED, Status.BUSY]


def test_the_meter_takes_nothing_but_answers(rig: Any) -> None:
    """A verified payload that is no bolus reply does not reach whoever asked."""
    meter = rig.meter()
    answers: list[Status] = []
    link = rig.pump.endpoint.link_with("meter")
    rig.pump.endpoint.send(link, MeterReading(100), -1)
    rig.pump.endpoint.send(link, BolusReply(200, 1), -1)
    meter.ask_bolus(2.0, -1, lambda status, _cause: answers.append(status))
    rig.run(US_PER_S)
    assert answers in ([], [Status.ACCEPTED])


# The USB link -------------------------------------------------------------------------


def hearing_minutes(rig: Any, usb: Any, minutes: int) -> list[int]:
    """Return the minutes in which a frame for the USB link is heard by it."""
    caller = rig.peer("caller", linked=False)
    for minute in range(minutes):
        rig.at(
            minute * US_PER_MIN + 30 * US_PER_S,
            lambda minute=minute: rig.medium.transmit(
                caller, encode_header(DATA, caller.address, usb.endpoint.address, minute), -1
            ),
        )
    rig.finish()
    return [event.t // US_PER_MIN for event in rig.events(FrameRefused) if event.node == "usb"]


def test_the_usb_link_is_on_the_air_while_plugged_in(Rig: MakeRig) -> None:
    """The stick hears frames from being plugged in until it is pulled, every day."""
    rig = Rig(minutes=26 * 60, start_us=8 * US_PER_HOUR)
    usb = rig.usb(linked=False, plugged_from="09:00", plugged_for="30min")
    heard = hearing_minutes(rig, usb, 26 * 60)
    assert heard == [*range(60, 90), *range(25 * 60, 25 * 60 + 30)]


def test_the_usb_link_downloads_while_plugged_in(Rig: MakeRig) -> None:
    """It asks for the history at its interval while it is in, and gets all rows."""
    rig = Rig(minutes=120, start_us=8 * US_PER_HOUR)
    usb = rig.usb(plugged_from="09:00", plugged_for="30min", download_every="10min")
    rig.pump.press_bolus(1.0, -1)
    rig.at(65 * US_PER_MIN, lambda: rig.pump.press_bolus(2.0, -1))
    rig.finish()
    assert sent_by(rig, "usb") == [minute * US_PER_MIN for minute in (60, 70, 80)]
    assert usb.downloaded_rows == 2


# Linking ------------------------------------------------------------------------------


@pytest.mark.parametrize("window_s", [10, 120, 600])
@pytest.mark.parametrize("role", list(Role))
def test_a_pairing_window_closes(Rig: MakeRig, window_s: int, role: Role) -> None:
    """Without a peer, pairing mode ends when its window closes, and no link is made."""
    rig = Rig(link=LinkSettings.model_validate({"pairing_window": f"{window_s}s"}))
    pump = rig.pump.endpoint
    rig.run(7 * US_PER_S)
    pump.pairing.open(role, "meter", -1)
    assert pump.pairing.active
    rig.finish()
    (failed,) = rig.events(PairingFailed)
    assert failed.t == (7 + window_s) * US_PER_S
    assert not pump.pairing.active
    assert not pump.links


def test_opening_again_begins_a_new_window(rig: Any) -> None:
    """The window of a pairing that was opened anew is that of the second opening."""
    rig.pump.press_link("meter", -1)
    rig.run(90 * US_PER_S)
    rig.pump.press_link("cgm", -1)
    rig.run(60 * US_PER_S)
    assert rig.pump.endpoint.pairing.active
    rig.finish()
    assert [event.t for event in rig.events(PairingFailed)] == [210 * US_PER_S]


def test_two_devices_in_pairing_mode_are_linked(rig: Any) -> None:
    """Pump and meter in pairing mode end with one link each, and it carries."""
    meter = rig.meter(linked=False)
    rig.pump.press_link("meter", -1)
    rig.run(US_PER_S)
    meter.press_link(-1)
    rig.run(US_PER_S)
    assert [(event.device, event.peer) for event in rig.events(Linked)] == [
        ("pump", "meter"),
        ("meter", "pump"),
    ]
    assert meter.linked
    assert [link.kind for link in rig.pump.endpoint.links.values()] == ["meter"]
    answers: list[Status] = []
    meter.ask_bolus(1.0, -1, lambda status, _cause: answers.append(status))
    rig.run(US_PER_S)
    assert answers == [Status.ACCEPTED]


def test_linking_again_takes_the_old_link_away(rig: Any) -> None:
    """After a second linking of the same device the pump refuses what the old link sealed."""
    meter = rig.meter(linked=False)
    for _ in range(2):
        rig.pump.press_link("meter", -1)
        meter.press_link(-1)
        rig.run(US_PER_S)
        if len(rig.events(Linked)) == 2:
            meter.finger_stick(-1)
            rig.run(US_PER_S)
            old = [e for e in rig.events(FrameSent) if e.node == "meter"][-1].data
    assert len(rig.pump.endpoint.links) == 1
    before = len(rig.events(ReadingStored))
    rig.pump.endpoint.hear(old, -1)
    assert len(rig.events(ReadingStored)) == before


def test_a_device_nobody_opened_does_not_pair(rig: Any) -> None:
    """A meter that looks for a pump finds none that is not in pairing mode."""
    meter = rig.meter(linked=False)
    meter.press_link(-1)
    rig.finish()
    assert not rig.events(Linked)
    assert [event.device for event in rig.events(PairingOpened)] == ["meter"]
