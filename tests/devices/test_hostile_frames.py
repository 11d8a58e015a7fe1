"""Whatever bytes come off the air: nothing escapes, no insulin moves, no link appears."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import Endpoint
from testbed.protocol.frames import BROADCAST, DATA, HEADER_BYTES, PAIRING, encode_header
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.payloads import BolusRequest, CgmReading, HistoryRequest, MeterReading
from testbed.protocol.roles import Role
from testbed.protocol.settings import LinkSettings
from testbed.trace import (
    BolusStarted,
    CommandAccepted,
    CommandRefused,
    FrameSent,
    Linked,
    ReadingStored,
)
from testbed.units import US_PER_S

thorough = settings(derandomize=True, deadline=None, max_examples=120)

MakeRig = Callable[..., Any]

DEVICES = ("pump", "cgm", "meter", "usb")


class Stage(NamedTuple):
    """Every device of a rig, and the true frames that were said among them so far."""

    rig: Any
    devices: dict[str, Endpoint]
    said: list[bytes]


def stage(Rig: MakeRig, seed: int = 1, **link: Any) -> Stage:
    """Return a pump linked with one of each device, after some true traffic."""
    rig = Rig(minutes=60, seed=seed, link=LinkSettings.model_validate(link))
    cgm, meter, usb = rig.peer("cgm"), rig.peer("meter"), rig.peer("usb")
    for payload, peer in (
        (CgmReading(100, 0), cgm),
        (MeterReading(110), meter),
        (BolusRequest(500, 1), meter),
        (HistoryRequest(0), usb),
        (CgmReading(101, 1), cgm),
    ):
        rig.say(peer, payload)
        rig.run(US_PER_S)
    said = [event.data for event in rig.events(FrameSent)]
    devices = {"pump": rig.pump.endpoint, "cgm": cgm, "meter": meter, "usb": usb}
    return Stage(rig, devices, said)


@cache
def spoken(Rig: MakeRig, method: str) -> tuple[bytes, ...]:
    """Return the true frames of another system: other keys, other serial numbers."""
    other = stage(Rig, seed=2, pairing=method)
    meter = other.rig.meter(linked=False)
    other.rig.pump.press_link("meter", -1)
    meter.press_link(-1)
    other.rig.run(US_PER_S)
    return tuple(event.data for event in other.rig.events(FrameSent))


def snapshot(on: Stage) -> tuple[Any, ...]:
    """Return what hostile bytes must not change."""
    rig = on.rig
    return (
        {name: sorted(device.links) for name, device in on.devices.items()},
        rig.links(),
        rig.drive.insulin_nU.tolist(),
        rig.pump.sensor_mgdl,
        len(rig.events(BolusStarted, CommandAccepted, CommandRefused, ReadingStored, Linked)),
    )


@st.composite
def hostile(draw: st.DrawFn, pool: list[bytes], names: list[bytes]) -> bytes:
    """Draw hostile bytes: made up from nothing, from the layout, or from true frames."""
    how = draw(st.sampled_from(["noise", "layout", "flip", "cut", "grow", "splice", "replay"]))
    if how == "noise":
        return draw(st.binary(max_size=80))
    if how == "layout":
        source, to = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        kind = draw(st.sampled_from([PAIRING, DATA]))
        counter = draw(st.integers(0, 2**32 - 1))
        code, index = draw(st.integers(0, 7)), draw(st.integers(0, 8))
        body = draw(st.one_of(st.binary(max_size=60), st.just(bytes((code, index)) + bytes(44))))
        return encode_header(kind, source, to, counter) + body
    frame = bytearray(draw(st.sampled_from(pool)))
    if how == "flip":
        for bit in draw(st.sets(st.integers(0, 8 * len(frame) - 1), min_size=1, max_size=3)):
            frame[bit // 8] ^= 1 << bit % 8
    elif how == "cut":
        del frame[draw(st.integers(0, len(frame) - 1)) :]
    elif how == "grow":
        frame += draw(st.binary(min_size=1, max_size=260))
    elif how == "splice":
        other = draw(st.sampled_from(pool))
        if other[HEADER_BYTES:] != frame[HEADER_BYTES:]:
            frame[HEADER_BYTES:] = other[HEADER_BYTES:]
    return bytes(frame)


@pytest.mark.parametrize("device", DEVICES)
@thorough
@given(data=st.data())
def test_hostile_bytes_come_to_nothing(Rig: MakeRig, device: str, data: st.DataObject) -> None:
    """Noise, mutations, replays and another system's frames change nothing in a device."""
    on = stage(Rig)
    pool = [*on.said, *spoken(Rig, "serial-derived")]
    names = [BROADCAST, *(each.address for each in on.devices.values())]
    before = snapshot(on)
    for bytes_ in data.draw(st.lists(hostile(pool, names), min_size=1, max_size=10)):
        on.devices[device].hear(bytes_, -1)
    on.rig.run(US_PER_S)
    assert snapshot(on) == before


@pytest.mark.parametrize("device", DEVICES)
@thorough
@given(method=st.sampled_from(sorted(PAIRINGS)), data=st.data())
def test_hostile_bytes_make_no_link_in_pairing_mode(
    Rig: MakeRig, device: str, method: str, data: st.DataObject
) -> None:
    """In pairing mode too, bytes of nobody who takes part in the method make no link."""
    on = stage(Rig, pairing=method)
    pool = [*on.said, *spoken(Rig, method)]
    names = [BROADCAST, *(each.address for each in on.devices.values())]
    before = snapshot(on)
    pairing = on.devices[device].pairing
    if device == "pump":
        pairing.open(Role.RESPONDER, "meter", -1)
    else:
        pairing.open(Role.INITIATOR, "pump", -1)
    for bytes_ in data.draw(st.lists(hostile(pool, names), min_size=1, max_size=10)):
        on.devices[device].hear(bytes_, -1)
        on.rig.run(1000)
    on.rig.run(US_PER_S)
    assert snapshot(on) == before


def test_every_true_frame_is_refused_the_second_time(Rig: MakeRig) -> None:
    """No frame that was accepted is accepted again, by anyone, in any order."""
    on = stage(Rig)
    before = snapshot(on)
    for frame in [*on.said, *reversed(on.said)]:
        for device in on.devices.values():
            device.hear(frame, -1)
    on.rig.run(US_PER_S)
    assert snapshot(on) == before


def test_a_true_frame_still_gets_through(Rig: MakeRig) -> None:
    """After hostile bytes of every sort a linked peer is heard as before."""
    on = stage(Rig)
    for frame in [*spoken(Rig, "serial-derived"), b"", bytes(300), *on.said]:
        on.devices["pump"].hear(frame, -1)
    stored = len(on.rig.events(ReadingStored))
    on.rig.say(on.devices["cgm"], CgmReading(99, 2))
    on.rig.run(US_PER_S)
    assert len(on.rig.events(ReadingStored)) == stored + 1
    assert on.rig.pump.sensor_mgdl == 99
