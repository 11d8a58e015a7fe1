"""Key rotation: two linked devices agree on a new link key, over the link they have.

The new key comes from a fresh X25519 exchange and the old key, so who only listens, even
with the old key in hand, does not have the new one.  Frames may get lost: each side takes
the new key into use when it has seen the other use it, and takes the old one until then::

    one   -> other   KeyOffer   public key       under the old key
    other -> one     KeyReply   public key       under the old key
    one   -> other   KeyInUse                    under the new key
    other -> one     anything                    under the new key
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from testbed.devices.bench import Bench
from testbed.protocol.payloads import KeyInUse, KeyOffer, KeyReply, Payload
from testbed.protocol.roles import Role

if TYPE_CHECKING:
    from testbed.devices.endpoint import Endpoint, Link


class Rotation:
    """The key rotation of one device.

    Args:
        bench: What the device stands on.
        endpoint: Its radio end.

    Attributes:
        takes: Who takes which payload of a rotation, from a peer of any kind.
    """

    def __init__(self, bench: Bench, endpoint: Endpoint) -> None:
        self._bench = bench
        self._endpoint = endpoint
        self._offered: dict[bytes, bytes] = {}
        self.takes: Mapping[type[Payload], Callable[[Link, Any, int], None]] = {
            KeyOffer: self._take_offer,
            KeyReply: self._take_reply,
            KeyInUse: self._take_in_use,
        }

    def offer(self, link: Link, cause: int) -> None:
        """Begin a rotation of one link's key."""
        private = self._fresh(link)
        self._offered[link.address] = private
        public = self._bench.suite.public(private)
        self._endpoint.send(link, KeyOffer(public), cause)

    def forget(self, address: bytes) -> None:
        """Drop what was offered on a link that is no more."""
        self._offered.pop(address, None)

    def _fresh(self, link: Link) -> bytes:
        name = f"{self._endpoint.name}/rotation/{link.address.hex()}"
        return self._bench.streams.bytes(name, 32, self._bench.env.now)

    def _agree(self, link: Link, private: bytes, public: bytes) -> bool:
        """Put the new key beside the old one; return whether there is one."""
        suite = self._bench.suite
        secret = suite.shared(private, public)
        if secret is None:
            return False
        key = suite.derive(secret, suite.digest("rotation", link.key), "rotated link key")
        link.coming = (key, link.channel.establish(suite, key, link.role))
        return True

    def _take_offer(self, link: Link, offer: KeyOffer, cause: int) -> None:
        private = self._fresh(link)
        if self._agree(link, private, offer.public):
            self._endpoint.send(link, KeyReply(self._bench.suite.public(private)), cause)

    def _take_reply(self, link: Link, reply: KeyReply, cause: int) -> None:
        private = self._offered.pop(link.address, None)
        if private is not None and self._agree(link, private, reply.public):
            self._endpoint.send_under_coming(link, KeyInUse(), cause)

    def _take_in_use(self, link: Link, _payload: KeyInUse, cause: int) -> None:
        """Answer an ``in use`` once, so that the other side sees the new key used too."""
        if link.role is Role.INITIATOR:
            self._endpoint.send(link, KeyInUse(), cause)
