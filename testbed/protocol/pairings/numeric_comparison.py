"""``numeric-comparison``: X25519 with a commitment, and a person who compares digits.

Both devices show digits that follow from both public keys and both nonces.  The responder
commits to its nonce before it sees the initiator's, so neither side, nor anyone between
them, can choose nonces until the digits agree.  The person says on both devices whether
the digits are the same (after Bluetooth's numeric comparison, Core Specification, Vol 3,
Part H, 2.3.5.6.2)::

    initiator -> responder   hello     serial, public key
    responder -> initiator   reply     serial, public key, and a tag under the responder's
                                       nonce over both public keys
    initiator -> responder   open-i    the initiator's nonce
    responder -> initiator   open-r    the responder's nonce; the initiator checks the tag
    both                     compare   the person compares the digits
    initiator -> responder   confirm   tag
    responder -> initiator   confirmed tag
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from testbed.protocol.pairings.confirmation import CLOSING, Schedule, finish
from testbed.protocol.pairings.opening import OPENING, agree
from testbed.protocol.roles import SIX_DIGITS, YES, Ask, Message, Role, Send, Step, failed
from testbed.protocol.suite import KEY_BYTES, TAG_BYTES, Suite

V = TypeVar("V")


class _Waiting(msgspec.Struct, Generic[V], frozen=True):
    """A role between two inputs; ``expects`` is a kind of message or ``compare``."""

    role: Role
    codes: int
    expects: str
    serial: V
    private: V
    public: V
    nonce: V
    peer_serial: V | None = None
    peer_public: V | None = None
    commitment: V | None = None
    agreed: Schedule[V] | None = None
    early: Message[V] | None = None


def _commit(suite: Suite[V], nonce: V, responder: V, initiator: V) -> V:
    return suite.tag(nonce, "numeric comparison commitment", responder, initiator)


def _digits(suite: Suite[V], codes: int, publics: tuple[V, V], nonce_i: V, nonce_r: V) -> V:
    return suite.code(suite.digest("numeric comparison", *publics, nonce_i, nonce_r), codes)


class NumericComparison:
    """Key agreement that a person vouches for by comparing what two screens show."""

    name: str = "numeric-comparison"
    code: int = 4
    about: str = "X25519 with commitment, person compares six digits"
    layout: Mapping[str, tuple[int, ...]] = MappingProxyType(
        {
            **OPENING,
            "reply": (*OPENING["reply"], TAG_BYTES),
            "open-i": (KEY_BYTES,),
            "open-r": (KEY_BYTES,),
            **CLOSING,
        }
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
        """Send a hello as the initiator, or wait for one as the responder."""
        private, nonce = fresh
        public = suite.public(private)
        state = _Waiting(role, codes, "hello", serial, private, public, nonce)
        if role is Role.RESPONDER:
            return Step(state, ())
        hello = Send(Message("hello", (serial, public)))
        return Step(msgspec.structs.replace(state, expects="reply"), (hello,))

    def receive(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        """Take the next message of the exchange."""
        if state.expects == "compare" and message.kind == "confirm" and state.early is None:
            # The other device's person may be quicker than this one's.
            return Step(msgspec.structs.replace(state, early=message), ())
        if message.kind != state.expects:
            return failed(f"expected {state.expects}, found {message.kind}")
        take = {
            "hello": self._hello,
            "reply": self._reply,
            "open-i": self._open_i,
            "open-r": self._open_r,
        }.get(message.kind)
        if take is None:
            return finish(suite, state.agreed, state.peer_serial, message)
        return take(suite, state, message)

    def _hello(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        serial, public = message.fields
        waiting = msgspec.structs.replace(
            state, expects="open-i", peer_serial=serial, peer_public=public
        )
        commitment = _commit(suite, state.nonce, state.public, public)
        reply = Message("reply", (state.serial, state.public, commitment))
        return Step(waiting, (Send(reply),))

    def _reply(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        serial, public, commitment = message.fields
        waiting = msgspec.structs.replace(
            state,
            expects="open-r",
            peer_serial=serial,
            peer_public=public,
            commitment=commitment,
        )
        return Step(waiting, (Send(Message("open-i", (state.nonce,))),))

    def _open_i(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        (nonce_i,) = message.fields
        opened = Send(Message("open-r", (state.nonce,)))
        step = self._show(suite, state, nonce_i, state.nonce)
        return Step(step.state, (opened, *step.outputs) if step.state else step.outputs)

    def _open_r(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        (nonce_r,) = message.fields
        if not suite.same(
            _commit(suite, nonce_r, state.peer_public, state.public), state.commitment
        ):
            return failed("the nonce is not the one committed to")
        return self._show(suite, state, state.nonce, nonce_r)

    def _show(self, suite: Suite[V], state: Any, nonce_i: V, nonce_r: V) -> Step:
        """Agree on the keys, and ask the person to compare the digits."""
        own, peer = (state.serial, state.public), (state.peer_serial, state.peer_public)
        hello, reply = (own, peer) if state.role is Role.INITIATOR else (peer, own)
        agreed = agree(
            suite, self.name, state.private, (*hello, nonce_i), (*reply, nonce_r), peer[1]
        )
        if agreed is None:
            return failed("the public key gives no shared secret")
        digits = _digits(suite, state.codes, (hello[1], reply[1]), nonce_i, nonce_r)
        waiting = msgspec.structs.replace(state, expects="compare", agreed=agreed)
        return Step(waiting, (Ask("compare", digits),))

    def answer(self, suite: Suite[V], state: Any, answer: V) -> Step:
        """Go on if the person says that the digits are the same."""
        if state.expects != "compare":
            return failed("a comparison was not asked for")
        if not suite.same(answer, suite.label(YES)):
            return failed("the person says that the digits differ")
        if state.role is Role.INITIATOR:
            waiting = msgspec.structs.replace(state, expects="confirmed")
            return Step(waiting, (Send(Message("confirm", (state.agreed.confirm,))),))
        if state.early is not None:
            return finish(suite, state.agreed, state.peer_serial, state.early)
        return Step(msgspec.structs.replace(state, expects="confirm"), ())

    def know(self, state: Any, code: V) -> Any:
        """Return the state as it is: this method uses no code."""
        return state

    def overhear(self, suite: Suite[V], messages: Sequence[Message[V]]) -> V | None:
        """Return None: the secret is in no message."""
        return None
