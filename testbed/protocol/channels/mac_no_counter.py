"""``mac-no-counter``: payloads with a tag and nothing that tells a new one from an old one.

The tag covers the header and the payload, so a frame cannot be made up or changed; but a
frame that was heard once verifies again whenever it is sent (the weakness class of CISA
ICSMA-18-219-02, CVE-2018-14781).
"""

from __future__ import annotations

from typing import TypeVar

from testbed.protocol.channels.base import LinkState, Refused, direction_keys
from testbed.protocol.roles import Role
from testbed.protocol.suite import Suite

V = TypeVar("V")

_FORGED = Refused("the tag does not verify")


class MacNoCounter:
    """HMAC over header and payload; the counter stays where it is."""

    name: str = "mac-no-counter"
    about: str = "authenticated, but a frame that was heard can be replayed"

    def establish(self, suite: Suite[V], link_key: V, role: Role) -> LinkState[V]:
        """Return the state of one side, with a key for each direction."""
        return LinkState(*direction_keys(suite, link_key, self.name, role))

    def restart(self, link: LinkState[V]) -> LinkState[V]:
        """Return the state as it is: there is nothing to lose."""
        return link

    def seal(
        self, suite: Suite[V], link: LinkState[V], header: V, payload: V
    ) -> tuple[LinkState[V], V]:
        """Return the payload with its tag."""
        return link, suite.pair(payload, suite.tag(link.send_key, "frame", header, payload))

    def unseal(
        self, suite: Suite[V], link: LinkState[V], header: V, counter: int, body: V
    ) -> tuple[LinkState[V], V] | Refused:
        """Return the payload if the tag verifies."""
        parts = suite.unpair(body)
        if parts is None:
            return _FORGED
        payload, tag = parts
        if not suite.same(tag, suite.tag(link.receive_key, "frame", header, payload)):
            return _FORGED
        return link, payload
