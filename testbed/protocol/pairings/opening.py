"""The opening that the X25519 methods share: serial numbers and public keys, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from testbed.protocol.pairings.confirmation import SERIAL_BYTES, Schedule, schedule
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
