"""What every channel carries, and what the counted and encrypted one refuses."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from testbed.protocol.channels import CHANNELS, Channel, LinkState, Refused
from testbed.protocol.channels.aead_counter import AeadCounter, CounterExhaustedError
from testbed.protocol.channels.base import RESERVED
from testbed.protocol.frames import DATA, HEADER_BYTES, MAX_COUNTER, encode_header
from testbed.protocol.roles import Role
from testbed.protocol.suite import ConcreteSuite

quick = settings(derandomize=True, deadline=None, max_examples=100)

NAMES = sorted(CHANNELS)
every_channel = pytest.mark.parametrize("channel", [CHANNELS[each] for each in NAMES], ids=NAMES)
PROTECTED = [name for name in NAMES if name != "plaintext"]
every_protected_channel = pytest.mark.parametrize(
    "channel", [CHANNELS[each] for each in PROTECTED], ids=PROTECTED
)
KEY = bytes(range(32))
AEAD: Channel = CHANNELS["aead-counter"]

bodies = st.binary(max_size=40)


class Side:
    """One side of a link, with the addresses filled in."""

    def __init__(self, channel: Channel, role: Role, key: bytes = KEY) -> None:
        self.suite = ConcreteSuite()
        self.channel = channel
        self.state: LinkState[bytes] = channel.establish(self.suite, key, role)
        self.addresses = (b"MET1", b"PUM1")
        if role is Role.RESPONDER:
            self.addresses = self.addresses[::-1]

    def seal(self, payload: bytes) -> bytes:
        """Return the next frame."""
        header = encode_header(DATA, *self.addresses, self.state.next_counter)
        self.state, body = self.channel.seal(self.suite, self.state, header, payload)
        return header + body

    def unseal(self, frame: bytes) -> bytes | Refused:
        """Return the payload of a frame, or why it is refused; the state moves on if not."""
        header, body = frame[:HEADER_BYTES], frame[HEADER_BYTES:]
        counter = int.from_bytes(header[-4:], "big")
        result = self.channel.unseal(self.suite, self.state, header, counter, body)
        if isinstance(result, Refused):
            return result
        self.state, payload = result
        return payload


def sides(channel: Channel, key: bytes = KEY) -> tuple[Side, Side]:
    """Return both sides of a new link."""
    return Side(channel, Role.INITIATOR, key), Side(channel, Role.RESPONDER, key)


def flipped(frame: bytes, bit: int) -> bytes:
    """Return a frame with one bit changed."""
    changed = bytearray(frame)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@every_channel
@quick
@given(traffic=st.lists(st.tuples(st.booleans(), bodies), max_size=12))
def test_what_goes_in_comes_out(channel: Channel, traffic: list[tuple[bool, bytes]]) -> None:
    """Payloads in both directions, in any mixture, arrive as they were sent."""
    one, other = sides(channel)
    for forth, payload in traffic:
        sender, receiver = (one, other) if forth else (other, one)
        assert receiver.unseal(sender.seal(payload)) == payload


@every_protected_channel
@quick
@given(forged=st.lists(st.tuples(st.integers(0, MAX_COUNTER), bodies), max_size=8))
def test_a_refusal_changes_nothing(channel: Channel, forged: list[tuple[int, bytes]]) -> None:
    """After any made-up frames, each refused, the next true one still arrives."""
    one, other = sides(channel)
    for counter, body in forged:
        made_up = encode_header(DATA, *one.addresses, counter) + body
        assert isinstance(other.unseal(made_up), Refused)
    assert other.unseal(one.seal(b"true")) == b"true"


@quick
@given(st.lists(st.integers(0, 9), max_size=30))
def test_a_frame_is_accepted_once_and_never_after_a_later_one(order: list[int]) -> None:
    """Frames delivered in any order: accepted are exactly those above all accepted before."""
    one, other = sides(AEAD)
    frames = [one.seal(bytes((number,))) for number in range(10)]
    highest = -1
    for number in order:
        result = other.unseal(frames[number])
        if number > highest:
            assert result == bytes((number,))
            highest = number
        else:
            assert isinstance(result, Refused)


@every_protected_channel
@quick
@given(payload=bodies, data=st.data())
def test_no_bit_of_a_frame_may_change(
    channel: Channel, payload: bytes, data: st.DataObject
) -> None:
    """A frame with any one bit of header or body changed is refused."""
    one, other = sides(channel)
    frame = one.seal(payload)
    bit = data.draw(st.integers(0, 8 * len(frame) - 1))
    assert isinstance(other.unseal(flipped(frame, bit)), Refused)
    assert other.unseal(frame) == payload


@every_protected_channel
@quick
@given(payload=bodies, data=st.data())
def test_no_frame_may_be_cut(channel: Channel, payload: bytes, data: st.DataObject) -> None:
    """A frame whose body is cut anywhere is refused."""
    one, other = sides(channel)
    frame = one.seal(payload)
    cut = data.draw(st.integers(HEADER_BYTES, len(frame) - 1))
    assert isinstance(other.unseal(frame[:cut]), Refused)


@every_protected_channel
@quick
@given(key=st.binary(min_size=32, max_size=32), payload=bodies)
def test_a_frame_of_another_link_is_refused(channel: Channel, key: bytes, payload: bytes) -> None:
    """A frame sealed under another link key is refused, its header being right."""
    assume(key != KEY)
    stranger = Side(channel, Role.INITIATOR, key)
    _, pump = sides(channel)
    assert isinstance(pump.unseal(stranger.seal(payload)), Refused)


@every_protected_channel
@quick
@given(payload=bodies)
def test_a_side_refuses_its_own_frames(channel: Channel, payload: bytes) -> None:
    """A frame sent back to its sender is refused, with and without its addresses swapped."""
    one, _ = sides(channel)
    frame = one.seal(payload)
    swapped = frame[:2] + frame[6:10] + frame[2:6] + frame[10:]
    assert isinstance(one.unseal(frame), Refused)
    assert isinstance(one.unseal(swapped), Refused)


@every_protected_channel
@quick
@given(key=st.binary(min_size=32, max_size=32))
def test_each_direction_has_its_own_key(channel: Channel, key: bytes) -> None:
    """What one side sends under the other receives under, and the two directions differ."""
    one, other = sides(channel, key)
    assert one.state.send_key == other.state.receive_key
    assert one.state.receive_key == other.state.send_key
    assert len({one.state.send_key, one.state.receive_key, key}) == 3


def test_a_frame_without_a_counter_verifies_again() -> None:
    """What mac-no-counter accepted once it accepts whenever it is sent again."""
    one, other = sides(CHANNELS["mac-no-counter"])
    frame = one.seal(b"again")
    one.seal(b"later")
    assert [other.unseal(frame) for _ in range(3)] == [b"again"] * 3


@quick
@given(sent=st.integers(1, 40), later=st.integers(0, 40))
def test_a_loss_of_power_lets_nothing_happen_twice(sent: int, later: int) -> None:
    """After both sides restart, no old frame is accepted and no counter is used again."""
    one, other = sides(AEAD)
    old = [one.seal(b"old") for _ in range(sent)]
    assert all(other.unseal(frame) == b"old" for frame in old)
    one.state, other.state = AEAD.restart(one.state), AEAD.restart(other.state)
    new = [one.seal(b"new") for _ in range(later)]
    counters = [frame[HEADER_BYTES - 4 : HEADER_BYTES] for frame in old + new]
    assert len(set(counters)) == sent + later
    assert all(isinstance(other.unseal(frame), Refused) for frame in old)
    assert [other.unseal(frame) for frame in new][RESERVED - 1 :] == [b"new"] * (
        max(0, later - RESERVED + 1)
    )


def test_a_counter_is_used_once() -> None:
    """Each sealing moves the counter on, up to the last one, and then there is none."""
    suite, channel = ConcreteSuite(), AeadCounter()
    fresh = channel.establish(suite, KEY, Role.INITIATOR)
    assert fresh.next_counter == 1
    last = LinkState(fresh.send_key, fresh.receive_key, MAX_COUNTER, 0)
    after, _ = channel.seal(suite, last, b"", b"payload")
    with pytest.raises(CounterExhaustedError):
        channel.seal(suite, after, b"", b"payload")
