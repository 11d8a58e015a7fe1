"""The opening that the X25519 methods share: serial numbers and public keys, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec

from testbed.protocol.pairings.confirmation import SERIAL_BYTES, Schedule, schedule
from testbed.protocol.roles import Message, Send, Step, failed
from testbed.protocol.suite import KEY_BYTES, Suite

V = TypeVar("V")

OPENING: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {"hello": (SERIAL_BYTES, KEY_BYTES), "reply": (SERIAL_BYTES, KEY_BYTES)}
)
"""Layout of the two opening messages: serial number and public key."""


def agree(
    suite: Suite[V], method: str, private: V, hello: tuple[V, ...], reply: tuple[V, ...], peer: V
) -> Schedule[V] | None:
    """Return the keys and tags of one X25519 exchange, or None for a peer key that gives none.

    Args:
        suite: The cryptography.
        method: The method's name, which the keys are bound to.
        private: This side's private key.
        hello: The initiator's serial number and public key, then what else the tags bind.
        reply: The responder's, likewise.
        peer: The peer's public key, one of the two.
    """
    secret = suite.shared(private, peer)
    if secret is None:
        return None
    transcript = (*hello, *reply)
    salt = suite.digest(f"{method} transcript", *transcript)
    return schedule(suite, method, secret, salt, transcript)


def agree_on(suite: Suite[V], method: str, state: Any, message: Message[V]) -> Schedule[V] | None:
    """Return what :func:`agree` makes of an opening message and this side's own.

    ``state`` has this side's ``serial``, ``private`` and ``public``.
    """
    own = (state.serial, state.public)
    hello, reply = (message.fields, own) if message.kind == "hello" else (own, message.fields)
    return agree(suite, method, state.private, hello, reply, message.fields[1])


def answer_opening(suite: Suite[V], method: str, state: Any, message: Message[V]) -> Step:
    """Return the step that follows from an opening message where nothing else is to be checked.

    The responder replies and waits for the confirmation; the initiator confirms.
    """
    agreed = agree_on(suite, method, state, message)
    if agreed is None:
        return failed("the public key gives no shared secret")
    if message.kind == "hello":
        out, expects = Message("reply", (state.serial, state.public)), "confirm"
    else:
        out, expects = Message("confirm", (agreed.confirm,)), "confirmed"
    waiting = msgspec.structs.replace(
        state, expects=expects, peer_serial=message.fields[0], agreed=agreed
    )
    return Step(waiting, (Send(out),))
