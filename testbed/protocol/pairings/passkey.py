"""``passkey``: digits shown on the pump, typed on the peer, checked bit by bit.

For each bit of the code both sides commit to it together with both public keys, then open:
whoever stands in the middle must guess each bit before it sees it, and is caught at the
first wrong one.  What is opened tells the bits to everyone, so a code must never be used
twice (after Bluetooth's passkey entry, Core Specification, Vol 3, Part H, 2.3.5.6.3; on
reuse: Lindell, CT-RSA 2009)::

    responder                shows     the code; the person types it at the initiator
    initiator -> responder   hello     serial, public key
    responder -> initiator   reply     serial, public key
    for each bit, from the lowest:
      initiator -> responder commit-i  tag under a nonce over both public keys and the bit
      responder -> initiator commit-r  likewise
      initiator -> responder open-i    the nonce
      responder -> initiator open-r    the nonce
    initiator -> responder   confirm   tag
    responder -> initiator   confirmed tag
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from testbed.protocol.pairings.confirmation import CLOSING, Schedule, finish
from testbed.protocol.pairings.opening import OPENING, agree_on
from testbed.protocol.roles import SIX_DIGITS, Ask, Message, Role, Send, Step, failed
from testbed.protocol.suite import KEY_BYTES, TAG_BYTES, Suite

V = TypeVar("V")


class _Waiting(msgspec.Struct, Generic[V], frozen=True):
    """A role between two inputs; ``expects`` is a kind of message or ``type``."""

    role: Role
    rounds: int
    expects: str
    serial: V
    private: V
    public: V
    seed: V
    passkey: V | None = None
    round: int = 0
    peer_serial: V | None = None
    peer_public: V | None = None
    commitment: V | None = None
    agreed: Schedule[V] | None = None


def rounds_of(codes: int) -> int:
    """Return how many bits a code below ``codes`` has."""
    return (codes - 1).bit_length()


def commitment(
    suite: Suite[V], nonce: V, side: Role, number: int, publics: tuple[V, V], bit: V
) -> V:
    """Return the commitment of one side to one bit.

    Args:
        suite: The cryptography.
        nonce: The nonce that opens it.
        side: Who commits.
        number: Which bit, from 0.
        publics: The initiator's and the responder's public keys.
        bit: The bit.
    """
    return suite.tag(nonce, f"passkey {side.value} {number}", *publics, bit)


class Passkey:
    """Key agreement that a typed code vouches for, a bit at a time."""

    name: str = "passkey"
    code: int = 3
    about: str = "six digits shown on the pump, typed on the peer, checked bit by bit"
    layout: Mapping[str, tuple[int, ...]] = MappingProxyType(
        {
            **OPENING,
            "commit-i": (TAG_BYTES,),
            "commit-r": (TAG_BYTES,),
            "open-i": (KEY_BYTES,),
            "open-r": (KEY_BYTES,),
            **CLOSING,
        }
    )
    fresh: int = 3

    def start(
        self,
        suite: Suite[V],
        role: Role,
        serial: V,
        fresh: Sequence[V],
        codes: int = SIX_DIGITS,
    ) -> Step:
        """Show the code as the responder, or ask for it as the initiator."""
        private, seed, code_seed = fresh
        public = suite.public(private)
        rounds = rounds_of(codes)
        if role is Role.INITIATOR:
            state = _Waiting(role, rounds, "type", serial, private, public, seed)
            return Step(state, (Ask("type", None),))
        shown = suite.code(code_seed, codes)
        state = _Waiting(role, rounds, "hello", serial, private, public, seed, shown)
        return Step(state, (Ask("show", shown),))

    def answer(self, suite: Suite[V], state: Any, answer: V) -> Step:
        """Take the code that the person typed, and say hello."""
        if state.expects != "type":
            return failed("a code was not asked for")
        waiting = msgspec.structs.replace(state, expects="reply", passkey=answer)
        return Step(waiting, (Send(Message("hello", (state.serial, state.public))),))

    def receive(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        """Take the next message of the exchange."""
        if message.kind != state.expects:
            return failed(f"expected {state.expects}, found {message.kind}")
        if message.kind in CLOSING:
            return finish(suite, state.agreed, state.peer_serial, message)
        if message.kind in OPENING:
            return self._opening(suite, state, message)
        (value,) = message.fields
        if message.kind == "commit-i":
            return self._go(state, "open-i", self._committed(suite, state), "commit-r", value)
        if message.kind == "commit-r":
            return self._go(state, "open-r", self._nonce(suite, state), "open-i", value)
        theirs = self._commit(suite, state, value, state.role.other)
        if not suite.same(theirs, state.commitment):
            return failed("the bit committed to is not the passkey's")
        return self._next_round(suite, state)

    def _opening(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        agreed = agree_on(suite, self.name, state, message)
        if agreed is None:
            return failed("the public key gives no shared secret")
        known = msgspec.structs.replace(
            state,
            peer_serial=message.fields[0],
            peer_public=message.fields[1],
            agreed=agreed,
        )
        if message.kind == "hello":
            waiting = msgspec.structs.replace(known, expects="commit-i")
            return Step(waiting, (Send(Message("reply", (state.serial, state.public))),))
        return self._go(known, "commit-r", self._committed(suite, known), "commit-i", None)

    @staticmethod
    def _go(state: Any, expects: str, value: V, kind: str, theirs: V | None) -> Step:
        """Send ``value`` and wait for what follows, remembering a commitment of theirs."""
        kept = state.commitment if theirs is None else theirs
        waiting = msgspec.structs.replace(state, expects=expects, commitment=kept)
        return Step(waiting, (Send(Message(kind, (value,))),))

    @staticmethod
    def _nonce(suite: Suite[V], state: Any) -> V:
        """Return this side's nonce of the round, derived so that a role needs one seed."""
        label = suite.label("passkey nonces")
        nonce: V = suite.derive(state.seed, label, f"round {state.round}")
        return nonce

    def _commit(self, suite: Suite[V], state: Any, nonce: V, side: Role) -> V:
        publics = (state.public, state.peer_public)
        if state.role is Role.RESPONDER:
            publics = publics[::-1]
        bit = suite.bit(state.passkey, state.round)
        tag: V = commitment(suite, nonce, side, state.round, publics, bit)
        return tag

    def _committed(self, suite: Suite[V], state: Any) -> V:
        return self._commit(suite, state, self._nonce(suite, state), state.role)

    def _next_round(self, suite: Suite[V], state: Any) -> Step:
        """Open as the responder; go on with the next bit, or close after the last."""
        last = state.round + 1 == state.rounds
        following = msgspec.structs.replace(state, round=state.round + 1)
        if state.role is Role.RESPONDER:
            waiting = msgspec.structs.replace(following, expects="confirm" if last else "commit-i")
            return Step(waiting, (Send(Message("open-r", (self._nonce(suite, state),))),))
        if last:
            waiting = msgspec.structs.replace(following, expects="confirmed")
            return Step(waiting, (Send(Message("confirm", (state.agreed.confirm,))),))
        committed = self._committed(suite, following)
        return self._go(following, "commit-r", committed, "commit-i", None)

    def know(self, state: Any, code: V) -> Any:
        """Return the state of a role with ``code`` for its passkey."""
        return msgspec.structs.replace(state, passkey=code)

    def overhear(self, suite: Suite[V], messages: Sequence[Message[V]]) -> V | None:
        """Return None: the secret is in no message (the code is: see :func:`recover`)."""
        return None


def recover(messages: Sequence[Message[bytes]], suite: Suite[bytes]) -> tuple[int, int]:
    """Return the code's bits that the messages of a run tell, and how many bits they tell.

    Each commitment hides one of two bits, and its nonce is opened: trying both tells it
    (Lindell, CT-RSA 2009).  This is why a code must not be used twice.
    """
    publics: dict[str, bytes] = {}
    committed: list[bytes] = []
    code = known = 0
    for message in messages:
        if message.kind in OPENING and len(message.fields) == len(OPENING[message.kind]):
            publics[message.kind] = message.fields[1]
        elif message.kind == "commit-i":
            committed.append(message.fields[0])
        elif message.kind == "open-i" and len(publics) == len(OPENING):
            number = known
            if number >= len(committed):
                break
            keys = (publics["hello"], publics["reply"])
            for bit in (0, 1):
                guess = commitment(
                    suite, message.fields[0], Role.INITIATOR, number, keys, bytes((bit,))
                )
                if suite.same(guess, committed[number]):
                    code |= bit << number
                    known += 1
                    break
            else:
                break
    return code, known
