"""``oob``: X25519, with a hash of each public key passed by touch (a tag or a code).

The listener hears both public keys and can compute nothing from them; whoever stands in
the middle would need to change what passed by touch::

    by touch, both ways      H(public key)
    initiator -> responder   hello     serial, public key
    responder -> initiator   reply     serial, public key
    initiator -> responder   confirm   tag
    responder -> initiator   confirmed tag
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from testbed.protocol.pairings.confirmation import CLOSING, Schedule, finish
from testbed.protocol.pairings.opening import OPENING, answer_opening
from testbed.protocol.roles import SIX_DIGITS, Ask, Message, Role, Send, Step, failed
from testbed.protocol.suite import Suite

V = TypeVar("V")


class _Waiting(msgspec.Struct, Generic[V], frozen=True):
    """A role between two inputs; ``expects`` is ``touch`` or a kind of message."""

    role: Role
    expects: str
    serial: V
    private: V
    public: V
    peer_hash: V | None = None
    peer_serial: V | None = None
    agreed: Schedule[V] | None = None


def _fingerprint(suite: Suite[V], public: V) -> V:
    return suite.digest("oob public key", public)


class OutOfBand:
    """The strong method: what passes by touch vouches for what passes by air."""

    name: str = "oob"
    code: int = 6
    about: str = "X25519, public-key hash passed by touch (tag or code)"
    layout: Mapping[str, tuple[int, ...]] = MappingProxyType({**OPENING, **CLOSING})
    fresh: int = 1

    def start(
        self,
        suite: Suite[V],
        role: Role,
        serial: V,
        fresh: Sequence[V],
        codes: int = SIX_DIGITS,
    ) -> Step:
        """Ask for the touch that carries the hash of this side's public key."""
        private = fresh[0]
        public = suite.public(private)
        state = _Waiting(role, "touch", serial, private, public)
        return Step(state, (Ask("touch", _fingerprint(suite, public)),))

    def answer(self, suite: Suite[V], state: Any, answer: V) -> Step:
        """Take the hash that the touch brought over; the initiator then says hello."""
        if state.expects != "touch":
            return failed("a touch was not asked for")
        responds = state.role is Role.RESPONDER
        waiting = msgspec.structs.replace(
            state, expects="hello" if responds else "reply", peer_hash=answer
        )
        if responds:
            return Step(waiting, ())
        return Step(waiting, (Send(Message("hello", (state.serial, state.public))),))

    def receive(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        """Take the next message of the exchange."""
        if message.kind != state.expects:
            return failed(f"expected {state.expects}, found {message.kind}")
        if message.kind not in OPENING:
            return finish(suite, state.agreed, state.peer_serial, message)
        if not suite.same(_fingerprint(suite, message.fields[1]), state.peer_hash):
            return failed("the public key is not the one whose hash was touched over")
        return answer_opening(suite, self.name, state, message)

    def know(self, state: Any, code: V) -> Any:
        """Return the state as it is: this method uses no code."""
        return state

    def overhear(self, suite: Suite[V], messages: Sequence[Message[V]]) -> V | None:
        """Return None: the secret is in no message."""
        return None
