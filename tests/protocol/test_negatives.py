"""Inputs that are no good, each refused by whoever computes with it, and none a crash.

After the classes of cases of the Wycheproof project: points of small order and points off
the curve, encodings that are not the canonical one, values sent back to their sender, and
tags and ciphertexts of a wrong length.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.protocol import spake2
from testbed.protocol.channels import CHANNELS, LinkState, Refused
from testbed.protocol.channels.base import direction_keys
from testbed.protocol.frames import DATA, FrameError, encode_header
from testbed.protocol.pairings import PAIRINGS, decode_message, encode_message
from testbed.protocol.pairings.confirmation import CLOSING, schedule
from testbed.protocol.roles import (
    YES,
    Ask,
    Established,
    Failed,
    Message,
    PairingMethod,
    Role,
    Send,
    Step,
)
from testbed.protocol.suite import ConcreteSuite

quick = settings(derandomize=True, deadline=None, max_examples=60)

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
"""The prime of P-256 (SP 800-186)."""
SERIALS = {Role.INITIATOR: b"MET-00000001", Role.RESPONDER: b"PUM-00000002"}
KEY = bytes(range(32))

_Q = 2**255 - 19
_ORDER_8 = (
    0xB8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
    0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
)
SMALL_ORDER = {
    f"{name}{top}": ((value % 2**255) | bit).to_bytes(32, "little")
    for name, value in {
        "0": 0,
        "1": 1,
        "the first of order 8": _ORDER_8[0],
        "the second of order 8": _ORDER_8[1],
        "-1": _Q - 1,
        "0, as the prime": _Q,
        "1, as the prime and 1": _Q + 1,
    }.items()
    for top, bit in (("", 0), (" with the top bit", 1 << 255))
}
"""Public keys of X25519 whose secret is zero, whoever asks (RFC 7748, section 6.1)."""


def sec1(x: int, y: int) -> bytes:
    """Return the uncompressed encoding of two coordinates (SEC 1, 2.3.3)."""
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


GOOD = spake2.share(5, 7, spake2.A)
X, Y = int.from_bytes(GOOD[1:33], "big"), int.from_bytes(GOOD[33:], "big")
Y_OF_0 = 0x66485C780E2F83D72433BD5D84A06BB6541C2AF31DAE871728BF856A174F93F4
X_OF_1 = 0x6916FAC45E568B6B9E2E2ECD611B282E5FCC40A3067D601057F879CE5A8A73CC
BAD_POINTS = {
    "nothing": b"",
    "infinity in one byte": b"\x00",
    "infinity as 65 zeros": bytes(65),
    "infinity as the coordinates 0, 0": sec1(0, 0),
    "compressed": bytes((2 + (Y & 1),)) + GOOD[1:33],
    "compressed, filled up": bytes((2 + (Y & 1),)) + GOOD[1:33] + bytes(32),
    "hybrid": bytes((6 + (Y & 1),)) + GOOD[1:],
    "uncompressed without the first byte": GOOD[1:],
    "cut by a byte": GOOD[:-1],
    "a byte too long": GOOD + b"\x00",
    "off the curve": sec1(X, Y ^ 1),
    "on the twist": sec1(1, 1),
    "coordinates swapped": sec1(Y, X),
    "x is the prime": sec1(P, Y_OF_0),
    "y is the prime and 1": sec1(X_OF_1, P + 1),
    "both too large": sec1(2**256 - 1, 2**256 - 1),
}
every_bad_point = pytest.mark.parametrize("share", BAD_POINTS.values(), ids=BAD_POINTS)
CODE = (123_456).to_bytes(4, "big")


def of_the_method(names: tuple[str, ...]) -> Any:
    """Return the mark that runs a test for each of some pairing methods."""
    return pytest.mark.parametrize("method", [PAIRINGS[name] for name in names], ids=names)


every_method = of_the_method(tuple(PAIRINGS))
every_x25519_method = of_the_method(("just-works", "passkey", "numeric-comparison", "oob"))
every_protected_channel = pytest.mark.parametrize("channel", ["mac-no-counter", "aead-counter"])


def fresh(method: PairingMethod, role: Role, run: int = 0) -> list[bytes]:
    """Return fresh values of a role."""
    suite = ConcreteSuite()
    return [
        suite.derive(KEY, b"", f"{method.name} {role.value} {run} {each}")
        for each in range(method.fresh)
    ]


def ready(method: PairingMethod, role: Role, answer: bytes) -> Step:
    """Return the step after which a role speaks or listens, its question answered."""
    step = method.start(ConcreteSuite(), role, SERIALS[role], fresh(method, role))
    if any(isinstance(each, Ask) and each.what != "show" for each in step.outputs):
        return method.answer(ConcreteSuite(), step.state, answer)
    return step


def said(step: Step) -> Message[bytes]:
    """Return the message that a step sends."""
    (message,) = [each.message for each in step.outputs if isinstance(each, Send)]
    return message


def ends(step: Step) -> list[type]:
    """Return how a step ends a role, if it does."""
    return [type(each) for each in step.outputs if isinstance(each, Established | Failed)]


def opening(
    method: PairingMethod, role: Role, value: bytes, own: bytes = b""
) -> Iterator[Message[bytes]]:
    """Yield what another device says to a role until the role must have refused ``value``.

    Args:
        method: The pairing method.
        role: The role that is spoken to.
        value: The public key or share of who speaks.
        own: The public key of the role.
    """
    suite, serial = ConcreteSuite(), SERIALS[role.other]
    compares = method.name == "numeric-comparison"
    if role is Role.RESPONDER:
        yield Message("hello", (serial, value))
        if compares:  # keys are looked at when both nonces are there
            yield Message("open-i", (KEY,))
    elif compares:
        tag = suite.tag(KEY, "numeric comparison commitment", value, own)
        yield Message("reply", (serial, value, tag))
        yield Message("open-r", (KEY,))
    else:
        yield Message("reply", (serial, value))


@pytest.mark.parametrize("public", SMALL_ORDER.values(), ids=SMALL_ORDER)
def test_point_of_small_order_gives_no_secret(suite: ConcreteSuite, public: bytes) -> None:
    """Every encoding of a point of small order, the non-canonical ones too, gives None."""
    assert suite.shared(KEY, public) is None


@every_x25519_method
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("public", SMALL_ORDER.values(), ids=SMALL_ORDER)
def test_role_fails_at_a_point_of_small_order(
    suite: ConcreteSuite, method: PairingMethod, role: Role, public: bytes
) -> None:
    """A role that is given such a public key ends in failure, though by touch it be vouched for."""
    step = ready(method, role, suite.digest("oob public key", public))
    own = suite.public(fresh(method, role)[0])
    for message in opening(method, role, public, own):
        assert step.state is not None
        step = method.receive(suite, step.state, message)
    assert ends(step) == [Failed]
    assert step.state is None
    assert "public key" in step.outputs[0].why


@every_bad_point
def test_bytes_that_are_no_point_are_refused(share: bytes) -> None:
    """Only the 65 canonical bytes of a point of P-256 that is not infinity are a share."""
    with pytest.raises(spake2.InvalidPointError):
        spake2.decode(share)


@every_bad_point
@pytest.mark.parametrize("initiator", [True, False])
def test_bad_share_gives_no_secret(suite: ConcreteSuite, share: bytes, initiator: bool) -> None:
    """Agreeing on such a share gives None, on both sides."""
    assert suite.agree(KEY, CODE, initiator, share) is None


@every_bad_point
@pytest.mark.parametrize("role", Role)
def test_role_fails_at_a_bad_share(suite: ConcreteSuite, role: Role, share: bytes) -> None:
    """A role of ``pake`` that is given such a share ends in failure."""
    method = PAIRINGS["pake"]
    state = method.know(ready(method, role, CODE).state, CODE)
    (message,) = opening(method, role, share)
    step = method.receive(suite, state, message)
    assert step == Step(None, (Failed("the share gives no secret"),))


def test_good_points_beside_the_bad_ones_are_taken() -> None:
    """The points whose non-canonical encodings are refused are good in the canonical one."""
    for good in (GOOD, sec1(0, Y_OF_0), sec1(X_OF_1, 1)):
        assert spake2.encode(spake2.decode(good)) == good


@pytest.mark.parametrize("initiator", [True, False])
def test_share_that_cancels_the_blinding_gives_no_secret(
    suite: ConcreteSuite, initiator: bool
) -> None:
    """A share that is just the blinding point would give infinity, and gives None."""
    side = spake2.A if initiator else spake2.B
    blinding = spake2.encode(side.other * spake2.password(CODE))
    assert suite.agree(KEY, CODE, initiator, blinding) is None


@every_method
def test_reflected_messages_establish_nothing(suite: ConcreteSuite, method: PairingMethod) -> None:
    """An initiator that gets back its own fields in place of answers never ends with a key."""
    role = Role.INITIATOR
    own = suite.public(fresh(method, role)[0])
    touched = suite.digest("oob public key", own)  # even the touch brings back its own
    step = ready(method, role, touched if method.name == "oob" else CODE)
    kinds = list(method.layout)
    outcome: list[type] = []
    while not outcome and any(isinstance(each, Send) for each in step.outputs):
        sent = said(step)
        kind = kinds[kinds.index(sent.kind) + 1]
        lengths = method.layout[kind]
        back = (*sent.fields, *(bytes(length) for length in lengths))[: len(lengths)]
        step = method.receive(suite, step.state, Message(kind, back))
        outcome = ends(step)
        if not outcome and any(isinstance(each, Ask) for each in step.outputs):
            step = method.answer(suite, step.state, YES.encode())
    assert outcome == [Failed]


@every_method
@pytest.mark.parametrize("kind", CLOSING)
def test_tag_of_another_length_is_refused(
    suite: ConcreteSuite, method: PairingMethod, kind: str
) -> None:
    """A closing tag that is cut, empty or longer is no message; a role that got it would fail."""
    tag = bytes(16)
    right = encode_message(method, Message(kind, (tag,)))
    for wrong in (b"", tag[:15], tag + b"\x00", tag[:8] + tag):
        body = encode_message(method, Message(kind, (wrong,)))
        assert body[:2] == right[:2]
        with pytest.raises(FrameError):
            decode_message(body)


@pytest.mark.parametrize("kind", CLOSING)
def test_beginning_of_the_right_tag_does_not_verify(suite: ConcreteSuite, kind: str) -> None:
    """No proper beginning of the right tag, and nothing longer, is taken for it."""
    method = PAIRINGS["just-works"]
    role = Role.RESPONDER if kind == "confirm" else Role.INITIATOR
    step = ready(method, role, b"")
    (message,) = opening(method, role, suite.public(KEY))
    step = method.receive(suite, step.state, message)
    right = getattr(step.state.agreed, kind)
    for wrong in (*(right[:length] for length in range(16)), right + b"\x00"):
        assert ends(method.receive(suite, step.state, Message(kind, (wrong,)))) == [Failed]
    assert ends(method.receive(suite, step.state, Message(kind, (right,)))) == [Established]


def link(channel: str, role: Role) -> LinkState[bytes]:
    """Return one side of a new link."""
    state: LinkState[bytes] = CHANNELS[channel].establish(ConcreteSuite(), KEY, role)
    return state


def sealed(channel: str, payload: bytes, counter: int = 1) -> tuple[bytes, bytes]:
    """Return header and body of a frame of the initiator."""
    state = link(channel, Role.INITIATOR)
    state = LinkState(state.send_key, state.receive_key, counter, 0)
    header = encode_header(DATA, b"MET1", b"PUM1", counter)
    return header, CHANNELS[channel].seal(ConcreteSuite(), state, header, payload)[1]


@every_protected_channel
@quick
@given(payload=st.binary(max_size=40), more=st.binary(min_size=1, max_size=40))
def test_extended_body_is_refused(channel: str, payload: bytes, more: bytes) -> None:
    """A body with bytes before or behind it does not verify."""
    header, body = sealed(channel, payload)
    for longer in (body + more, more + body):
        result = CHANNELS[channel].unseal(
            ConcreteSuite(), link(channel, Role.RESPONDER), header, 1, longer
        )
        assert isinstance(result, Refused)


@every_protected_channel
@quick
@given(one=st.binary(max_size=40), other=st.binary(max_size=40))
def test_tag_of_another_frame_is_refused(channel: str, one: bytes, other: bytes) -> None:
    """A payload with the tag of another frame does not verify, be the payload the same."""
    header, body = sealed(channel, one, 1)
    _, another = sealed(channel, other, 2)
    swapped = body[:-16] + another[-16:]
    result = CHANNELS[channel].unseal(
        ConcreteSuite(), link(channel, Role.RESPONDER), header, 1, swapped
    )
    assert isinstance(result, Refused)


def test_frame_of_one_channel_is_refused_by_another() -> None:
    """What one channel sealed under a link key another does not take under the same key."""
    header, body = sealed("mac-no-counter", b"payload")
    aead = CHANNELS["aead-counter"].unseal(
        ConcreteSuite(), link("aead-counter", Role.RESPONDER), header, 1, body
    )
    assert isinstance(aead, Refused)
    header, body = sealed("aead-counter", b"payload")
    mac = CHANNELS["mac-no-counter"].unseal(
        ConcreteSuite(), link("mac-no-counter", Role.RESPONDER), header, 1, body
    )
    assert isinstance(mac, Refused)


class Watched(ConcreteSuite):
    """A suite that writes down under which key and counter something was sealed."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[tuple[bytes, int]] = []

    def seal(self, key: bytes, counter: int, header: bytes, plaintext: bytes) -> bytes:
        """Seal, and remember the key and the counter."""
        self.used.append((key, counter))
        return super().seal(key, counter, header, plaintext)


@quick
@given(
    st.lists(st.tuples(st.sampled_from(Role), st.sampled_from(["send", "lose power"])), max_size=60)
)
def test_no_nonce_is_used_twice(acts: list[tuple[Role, str]]) -> None:
    """However two sides send and lose power, no key seals twice under one counter."""
    suite, channel = Watched(), CHANNELS["aead-counter"]
    sides = {role: link("aead-counter", role) for role in Role}
    for role, act in acts:
        if act == "lose power":
            sides[role] = channel.restart(sides[role])
            continue
        counter = sides[role].next_counter
        header = encode_header(DATA, b"MET1", b"PUM1", counter)
        sides[role], body = channel.seal(suite, sides[role], header, b"payload")
        taken = channel.unseal(suite, sides[role.other], header, counter, body)
        if not isinstance(taken, Refused):
            sides[role.other] = taken[0]
    assert len(suite.used) == len(set(suite.used))
    assert len(suite.used) == sum(act == "send" for _, act in acts)


@quick
@given(st.binary(min_size=32, max_size=32))
def test_keys_of_one_link_are_all_different(link_key: bytes) -> None:
    """Each channel, each direction and a rotation have keys of their own, none the link key."""
    suite = ConcreteSuite()
    keys = [link_key]
    for channel in CHANNELS:
        keys.extend(direction_keys(suite, link_key, channel, Role.INITIATOR))
    keys.append(suite.derive(link_key, suite.digest("rotation", link_key), "rotated link key"))
    for one, other in combinations(keys, 2):
        assert one != other


@quick
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_link_key_and_tags_are_bound_to_the_method(secret: bytes, salt: bytes) -> None:
    """The same secret, salt and transcript give every method another key and other tags."""
    suite = ConcreteSuite()
    found = [schedule(suite, name, secret, salt, (b"hello", b"reply")) for name in sorted(PAIRINGS)]
    values = [each for one in found for each in (one.link_key, one.confirm, one.confirmed)]
    assert len(set(values)) == len(values)
    assert all(not one.link_key.startswith(one.confirm) for one in found)
