"""``serial-derived``: a link key from serial numbers and nonces that are sent in clear.

The weakness class of the 2022 advisory (CISA ICSMA-22-263-01): whoever hears the pairing
computes the key.  A known serial number alone is not enough without the nonces::

    initiator -> responder   hello     serial, nonce
    responder -> initiator   reply     serial, nonce
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
from testbed.protocol.roles import SIX_DIGITS, Message, Role, Send, Step, failed
from testbed.protocol.suite import KEY_BYTES, Suite

V = TypeVar("V")


class _Waiting(msgspec.Struct, Generic[V], frozen=True):
    """A role between two messages."""

    expects: str
    serial: V
    nonce: V
    peer_serial: V | None = None
    agreed: Schedule[V] | None = None


def _agree(suite: Suite[V], hello: tuple[V, ...], reply: tuple[V, ...]) -> Schedule[V]:
    (serial_i, nonce_i), (serial_r, nonce_r) = hello, reply
    secret = suite.digest("serial-derived serials", serial_i, serial_r)
    salt = suite.digest("serial-derived nonces", nonce_i, nonce_r)
    return schedule(suite, "serial-derived", secret, salt, (*hello, *reply))


class SerialDerived:
    """The weak method: everything that goes into the key is on the air."""

    name: str = "serial-derived"
    code: int = 1
    about: str = "link key from serial numbers and nonces sent in clear"
    layout: Mapping[str, tuple[int, ...]] = MappingProxyType(
        {"hello": (SERIAL_BYTES, KEY_BYTES), "reply": (SERIAL_BYTES, KEY_BYTES), **CLOSING}
    )
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
        nonce = fresh[0]
        if role is Role.RESPONDER:
            return Step(_Waiting("hello", serial, nonce), ())
        return Step(_Waiting("reply", serial, nonce), (Send(Message("hello", (serial, nonce))),))

    def receive(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        """Take the next message of the exchange."""
        if message.kind != state.expects:
            return failed(f"expected {state.expects}, found {message.kind}")
        own = (state.serial, state.nonce)
        if message.kind == "hello":
            agreed = _agree(suite, message.fields, own)
            out, expects = Message("reply", own), "confirm"
        elif message.kind == "reply":
            agreed = _agree(suite, own, message.fields)
            out, expects = Message("confirm", (agreed.confirm,)), "confirmed"
        else:
            return finish(suite, state.agreed, state.peer_serial, message)
        waiting = _Waiting(expects, *own, peer_serial=message.fields[0], agreed=agreed)
        return Step(waiting, (Send(out),))

    def answer(self, suite: Suite[V], state: Any, answer: V) -> Step:
        """Fail: this method asks the person nothing."""
        return failed("this method asks nothing")

    def know(self, state: Any, code: V) -> Any:
        """Return the state as it is: this method uses no code."""
        return state

    def overhear(self, suite: Suite[V], messages: Sequence[Message[V]]) -> V | None:
        """Compute the link key from the hello and the reply, as a peer would.

        The overheard confirmation tag, if there is one, tells whether it is right.
        """
        heard = {message.kind: message.fields for message in messages}
        if "hello" not in heard or "reply" not in heard:
            return None
        agreed = _agree(suite, heard["hello"], heard["reply"])
        if "confirm" in heard and not suite.same(heard["confirm"][0], agreed.confirm):
            return None
        return agreed.link_key
