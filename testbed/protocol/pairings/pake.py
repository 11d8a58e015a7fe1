"""``pake``: a password-authenticated key exchange, SPAKE2 over P-256 (RFC 9382).

The code shown on the pump and typed on the peer goes into both shares.  A listener gets
nothing to search offline; whoever takes part may try one guess a run, and the confirmation
tells the devices that it was wrong::

    responder                shows     the code; the person types it at the initiator
    initiator -> responder   hello     serial, share
    responder -> initiator   reply     serial, share
    initiator -> responder   confirm   tag
    responder -> initiator   confirmed tag
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from testbed.protocol.pairings.confirmation import (
    CLOSING,
    SERIAL_BYTES,
    Schedule,
    finish,
    schedule,
)
from testbed.protocol.roles import SIX_DIGITS, Ask, Message, Role, Send, Step, failed
from testbed.protocol.spake2 import SHARE_BYTES
from testbed.protocol.suite import Suite

V = TypeVar("V")


class _Waiting(msgspec.Struct, Generic[V], frozen=True):
    """A role between two inputs; ``expects`` is a kind of message or ``type``."""

    role: Role
    expects: str
    serial: V
    private: V
    code: V | None = None
    share: V | None = None
    peer_serial: V | None = None
    agreed: Schedule[V] | None = None


class Pake:
    """The strong method of a short code: one guess a try, and no offline search."""

    name: str = "pake"
    code: int = 5
    about: str = "password-authenticated key exchange over P-256 (SPAKE2)"
    layout: Mapping[str, tuple[int, ...]] = MappingProxyType(
        {"hello": (SERIAL_BYTES, SHARE_BYTES), "reply": (SERIAL_BYTES, SHARE_BYTES), **CLOSING}
    )
    fresh: int = 2

    def start(
        self,
        suite: Suite[V],
        role: Role,
        serial: V,
        fresh: Sequence[V],
        codes: int = SIX_DIGITS,
    ) -> Step:
        """Show the code as the responder, or ask for it as the initiator."""
        private, code_seed = fresh
        if role is Role.INITIATOR:
            return Step(_Waiting(role, "type", serial, private), (Ask("type", None),))
        code = suite.code(code_seed, codes)
        return Step(_Waiting(role, "hello", serial, private, code), (Ask("show", code),))

    def answer(self, suite: Suite[V], state: Any, answer: V) -> Step:
        """Take the code that the person typed, and say hello."""
        if state.expects != "type":
            return failed("a code was not asked for")
        share = suite.share(state.private, answer, True)
        waiting = msgspec.structs.replace(state, expects="reply", code=answer, share=share)
        return Step(waiting, (Send(Message("hello", (state.serial, share))),))

    def receive(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        """Take the next message of the exchange."""
        if message.kind != state.expects:
            return failed(f"expected {state.expects}, found {message.kind}")
        if message.kind in CLOSING:
            return finish(suite, state.agreed, state.peer_serial, message)
        initiates = state.role is Role.INITIATOR
        secret = suite.agree(state.private, state.code, initiates, message.fields[1])
        if secret is None:
            return failed("the share gives no secret")
        share = state.share if initiates else suite.share(state.private, state.code, False)
        own = (state.serial, share)
        hello, reply = (own, message.fields) if initiates else (message.fields, own)
        transcript = (*hello, *reply)
        salt = suite.digest("pake transcript", *transcript)
        agreed = schedule(suite, self.name, secret, salt, transcript)
        waiting = msgspec.structs.replace(
            state,
            expects="confirmed" if initiates else "confirm",
            peer_serial=message.fields[0],
            agreed=agreed,
        )
        out = Message("confirm", (agreed.confirm,)) if initiates else Message("reply", own)
        return Step(waiting, (Send(out),))

    def know(self, state: Any, code: V) -> Any:
        """Return the state of a role with ``code`` for the one it shows or was told."""
        return msgspec.structs.replace(state, code=code)

    def overhear(self, suite: Suite[V], messages: Sequence[Message[V]]) -> V | None:
        """Return None: the secret is in no message, and no guess can be checked offline."""
        return None
