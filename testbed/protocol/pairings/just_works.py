"""``just-works``: X25519, and nobody checks whom it was done with.

A listener gets nothing; whoever takes part in the device's place is a peer like any other::

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
from testbed.protocol.roles import SIX_DIGITS, Message, Role, Send, Step, failed
from testbed.protocol.suite import Suite

V = TypeVar("V")


class _Waiting(msgspec.Struct, Generic[V], frozen=True):
    """A role between two messages."""

    expects: str
    serial: V
    private: V
    public: V
    peer_serial: V | None = None
    agreed: Schedule[V] | None = None


class JustWorks:
    """Key agreement without authentication."""

    name: str = "just-works"
    code: int = 2
    about: str = "X25519, nobody checks"
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
        """Send a hello as the initiator, or wait for one as the responder."""
        public = suite.public(fresh[0])
        if role is Role.RESPONDER:
            return Step(_Waiting("hello", serial, fresh[0], public), ())
        hello = Message("hello", (serial, public))
        return Step(_Waiting("reply", serial, fresh[0], public), (Send(hello),))

    def receive(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        """Take the next message of the exchange."""
        if message.kind != state.expects:
            return failed(f"expected {state.expects}, found {message.kind}")
        if message.kind not in OPENING:
            return finish(suite, state.agreed, state.peer_serial, message)
        return answer_opening(suite, self.name, state, message)

    def answer(self, suite: Suite[V], state: Any, answer: V) -> Step:
        """Fail: this method asks the person nothing."""
        return failed("this method asks nothing")

    def know(self, state: Any, code: V) -> Any:
        """Return the state as it is: this method uses no code."""
        return state

    def overhear(self, suite: Suite[V], messages: Sequence[Message[V]]) -> V | None:
        """Return None: the secret is in no message."""
        return None
