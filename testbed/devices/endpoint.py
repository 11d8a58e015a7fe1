"""The radio end of a device: its address, its links, and the pairing it may be in.

Everything a device learns from the air comes through :meth:`Endpoint.hear`, and only what
parses and verifies gets further.  A cause is handed on as an opaque number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from testbed.devices.bench import Bench
from testbed.protocol.channels import CHANNELS, Channel, LinkState, Refused
from testbed.protocol.frames import (
    BROADCAST,
    DATA,
    HEADER_BYTES,
    PAIRING,
    FrameError,
    decode_header,
    encode_header,
)
from testbed.protocol.pairings import PAIRINGS, decode_message, encode_message
from testbed.protocol.payloads import Payload, PayloadError, decode_payload
from testbed.protocol.roles import Ask, Established, Failed, Message, PairingMethod, Role, Send
from testbed.trace import CommandRefused, FrameRefused, Linked, PairingFailed, PairingOpened


@dataclass(slots=True)
class Link:
    """A peer that a device is linked with."""

    kind: str
    address: bytes
    channel: Channel
    state: LinkState[bytes]


@dataclass(slots=True)
class _Session:
    """A pairing under way."""

    method: PairingMethod
    role: Role
    peer_kind: str
    state: Any
    opened: int
    peer: bytes | None = None


def serial_number(bench: Bench, kind: str) -> bytes:
    """Return the made-up serial number (12 bytes) of the wearer's device of this kind."""
    return f"{kind[:3].upper():-<3}-{bench.streams.below(f'serial/{kind}', 10**8):08}".encode()


class Endpoint:
    """One device on the air.

    Args:
        bench: What it stands on.
        kind: ``pump``, ``cgm``, ``meter`` or ``usb``; also its name in the world.
        takes: Who takes what: for a kind of peer and a type of payload, whom to call with link,
            payload and cause.  What verifies and is not in the table is refused.
        on_linked: Called with the new link and the cause when a pairing is done.
    """

    promiscuous = False
    gain_dB = 0.0

    def __init__(
        self,
        bench: Bench,
        kind: str,
        takes: Mapping[tuple[str, type[Payload]], Callable[[Link, Any, int], None]],
        on_linked: Callable[[Link, int], None] | None = None,
    ) -> None:
        self.name = kind
        self.serial = serial_number(bench, kind)
        self.address = bench.suite.digest("address", self.serial)[:4]
        self.links: dict[bytes, Link] = {}
        self._newest: dict[str, Link] = {}
        self._bench = bench
        self._takes = takes
        self._on_linked = on_linked
        self._session: _Session | None = None
        self.asks: Ask[bytes] | None = None

    def link_with(self, kind: str) -> Link | None:
        """Return the newest link with a peer of one kind, or None."""
        return self._newest.get(kind)

    def install(self, kind: str, address: bytes, link_key: bytes, role: Role) -> Link:
        """Store a link, in place of an older one with the same address."""
        channel = CHANNELS[self._bench.link.channel]
        state = channel.establish(self._bench.suite, link_key, role)
        link = Link(kind, address, channel, state)
        old = self.links.pop(address, None)
        if old is not None and self._newest.get(old.kind) is old:
            del self._newest[old.kind]
        self.links[address] = self._newest[kind] = link
        return link

    def send(self, link: Link, payload: Payload, cause: int) -> int:
        """Seal ``payload`` and put it on the air; return the position of its frame."""
        bench = self._bench
        state = link.state
        header = encode_header(DATA, self.address, link.address, state.next_counter)
        link.state, body = link.channel.seal(bench.suite, state, header, payload.encode())
        return bench.medium.transmit(self, header + body, cause)

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame off the air: refuse it, or hand on what it carries."""
        try:
            kind, source, to, counter = decode_header(data)
        except FrameError as error:
            self._refuse(str(error), cause)
            return
        if kind == PAIRING:
            self._hear_pairing(source, to, data[HEADER_BYTES:], cause)
            return
        link = self.links.get(source)
        if link is None:
            self._refuse("no link with the sender", cause)
            return
        result = link.channel.unseal(
            self._bench.suite, link.state, data[:HEADER_BYTES], counter, data[HEADER_BYTES:]
        )
        if isinstance(result, Refused):
            self._refuse(result.why, cause)
            return
        link.state, plaintext = result
        try:
            payload = decode_payload(plaintext)
        except PayloadError as error:
            self._refuse(str(error), cause)
            return
        take = self._takes.get((link.kind, type(payload)))
        if take is not None:
            take(link, payload, cause)
        else:
            self._refuse_command(type(payload).__name__, f"not from a {link.kind}", cause)

    def _refuse(self, why: str, cause: int) -> None:
        bench = self._bench
        bench.recorder.record(FrameRefused(bench.env.now, cause, self.name, why))

    def _refuse_command(self, command: str, why: str, cause: int) -> None:
        bench = self._bench
        bench.recorder.record(CommandRefused(bench.env.now, cause, self.name, command, why))

    # Pairing ------------------------------------------------------------------------

    @property
    def pairing(self) -> bool:
        """Whether a pairing is under way."""
        return self._session is not None

    def open_pairing(self, role: Role, peer_kind: str, cause: int) -> None:
        """Enter pairing mode for a peer of one kind, in place of a pairing under way."""
        bench = self._bench
        now = bench.env.now
        method = PAIRINGS[bench.link.pairing]
        fresh = [
            bench.streams.bytes(f"{self.name}/pairing/fresh/{number}", 32, now)
            for number in range(method.fresh)
        ]
        opened = bench.recorder.record(PairingOpened(now, cause, self.name, method.name))
        step = method.start(bench.suite, role, self.serial, fresh)
        self._session = _Session(method, role, peer_kind, step.state, opened)
        bench.env.later(bench.link.pairing_window, self._window_closed, self._session)
        self._put_out(step.outputs, opened)

    def answer(self, value: bytes, cause: int) -> None:
        """Take the person's answer to what the device asked."""
        session = self._session
        if session is None or self.asks is None:
            return
        self.asks = None
        step = session.method.answer(self._bench.suite, session.state, value)
        session.state = step.state
        self._put_out(step.outputs, cause)

    def _window_closed(self, timer: Any) -> None:
        session: _Session = timer.value
        if self._session is session:
            self._fail("the pairing window closed", session.opened)

    def _fail(self, why: str, cause: int) -> None:
        self._session = self.asks = None
        bench = self._bench
        bench.recorder.record(PairingFailed(bench.env.now, cause, self.name, why))

    def _hear_pairing(self, source: bytes, to: bytes, body: bytes, cause: int) -> None:
        session = self._session
        if session is None:
            if to != BROADCAST:  # everyone hears a broadcast hello
                self._refuse("not in pairing mode", cause)
            return
        if session.peer is not None and source != session.peer:
            self._refuse("another peer is being paired", cause)
            return
        try:
            method, message = decode_message(body)
        except FrameError as error:
            self._refuse(str(error), cause)
            return
        if method is not session.method:
            self._refuse(f"{method.name} is not the method in use", cause)
            return
        session.peer = source
        step = method.receive(self._bench.suite, session.state, message)
        session.state = step.state
        self._put_out(step.outputs, cause)

    def _put_out(self, outputs: tuple[Any, ...], cause: int) -> None:
        for output in outputs:
            session = self._session
            if session is None:
                return
            if isinstance(output, Send):
                self._send_pairing(session, output.message, cause)
            elif isinstance(output, Ask):
                self.asks = output
            elif isinstance(output, Established):
                self._established(session, output, cause)
            elif isinstance(output, Failed):
                self._fail(output.why, cause)

    def _send_pairing(self, session: _Session, message: Message[bytes], cause: int) -> None:
        to = session.peer or BROADCAST
        header = encode_header(PAIRING, self.address, to, 0)
        body = encode_message(session.method, message)
        self._bench.medium.transmit(self, header + body, cause)

    def _established(self, session: _Session, done: Established[bytes], cause: int) -> None:
        bench = self._bench
        self._session = self.asks = None
        peer = bench.suite.digest("address", done.peer)[:4]
        link = self.install(session.peer_kind, peer, done.link_key, session.role)
        position = bench.recorder.record(Linked(bench.env.now, cause, self.name, session.peer_kind))
        if self._on_linked is not None:
            self._on_linked(link, position)
