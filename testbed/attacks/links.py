"""Links that the attacker can speak on: its own, or one whose key it computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from testbed.protocol.channels import CHANNELS, LinkState, Refused
from testbed.protocol.frames import DATA, HEADER_BYTES, FrameError, decode_header, encode_header
from testbed.protocol.payloads import Payload, PayloadError, decode_payload
from testbed.protocol.roles import Role
from testbed.protocol.suite import ConcreteSuite

LEAP = 1 << 16
"""How far above the counters it has heard an impersonator goes, in case it missed some."""


@dataclass(slots=True)
class HeldLink:
    """One side of a link, as the attacker holds it.

    Attributes:
        own: The address that it speaks from.
        peer: The address that it speaks to.
        channel: Name of the system's channel.
        state: Keys and counters.
        holds_back: Whether a relay keeps what the peer should hear from the true device.
    """

    own: bytes
    peer: bytes
    channel: str
    state: LinkState[bytes]
    holds_back: bool = False
    _opened: tuple[bytes, bytes] | None = None

    @classmethod
    def under(
        cls,
        suite: ConcreteSuite,
        channel: str,
        key: bytes,
        role: Role,
        own: bytes,
        peer: bytes,
        next_counter: int = 1,
    ) -> HeldLink:
        """Return the side of a link that ``role`` has, under a link key."""
        state = CHANNELS[channel].establish(suite, key, role)
        fresh = LinkState(state.send_key, state.receive_key, next_counter, 0)
        return cls(own, peer, channel, fresh)

    def seal(self, suite: ConcreteSuite, payload: bytes) -> bytes:
        """Return the frame that carries ``payload`` to the peer."""
        header = encode_header(DATA, self.own, self.peer, self.state.next_counter)
        self.state, body = CHANNELS[self.channel].seal(suite, self.state, header, payload)
        return header + body

    def unseal(self, suite: ConcreteSuite, data: bytes) -> bytes | None:
        """Return what a frame from the peer carries, or None if it is not one that verifies.

        A relay and a step may both ask for the frame that came last.
        """
        if self._opened is not None and self._opened[0] == data:
            return self._opened[1]
        try:
            kind, source, to, counter = decode_header(data)
        except FrameError:
            return None
        if kind != DATA or source != self.peer or to != self.own:
            return None
        result = CHANNELS[self.channel].unseal(
            suite, self.state, data[:HEADER_BYTES], counter, data[HEADER_BYTES:]
        )
        if isinstance(result, Refused):
            return None
        self.state, plaintext = result
        self._opened = (data, plaintext)
        return plaintext

    def read(self, suite: ConcreteSuite, data: bytes) -> Payload | None:
        """Return the payload of a frame from the peer, or None."""
        plaintext = self.unseal(suite, data)
        try:
            return None if plaintext is None else decode_payload(plaintext)
        except PayloadError:
            return None


def highest_counter(frames: Iterable[bytes], source: bytes) -> int:
    """Return the highest counter heard in data frames that claim to be from ``source``."""
    highest = 0
    for data in frames:
        try:
            kind, claimed, _, counter = decode_header(data)
        except FrameError:
            continue
        if kind == DATA and claimed == source:
            highest = max(highest, counter)
    return highest
