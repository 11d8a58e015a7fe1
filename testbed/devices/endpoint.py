"""The radio end of a device: its address, its links, and the pairing it may be in.

Everything a device learns from the air comes through :meth:`Endpoint.hear`, and only what
parses and verifies gets further.  A cause is handed on as an opaque number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from testbed.devices.bench import Bench
from testbed.devices.pairing import Paired, PairingMode
from testbed.devices.rotation import Rotation
from testbed.protocol.channels import CHANNELS, Channel, LinkState, Refused
from testbed.protocol.frames import (
    ADDRESS_BYTES,
    DATA,
    HEADER_BYTES,
    PAIRING,
    FrameError,
    decode_header,
    encode_header,
)
from testbed.protocol.payloads import Payload, PayloadError, decode_payload
from testbed.protocol.roles import Role
from testbed.trace import CommandRefused, FrameRefused, Linked

Takes = Mapping[type[Payload], Callable[["Link", Any, int], None]]
"""Whom to call with link, payload and cause, by the type of payload."""


@dataclass(slots=True)
class Link:
    """A peer that a device is linked with.

    Attributes:
        kind: The kind of peer that the person chose to link.
        address: Its address.
        role: Which side of the pairing this device was.
        channel: How payloads are protected.
        key: The link key.
        state: Keys and counters in use.
        takes: Who takes which payload from this peer.
        coming: Those of a rotated key that the peer has not used yet.
    """

    kind: str
    address: bytes
    role: Role
    channel: Channel
    key: bytes
    state: LinkState[bytes]
    takes: Takes = field(default_factory=dict)
    coming: tuple[bytes, LinkState[bytes]] | None = None


def first_letters(kind: str) -> bytes:
    """Return the three letters that serial numbers of a kind of device begin with."""
    return f"{kind[:3].upper():-<3}".encode()


def serial_number(bench: Bench, kind: str) -> bytes:
    """Return the made-up serial number (12 bytes) of the wearer's device of this kind."""
    number = bench.streams.below(f"serial/{kind}", 10**8)
    return first_letters(kind) + f"-{number:08}".encode()


class Endpoint:
    """One device on the air.

    Args:
        bench: What it stands on.
        kind: ``pump``, ``cgm``, ``meter``, ``usb`` or an accessory's; also its name in the world.
        takes: Who takes what: for a kind of peer and a type of payload, whom to call with link,
            payload and cause.  What verifies and is not in the table is refused.
    """

    promiscuous = False
    gain_dB = 0.0

    def __init__(
        self,
        bench: Bench,
        kind: str,
        takes: Mapping[tuple[str, type[Payload]], Callable[[Link, Any, int], None]],
    ) -> None:
        self.name = kind
        self.serial = serial_number(bench, kind)
        self.address = bench.suite.digest("address", self.serial)[:ADDRESS_BYTES]
        self.links: dict[bytes, Link] = {}
        self._newest: dict[str, Link] = {}
        self._bench = bench
        self._takes = takes
        self.pairing = PairingMode(bench, self, self._paired)
        self.rotation = Rotation(bench, self)

    def install(self, kind: str, address: bytes, link_key: bytes, role: Role) -> Link:
        """Store a link, in place of an older one with the same address."""
        channel = CHANNELS[self._bench.link.channel]
        state = channel.establish(self._bench.suite, link_key, role)
        own = {payload: take for (peer, payload), take in self._takes.items() if peer == kind}
        takes = {**self.rotation.takes, **own}
        link = Link(kind, address, role, channel, link_key, state, takes)
        old = self.links.pop(address, None)
        if old is not None and self._newest.get(old.kind) is old:
            del self._newest[old.kind]
        self.links[address] = self._newest[kind] = link
        return link

    def press_link(self, cause: int) -> None:
        """Choose "link with a pump" on the device that this is the radio of."""
        self.pairing.open(Role.INITIATOR, "pump", cause)

    def link_with(self, kind: str) -> Link | None:
        """Return the newest link with a peer of a kind, None without one."""
        return self._newest.get(kind)

    def send(self, link: Link, payload: Payload, cause: int) -> int:
        """Seal ``payload`` and put it on the air; return the position of its frame."""
        bench = self._bench
        state = link.state
        header = encode_header(DATA, self.address, link.address, state.next_counter)
        link.state, body = link.channel.seal(bench.suite, state, header, payload.encode())
        return bench.medium.transmit(self, header + body, cause)

    def send_under_coming(self, link: Link, payload: Payload, cause: int) -> None:
        """Send under the rotated key before it is in use, to say that it may be."""
        if link.coming is None:
            return
        key, state = link.coming
        header = encode_header(DATA, self.address, link.address, state.next_counter)
        state, body = link.channel.seal(self._bench.suite, state, header, payload.encode())
        link.coming = (key, state)
        self._bench.medium.transmit(self, header + body, cause)

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame off the air: refuse it, or hand on what it carries."""
        try:
            kind, source, to, counter = decode_header(data)
        except FrameError as error:
            self.refuse(str(error), cause)
            return
        if kind == PAIRING:
            self.pairing.hear(source, to, data[HEADER_BYTES:], cause)
            return
        link = self.links.get(source)
        if link is None:
            self.refuse("no link with the sender", cause)
            return
        result = link.channel.unseal(
            self._bench.suite, link.state, data[:HEADER_BYTES], counter, data[HEADER_BYTES:]
        )
        if isinstance(result, Refused):
            why = result.why
            result = self._unseal_coming(link, data, counter)
            if isinstance(result, Refused):
                self.refuse(why, cause)
                return
        link.state, plaintext = result
        try:
            payload = decode_payload(plaintext)
        except PayloadError as error:
            self.refuse(str(error), cause)
            return
        take = link.takes.get(type(payload))
        if take is not None:
            take(link, payload, cause)
        else:
            self._refuse_command(type(payload).__name__, f"not from a {link.kind}", cause)

    def _unseal_coming(
        self, link: Link, data: bytes, counter: int
    ) -> tuple[LinkState[bytes], bytes] | Refused:
        """Try a rotated key that the peer may have begun to use, and change over if it has."""
        if link.coming is None:
            return Refused("no other key")
        key, state = link.coming
        result = link.channel.unseal(
            self._bench.suite, state, data[:HEADER_BYTES], counter, data[HEADER_BYTES:]
        )
        if not isinstance(result, Refused):
            link.key, link.coming = key, None
        return result

    def refuse(self, why: str, cause: int) -> None:
        """Write down that this device refuses the frame that is the cause."""
        bench = self._bench
        bench.recorder.record(FrameRefused(bench.env.now, cause, self.name, why))

    def _refuse_command(self, command: str, why: str, cause: int) -> None:
        bench = self._bench
        bench.recorder.record(CommandRefused(bench.env.now, cause, self.name, command, why))

    def send_pairing(self, to: bytes, body: bytes, cause: int) -> None:
        """Put a pairing message on the air."""
        header = encode_header(PAIRING, self.address, to, 0)
        medium, softer = self._bench.medium, self._bench.link.pairing_softer_by_dB
        if softer:
            medium.transmit_at(self, header + body, cause, -softer)
        else:
            medium.transmit(self, header + body, cause)

    def address_of(self, serial: bytes) -> bytes:
        """Return the address of the device with a serial number."""
        return self._bench.suite.digest("address", serial)[:ADDRESS_BYTES]

    def _paired(self, done: Paired, cause: int) -> None:
        bench = self._bench
        self.install(done.peer_kind, done.address, done.link_key, done.role)
        bench.recorder.record(Linked(bench.env.now, cause, self.name, done.peer_kind))

    # Links ----------------------------------------------------------------------------

    def unlink(self, address: bytes) -> bool:
        """Forget the link with an address; return whether there was one."""
        link = self.links.pop(address, None)
        if link is None:
            return False
        self.rotation.forget(address)
        if self._newest.get(link.kind) is link:
            del self._newest[link.kind]
            for other in self.links.values():
                if other.kind == link.kind:
                    self._newest[link.kind] = other
        return True

    def restart(self) -> None:
        """Come back from a loss of power: links are kept, counters as the channel defines."""
        for link in self.links.values():
            link.state = link.channel.restart(link.state)
            if link.coming is not None:
                key, state = link.coming
                link.coming = (key, link.channel.restart(state))
