"""What every pairing method promises, and what sets the weak one apart from the strong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.pairings.confirmation import SERIAL_BYTES
from testbed.protocol.roles import Established, Failed, Message, PairingMethod, Role
from testbed.protocol.suite import KEY_BYTES, ConcreteSuite

quick = settings(derandomize=True, deadline=None, max_examples=100)

Converse = Callable[..., Any]

METHODS = sorted(PAIRINGS)
every_method = pytest.mark.parametrize("method", [PAIRINGS[name] for name in METHODS], ids=METHODS)
TOP_BIT_OF_PUBLIC_KEY = 8 * (SERIAL_BYTES + KEY_BYTES) - 1
"""X25519 does not look at this bit (RFC 7748, section 5); a transcript has to."""
SERIAL_DERIVED, OOB = PAIRINGS["serial-derived"], PAIRINGS["oob"]


def flip(message: Message[bytes], bit: int) -> Message[bytes]:
    """Return a message with one bit of its fields changed."""
    fields = [bytearray(each) for each in message.fields]
    at = bit % (8 * sum(map(len, fields)))
    for each in fields:
        if at < 8 * len(each):
            each[at // 8] ^= 1 << at % 8
            break
        at -= 8 * len(each)
    return Message(message.kind, tuple(map(bytes, fields)))


@every_method
def test_both_sides_end_with_one_key_and_each_other(
    converse: Converse, method: PairingMethod
) -> None:
    """Undisturbed, both roles hold the same key and know each other's serial number."""
    talk = converse(method)
    assert talk.both_established
    assert talk.key(Role.INITIATOR) == talk.key(Role.RESPONDER)
    assert len(talk.key(Role.INITIATOR)) == KEY_BYTES
    peers = {role: talk.ends[role].peer for role in Role}
    assert peers == {Role.INITIATOR: b"PUM-00000002", Role.RESPONDER: b"MET-00000001"}


@every_method
def test_messages_are_those_of_the_layout(converse: Converse, method: PairingMethod) -> None:
    """A run sends every kind of message of the layout, with fields of the stated lengths."""
    sent = converse(method).sent
    assert {message.kind for message in sent} == set(method.layout)
    for message in sent:
        assert tuple(map(len, message.fields)) == method.layout[message.kind]


@every_method
def test_another_run_has_another_key(converse: Converse, method: PairingMethod) -> None:
    """Fresh random values give a fresh key, the serial numbers being the same."""
    keys = {converse(method, run).key(Role.INITIATOR) for run in range(20)}
    assert len(keys) == 20


@every_method
def test_each_side_makes_the_key_fresh(converse: Converse, method: PairingMethod) -> None:
    """Fresh random values of one side alone give another key, whichever side it is."""
    keys = {
        converse(method, run, responders_run=other).key(Role.RESPONDER)
        for run in range(3)
        for other in range(3)
    }
    assert len(keys) == 9


@every_method
@quick
@example(run=0, number=0, bit=TOP_BIT_OF_PUBLIC_KEY)
@example(run=0, number=1, bit=TOP_BIT_OF_PUBLIC_KEY)
@given(run=st.integers(0, 3), number=st.integers(0, 200), bit=st.integers(0, 10**6))
def test_one_changed_bit_never_goes_unnoticed(
    converse: Converse, method: PairingMethod, run: int, number: int, bit: int
) -> None:
    """With any one bit of any message changed in the air, at least one side fails."""
    count = len(converse(method, run).sent)

    def change(at: int, message: Message[bytes]) -> Message[bytes]:
        return flip(message, bit) if at == number % count else message

    talk = converse(method, run, change)
    assert not talk.both_established
    assert talk.failed


@every_method
@quick
@given(data=st.data())
def test_changed_fields_never_leave_two_keys(
    converse: Converse, method: PairingMethod, data: st.DataObject
) -> None:
    """Whatever happens to fields in the air, two established sides hold one key."""

    def change(_at: int, message: Message[bytes]) -> Message[bytes]:
        fields = tuple(
            data.draw(st.one_of(st.just(each), st.binary(min_size=len(each), max_size=len(each))))
            for each in message.fields
        )
        return Message(message.kind, fields)

    talk = converse(method, 0, change)
    if talk.both_established:
        assert talk.key(Role.INITIATOR) == talk.key(Role.RESPONDER)


@every_method
def test_a_message_out_of_order_ends_the_pairing(
    converse: Converse, suite: ConcreteSuite, method: PairingMethod
) -> None:
    """In every state, a message of another kind than the one due is answered by failing."""
    for _, state, due, _ in converse(method).received:
        for kind, lengths in method.layout.items():
            if kind != due.kind:
                out_of_order = Message(kind, tuple(bytes(n) for n in lengths))
                step = method.receive(suite, state, out_of_order)
                assert step.state is None
                assert [type(output) for output in step.outputs] == [Failed]


@every_method
def test_a_message_of_another_run_ends_the_pairing(
    converse: Converse, suite: ConcreteSuite, method: PairingMethod
) -> None:
    """A closing message that was right in another run establishes nothing in this one."""
    others = {message.kind: message for message in converse(method, 1).sent}
    for _, state, due, _ in converse(method, 0).received:
        if due.kind in ("confirm", "confirmed"):
            step = method.receive(suite, state, others[due.kind])
            assert not any(isinstance(output, Established) for output in step.outputs)


@every_method
def test_a_role_is_a_pure_function(
    converse: Converse, suite: ConcreteSuite, method: PairingMethod
) -> None:
    """The same state and message give an equal step again, and leave the state as it was."""
    for _, state, message, step in converse(method).received:
        before = msgspec.structs.asdict(state)
        again = method.receive(suite, state, message)
        assert again == step
        assert msgspec.structs.asdict(state) == before


@every_method
def test_a_state_cannot_be_changed(converse: Converse, method: PairingMethod) -> None:
    """Setting an attribute of a role's state raises AttributeError."""
    for _, state, _, _ in converse(method).received:
        for name in state.__struct_fields__:
            with pytest.raises(AttributeError):
                setattr(state, name, None)


@every_method
@quick
@given(kept=st.sets(st.integers(0, 3)))
def test_overhearing_gives_the_peers_key_or_none(
    converse: Converse, suite: ConcreteSuite, method: PairingMethod, kept: set[int]
) -> None:
    """Whichever messages are overheard, a key computed from them is the peers' key."""
    talk = converse(method)
    heard = [message for at, message in enumerate(talk.sent) if at % 4 in kept]
    assert method.overhear(suite, heard) in (None, talk.key(Role.INITIATOR))


@pytest.mark.parametrize("run", range(10))
def test_serial_derived_tells_its_key_to_who_listens(
    converse: Converse, suite: ConcreteSuite, run: int
) -> None:
    """From all messages, or hello and reply alone, a listener computes exactly the key."""
    talk = converse(SERIAL_DERIVED, run)
    assert SERIAL_DERIVED.overhear(suite, talk.sent) == talk.key(Role.RESPONDER)
    assert SERIAL_DERIVED.overhear(suite, talk.sent[:2]) == talk.key(Role.RESPONDER)


@pytest.mark.parametrize("missing", ["hello", "reply"])
def test_serial_derived_needs_both_nonces(
    converse: Converse, suite: ConcreteSuite, missing: str
) -> None:
    """Without the hello or without the reply there is nothing to compute."""
    heard = [message for message in converse(SERIAL_DERIVED).sent if message.kind != missing]
    assert SERIAL_DERIVED.overhear(suite, heard) is None


@quick
@given(
    st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES),
    st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES),
)
def test_a_serial_number_alone_is_not_the_key(
    converse: Converse, one_nonce: bytes, other_nonce: bytes
) -> None:
    """Both serial numbers with nonces made up give another key than the peers'."""
    suite = ConcreteSuite()
    talk = converse(SERIAL_DERIVED)
    guessed = [
        Message("hello", (talk.sent[0].fields[0], one_nonce)),
        Message("reply", (talk.sent[1].fields[0], other_nonce)),
    ]
    key = SERIAL_DERIVED.overhear(suite, guessed)
    assert key not in (None, talk.key(Role.INITIATOR))
    assert SERIAL_DERIVED.overhear(suite, [*guessed, talk.sent[2]]) is None


@pytest.mark.parametrize("run", range(10))
def test_oob_tells_a_listener_nothing(converse: Converse, suite: ConcreteSuite, run: int) -> None:
    """From every message of an oob pairing a listener computes no key."""
    assert OOB.overhear(suite, converse(OOB, run).sent) is None


@pytest.mark.parametrize("kind", ["hello", "reply"])
def test_oob_refuses_another_public_key(
    converse: Converse, suite: ConcreteSuite, kind: str
) -> None:
    """A proper public key put in place of a peer's in the air is refused on arrival."""
    mine = suite.public(bytes(range(32)))

    def swap(_at: int, message: Message[bytes]) -> Message[bytes]:
        if message.kind != kind:
            return message
        return Message(kind, (message.fields[0], mine))

    talk = converse(OOB, 0, swap)
    victim = Role.RESPONDER if kind == "hello" else Role.INITIATOR
    assert isinstance(talk.ends[victim], Failed)
    assert "public key" in talk.ends[victim].why
    assert not any(isinstance(end, Established) for end in talk.ends.values())


def test_oob_sends_nothing_before_the_touch(suite: ConcreteSuite) -> None:
    """Neither role says a word, or listens to one, before the devices were held together."""
    for role in Role:
        step = OOB.start(suite, role, bytes(12), [bytes(32)])
        assert [output.what for output in step.outputs] == ["touch"]
        hello = Message("hello", (bytes(12), suite.public(bytes(range(32)))))
        assert isinstance(OOB.receive(suite, step.state, hello).outputs[0], Failed)
