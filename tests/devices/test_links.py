"""Links over time: lock-out, unlinking, loss of power, rotation, and requests sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.protocol.frames import HEADER_BYTES, PAIRING, decode_header, encode_header
from testbed.protocol.pairings import PAIRINGS, encode_message
from testbed.protocol.payloads import BolusReply, BolusRequest, CgmReading, MeterReading, Status
from testbed.protocol.roles import Message, Role
from testbed.protocol.settings import LinkSettings
from testbed.trace import (
    BolusStarted,
    CommandRefused,
    FrameRefused,
    FrameSent,
    PairingFailed,
    ReadingStored,
)
from testbed.units import US_PER_MIN, US_PER_MS, US_PER_S

MakeRig = Callable[..., Any]

quick = settings(derandomize=True, deadline=None, max_examples=60)


def link_settings(**written: Any) -> LinkSettings:
    """Return settings of the link as a file writes them."""
    return LinkSettings.model_validate(written)


# Lock-out -----------------------------------------------------------------------------


def fail_once(rig: Any) -> None:
    """Have somebody break off a linking with the pump, by a message out of turn."""
    out_of_turn = encode_message(PAIRINGS["just-works"], Message("confirm", (bytes(16),)))
    header = encode_header(PAIRING, b"\1\2\3\4", rig.pump.endpoint.address, 0)
    rig.pump.endpoint.hear(header + out_of_turn, -1)


def locked_rig(Rig: MakeRig, after: int, minutes: int) -> Any:
    """Return a rig whose pump has just failed as often as it takes."""
    link = link_settings(pairing="just-works", lockout_after=after, lockout_for=f"{minutes}min")
    rig = Rig(link=link)
    rig.pump.press_link("meter", -1)
    for _ in range(after):
        assert not rig.pump.endpoint.pairing.locked
        fail_once(rig)
    return rig


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_pump_locks_after_so_many_failures(Rig: MakeRig, after: int) -> None:
    """After as many failures in a row as it is set to, a pump refuses to pair."""
    rig = locked_rig(Rig, after, 10)
    pairing = rig.pump.endpoint.pairing
    assert pairing.locked
    assert not pairing.active
    rig.pump.press_link("meter", -1)
    assert not pairing.active
    assert rig.events(PairingFailed)[-1].why == "locked out after too many failures"


@pytest.mark.parametrize("minutes", [1, 10])
def test_a_lock_out_ends(Rig: MakeRig, minutes: int) -> None:
    """When the lock-out time is over, and not before, the pump pairs again."""
    rig = locked_rig(Rig, 3, minutes)
    meter = rig.meter(linked=False)
    rig.run(minutes * US_PER_MIN - 1)
    assert rig.pump.endpoint.pairing.locked
    rig.run(1)
    assert not rig.pump.endpoint.pairing.locked
    rig.pump.press_link("meter", -1)
    meter.press_link(-1)
    rig.run(US_PER_S)
    assert meter.linked


def test_a_success_wipes_failures_out(Rig: MakeRig) -> None:
    """Failures count in a row: a linking that succeeds begins the count anew."""
    rig = Rig(link=link_settings(pairing="just-works", lockout_after=3))
    meter = rig.meter(linked=False)
    for _ in range(3):
        rig.pump.press_link("meter", -1)
        fail_once(rig)
        fail_once(rig)
        meter.press_link(-1)
        rig.run(US_PER_S)
        assert meter.linked
        assert not rig.pump.endpoint.pairing.locked


def test_zero_never_locks(Rig: MakeRig) -> None:
    """With a lock-out after 0 failures, which means never, a pump goes on."""
    rig = Rig(link=link_settings(pairing="just-works", lockout_after=0))
    rig.pump.press_link("meter", -1)
    for _ in range(50):
        fail_once(rig)
        assert rig.pump.endpoint.pairing.active


# Unlinking ----------------------------------------------------------------------------


def test_an_unlinked_device_is_refused_and_off_the_list(rig: Any) -> None:
    """What is removed from the list of linked devices is refused, and nobody else is."""
    meter, cgm = rig.peer("meter"), rig.peer("cgm")
    assert rig.pump.linked_devices == (("meter", meter.address), ("cgm", cgm.address))
    assert rig.pump.press_unlink(meter.address)
    assert rig.pump.linked_devices == (("cgm", cgm.address),)
    rig.say(meter, BolusRequest(1000, 1))
    rig.run(US_PER_S)
    rig.say(cgm, CgmReading(100, 1))
    rig.run(US_PER_S)
    assert [event.why for event in rig.events(FrameRefused)] == ["no link with the sender"]
    assert len(rig.events(ReadingStored)) == 1
    assert not rig.events(BolusStarted)


def test_who_is_not_linked_is_not_unlinked(rig: Any) -> None:
    """To remove an address that is not on the list changes nothing."""
    rig.peer("meter")
    before = rig.links()
    assert not rig.pump.press_unlink(b"\1\2\3\4")
    assert rig.links() == before


# Loss of power ------------------------------------------------------------------------


@quick
@given(
    before=st.integers(0, 40),
    after=st.integers(1, 40),
    restarts=st.lists(st.sampled_from(["pump", "meter"]), min_size=1, max_size=3),
)
def test_no_counter_is_used_or_taken_twice(
    Rig: MakeRig, before: int, after: int, restarts: list[str]
) -> None:
    """Over any restarts no counter goes out twice, no old frame is taken, and few are lost."""
    rig = Rig()
    meter = rig.peer("meter")
    for number in range(before):
        rig.say(meter, MeterReading(100 + number))
        rig.run(US_PER_S)
    assert len(rig.events(ReadingStored)) == before
    old = [event.data for event in rig.events(FrameSent)]
    for who in restarts:
        (rig.pump.endpoint if who == "pump" else meter).restart()
    for frame in old:
        rig.pump.endpoint.hear(frame, -1)
    assert len(rig.events(ReadingStored)) == before
    for number in range(after):
        rig.say(meter, MeterReading(200 + number))
        rig.run(US_PER_S)
    sent = [decode_header(event.data)[3] for event in rig.events(FrameSent)]
    assert len(set(sent)) == len(sent)
    stored = len(rig.events(ReadingStored)) - before
    assert after - stored <= 15
    if "meter" in restarts and "pump" not in restarts:
        assert stored == after


# Rotation -----------------------------------------------------------------------------


def rotate(rig: Any, meter: Any, lose: int | None = None) -> None:
    """Have the pump begin a rotation; the ``lose``-th of its frames reaches nobody."""
    pump = rig.pump.endpoint
    transmit, count = rig.medium.transmit, 0

    def lossy(sender: Any, data: bytes, cause: int) -> int:
        nonlocal count
        count += 1
        if count - 1 == lose:
            return -1
        return int(transmit(sender, data, cause))

    rig.medium.transmit = lossy
    pump.rotation.offer(pump.link_with("meter"), -1)
    rig.run(US_PER_S)
    rig.medium.transmit = transmit


def keys(rig: Any, meter: Any) -> tuple[bytes, bytes]:
    """Return the link key that each side uses."""
    return rig.pump.endpoint.link_with("meter").key, meter.link_with("pump").key


def talk(rig: Any, meter: Any) -> None:
    """Check that each side takes what the other says."""
    stored, heard = len(rig.events(ReadingStored)), len(rig.heard)
    rig.say(meter, MeterReading(120))
    rig.run(US_PER_S)
    pump = rig.pump.endpoint
    pump.send(pump.link_with("meter"), BolusReply(0, 1), -1)
    rig.run(US_PER_S)
    assert len(rig.events(ReadingStored)) == stored + 1
    assert len(rig.heard) == heard + 1


@pytest.fixture
def pair(rig: Any) -> tuple[Any, Any]:
    """Return a rig and a meter that is linked and notes what it hears in ``rig.heard``."""
    rig.heard = []
    takes = {("pump", BolusReply): lambda _link, reply, _cause: rig.heard.append(reply)}
    return rig, rig.peer("meter", takes)


def test_a_rotation_ends_on_one_new_key(pair: tuple[Any, Any]) -> None:
    """Both sides end on the same key, which is not the old one, and it carries both ways."""
    rig, meter = pair
    seen = {keys(rig, meter)[0]}
    for _ in range(4):
        rotate(rig, meter)
        pump_key, meter_key = keys(rig, meter)
        assert pump_key == meter_key
        assert pump_key not in seen
        seen.add(pump_key)
        talk(rig, meter)


def test_the_old_key_is_refused_after_a_rotation(pair: tuple[Any, Any]) -> None:
    """A frame that is sealed under the old key with a fresh counter is refused by its tag."""
    rig, meter = pair
    link = meter.link_with("pump")
    old = link.channel.establish(rig.bench.suite, link.key, Role.INITIATOR)
    rotate(rig, meter)
    talk(rig, meter)
    counter = 1000
    header = encode_header(2, meter.address, rig.pump.endpoint.address, counter)
    payload = BolusRequest(1000, 1).encode()
    frame = header + rig.bench.suite.seal(old.send_key, counter, header, payload)
    rig.pump.endpoint.hear(frame, -1)
    assert rig.events(FrameRefused)[-1].why == "the tag does not verify"
    assert not rig.events(BolusStarted)


@pytest.mark.parametrize("lose", range(4))
def test_a_link_outlives_a_lost_frame_of_a_rotation(pair: tuple[Any, Any], lose: int) -> None:
    """Whichever frame of a rotation is lost, both sides still hear each other, then rotate on."""
    rig, meter = pair
    rotate(rig, meter, lose)
    talk(rig, meter)
    talk(rig, meter)
    before = keys(rig, meter)
    rotate(rig, meter)
    talk(rig, meter)
    after = keys(rig, meter)
    assert after[0] == after[1]
    assert after[0] not in before


@quick
@given(losses=st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=1, max_size=6))
def test_a_link_outlives_any_losses(Rig: MakeRig, losses: list[int | None]) -> None:
    """After any number of rotations that were cut short anywhere, both sides hear each other."""
    rig = Rig()
    rig.heard = []
    takes = {("pump", BolusReply): lambda _link, reply, _cause: rig.heard.append(reply)}
    meter = rig.peer("meter", takes)
    for lose in losses:
        rotate(rig, meter, lose)
    talk(rig, meter)


@pytest.mark.parametrize("name", ["pump", "meter"])
def test_a_rotation_that_reaches_nobody_keeps_the_key(pair: tuple[Any, Any], name: str) -> None:
    """With one side off the air while the key is rotated, the old key stays in use."""
    rig, meter = pair
    device = rig.pump.endpoint if name == "pump" else meter
    before = keys(rig, meter)
    rig.medium.remove(device)
    rotate(rig, meter)
    rig.put(device, linked=False)
    assert keys(rig, meter) == before
    talk(rig, meter)


# Requests sent again ------------------------------------------------------------------


@pytest.mark.parametrize("lost", range(4))
def test_a_lost_request_is_sent_again_and_carried_out_once(rig: Any, lost: int) -> None:
    """While its first frames are lost a request is sent again; one bolus starts, one answer."""
    meter = rig.meter()
    answers: list[Status] = []
    rig.medium.remove(rig.pump.endpoint)
    assert meter.ask_bolus(1.0, -1, lambda status, _cause: answers.append(status))
    if lost:
        rig.run((lost - 1) * 2 * US_PER_S + US_PER_S)
    rig.put(rig.pump.endpoint, linked=False)
    rig.run(30 * US_PER_S)
    sent = [event for event in rig.events(FrameSent) if event.node == "meter"]
    assert len(sent) == lost + 1
    assert answers == [Status.ACCEPTED]
    assert [event.nanounits for event in rig.events(BolusStarted)] == [10**9]


def test_a_lost_answer_is_given_again(rig: Any) -> None:
    """Where the answers are lost the pump answers each time, and carries the request out once."""
    meter = rig.meter()
    answers: list[Status] = []
    meter.ask_bolus(1.0, -1, lambda status, _cause: answers.append(status))
    rig.run(US_PER_MS)
    rig.medium.remove(meter.endpoint)
    rig.run(US_PER_S)
    assert not answers
    rig.put(meter.endpoint, linked=False)
    rig.run(10 * US_PER_S)
    assert answers == [Status.ACCEPTED]
    assert len(rig.events(BolusStarted)) == 1


def test_nobody_asks_for_ever(rig: Any) -> None:
    """A request that is never answered is sent four times, and then given up."""
    meter = rig.meter()
    rig.medium.remove(rig.pump.endpoint)
    meter.ask_bolus(1.0, -1, lambda _status, _cause: None)
    rig.run(5 * US_PER_MIN)
    assert len([event for event in rig.events(FrameSent) if event.node == "meter"]) == 4


def asked(rig: Any, *requests: tuple[int, BolusRequest]) -> tuple[list[int], list[BolusReply]]:
    """Ask in a meter's name at some seconds; return the doses started and the replies heard."""
    heard: list[BolusReply] = []
    takes = {("pump", BolusReply): lambda _link, reply, _cause: heard.append(reply)}
    meter = rig.peer("meter", takes)
    for seconds, request in requests:
        rig.at(seconds * US_PER_S + 1, lambda request=request: rig.say(meter, request))
    rig.run(10 * US_PER_MIN)
    return [event.nanounits for event in rig.events(BolusStarted)], heard


@pytest.mark.parametrize("seconds", [1, 30, 59])
def test_the_same_request_within_a_minute_is_one(rig: Any, seconds: int) -> None:
    """The same request within a minute is carried out once, and answered both times alike."""
    request = BolusRequest(100, 7)
    started, heard = asked(rig, (0, request), (seconds, request))
    assert started == [10**8]
    assert heard == [BolusReply(Status.ACCEPTED, 7)] * 2


def test_the_same_request_much_later_is_another(rig: Any) -> None:
    """An equal request after more than a minute is carried out again."""
    request = BolusRequest(100, 7)
    started, heard = asked(rig, (0, request), (90, request))
    assert started == [10**8] * 2
    assert len(heard) == 2


@pytest.mark.parametrize("other", [BolusRequest(200, 7), BolusRequest(100, 8)])
def test_another_dose_or_number_is_another_request(rig: Any, other: BolusRequest) -> None:
    """Another dose under the same number, or the same under another, is another request."""
    started, heard = asked(rig, (0, BolusRequest(100, 7)), (30, other))
    assert started == [10**8, other.milliunits * 10**6]
    assert heard == [BolusReply(Status.ACCEPTED, 7), BolusReply(Status.ACCEPTED, other.number)]


def test_a_refusal_is_answered_the_same_again(rig: Any) -> None:
    """A request that was refused is refused once, and its second coming is answered alike."""
    request = BolusRequest(90_000, 3)
    started, heard = asked(rig, (0, request), (10, request))
    assert not started
    assert heard == [BolusReply(Status.OVER_MAXIMUM, 3)] * 2
    assert len(rig.events(CommandRefused)) == 1


def test_every_frame_of_a_request_sent_again_is_new(rig: Any) -> None:
    """A request that is sent again goes out under a fresh counter each time."""
    meter = rig.meter()
    rig.medium.remove(rig.pump.endpoint)
    meter.ask_bolus(1.0, -1, lambda _status, _cause: None)
    rig.run(US_PER_MIN)
    frames = [event.data for event in rig.events(FrameSent) if event.node == "meter"]
    assert [decode_header(data)[3] for data in frames] == [1, 2, 3, 4]
    assert len({data[HEADER_BYTES:] for data in frames}) == 4
