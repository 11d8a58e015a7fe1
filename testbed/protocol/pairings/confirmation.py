"""The close of a pairing that methods share: each side proves that it holds the key."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

import msgspec

from testbed.protocol.roles import Established, Message, Send, Step, failed
from testbed.protocol.suite import TAG_BYTES, Suite

V = TypeVar("V")

SERIAL_BYTES: Final = 12
"""Length of a (made-up) serial number on the air."""

CLOSING: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {"confirm": (TAG_BYTES,), "confirmed": (TAG_BYTES,)}
)
"""Layout of the two closing messages."""


class Schedule(msgspec.Struct, Generic[V], frozen=True):
    """What both sides compute once they hold the secret: the link key and two tags."""

    link_key: V
    confirm: V
    confirmed: V


def schedule(
    suite: Suite[V], method: str, secret: V, salt: V, transcript: tuple[V, ...]
) -> Schedule[V]:
    """Return the link key and the confirmation tags of one run of ``method``.

    Link key and confirmation key are derived apart, and each tag names the side that sends
    it, so that a tag sent back to its sender does not verify.
    """
    link_key = suite.derive(secret, salt, f"{method} link key")
    confirm_key = suite.derive(secret, salt, f"{method} confirmation")
    return Schedule(
        link_key,
        suite.tag(confirm_key, "initiator", *transcript),
        suite.tag(confirm_key, "responder", *transcript),
    )


def finish(suite: Suite[V], agreed: Schedule[V], peer_serial: V, message: Message[V]) -> Step:
    """Return the last step of a role on a ``confirm`` or ``confirmed`` message."""
    confirming = message.kind == "confirm"
    expected = agreed.confirm if confirming else agreed.confirmed
    if not suite.same(message.fields[0], expected):
        return failed("the confirmation tag does not verify")
    outputs: tuple[Any, ...] = (Established(agreed.link_key, peer_serial),)
    if confirming:
        outputs = (Send(Message("confirmed", (agreed.confirmed,))), *outputs)
    return Step(None, outputs)
