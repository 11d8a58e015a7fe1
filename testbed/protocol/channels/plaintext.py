"""``plaintext``: payloads as they are; an address is all that vouches for a frame."""

from __future__ import annotations

from typing import TypeVar

from testbed.protocol.channels.base import LinkState, Refused
from testbed.protocol.roles import Role
from testbed.protocol.suite import Suite

V = TypeVar("V")


class Plaintext:
    """No protection at all: who knows the addresses can say anything, and replay anything."""

    name: str = "plaintext"
    about: str = "no protection: payloads as they are"

    def establish(self, suite: Suite[V], link_key: V, role: Role) -> LinkState[V]:
        """Return the state of one side; the key is not used."""
        return LinkState(link_key, link_key)

    def restart(self, link: LinkState[V]) -> LinkState[V]:
        """Return the state as it is: there is nothing to lose."""
        return link

    def seal(
        self, suite: Suite[V], link: LinkState[V], header: V, payload: V
    ) -> tuple[LinkState[V], V]:
        """Return the payload."""
        return link, payload

    def unseal(
        self, suite: Suite[V], link: LinkState[V], header: V, counter: int, body: V
    ) -> tuple[LinkState[V], V] | Refused:
        """Return the body."""
        return link, body
