"""``aead-counter``: every payload encrypted and authenticated, under a rising counter.

The counter is the nonce and stands in the header, which is authenticated whole.  A frame
whose counter is not above the highest accepted one is refused, so a replay gets nowhere;
a gap is fine, because frames get lost.
"""

from __future__ import annotations

from typing import TypeVar

from testbed.protocol.channels.base import LinkState, Refused, after_restart, direction_keys
from testbed.protocol.frames import MAX_COUNTER
from testbed.protocol.roles import Role
from testbed.protocol.suite import Suite

V = TypeVar("V")

_REPLAYED = Refused("the counter is not above the last one accepted")
_FORGED = Refused("the tag does not verify")


class CounterExhaustedError(RuntimeError):
    """A link has used every counter it has; it must be linked anew."""


class AeadCounter:
    """ChaCha20-Poly1305 with a counter for a nonce and the header as associated data."""

    name: str = "aead-counter"
    about: str = "encrypted and authenticated, with a counter that stops replays"

    def establish(self, suite: Suite[V], link_key: V, role: Role) -> LinkState[V]:
        """Return the state of one side, with a key for each direction."""
        return LinkState(*direction_keys(suite, link_key, self.name, role))

    def restart(self, link: LinkState[V]) -> LinkState[V]:
        """Return the state after a loss of power: no counter is used or accepted twice."""
        return after_restart(link)

    def seal(
        self, suite: Suite[V], link: LinkState[V], header: V, payload: V
    ) -> tuple[LinkState[V], V]:
        """Encrypt ``payload`` under the next counter.

        Raises:
            CounterExhaustedError: If there is no next counter.
        """
        counter = link.next_counter
        if counter > MAX_COUNTER:
            raise CounterExhaustedError("all counters of this link are used")
        body = suite.seal(link.send_key, counter, header, payload)
        return LinkState(link.send_key, link.receive_key, counter + 1, link.highest), body

    def unseal(
        self, suite: Suite[V], link: LinkState[V], header: V, counter: int, body: V
    ) -> tuple[LinkState[V], V] | Refused:
        """Decrypt ``body`` if its counter is new and its tag verifies."""
        if counter <= link.highest:
            return _REPLAYED
        payload = suite.unseal(link.receive_key, counter, header, body)
        if payload is None:
            return _FORGED
        return LinkState(link.send_key, link.receive_key, link.next_counter, counter), payload
