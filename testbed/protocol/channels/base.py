"""What every channel is made of: a frozen link state, and pure seal and unseal."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from testbed.protocol.roles import Role
from testbed.protocol.suite import Suite

V = TypeVar("V")


class LinkState(msgspec.Struct, Generic[V], frozen=True, gc=False):
    """One side of a link.

    Attributes:
        send_key: Key of this side's direction.
        receive_key: Key of the other direction.
        next_counter: Counter of the next frame to send.
        highest: Highest counter accepted so far, 0 before the first.
    """

    send_key: V
    receive_key: V
    next_counter: int = 1
    highest: int = 0


class Refused(NamedTuple):
    """A frame that a channel refused, and why."""

    why: str


class Channel(Protocol):
    """How payloads travel on an established link.

    Attributes:
        name: The name in scenario files.
        about: The idea in a sentence.
    """

    name: str
    about: str

    def establish(self, suite: Suite[V], link_key: V, role: Role) -> LinkState[V]:
        """Return the state of one side of a new link."""

    def restart(self, link: LinkState[V]) -> LinkState[V]:
        """Return the state of a side that lost power and came back."""

    def seal(
        self, suite: Suite[V], link: LinkState[V], header: V, payload: V
    ) -> tuple[LinkState[V], V]:
        """Return the next state and the body of the frame with counter ``next_counter``.

        ``header`` is the frame's header with that counter in it.
        """

    def unseal(
        self, suite: Suite[V], link: LinkState[V], header: V, counter: int, body: V
    ) -> tuple[LinkState[V], V] | Refused:
        """Return the next state and the payload, or why the frame is refused."""


RESERVED = 16
"""Counters are written to lasting memory in steps of this many."""


def after_restart(link: LinkState[V]) -> LinkState[V]:
    """Return the state after a loss of power, from the counters in lasting memory.

    Both counters go up to the end of their step, as if every one of it had been used: a
    counter is never used or accepted twice, and at most ``RESERVED - 1`` frames that the
    peer sends next are refused.
    """
    next_counter = -(-link.next_counter // RESERVED) * RESERVED
    highest = -(-link.highest // RESERVED) * RESERVED
    return LinkState(link.send_key, link.receive_key, next_counter, highest)


def direction_keys(suite: Suite[V], link_key: V, channel: str, role: Role) -> tuple[V, V]:
    """Return the keys of the sending and the receiving direction of one side.

    Every channel and every direction has a key of its own, so a frame sent back to its
    sender, or carried over to another channel, does not verify.
    """
    salt = suite.label(channel)
    keys: dict[Role, Any] = {
        each: suite.derive(link_key, salt, f"{each.value} sends") for each in Role
    }
    return keys[role], keys[role.other]
