"""Pairing mode: one device's side of a linking, from its opening to its end.

Runs a role of the system's pairing method on the frames that come in, shows on the screen
what the role asks of the person, and refuses to go on after too many failures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from testbed.devices.bench import Bench
from testbed.protocol.frames import BROADCAST, FrameError
from testbed.protocol.pairings import PAIRINGS, decode_message, encode_message
from testbed.protocol.roles import Ask, Established, Failed, PairingMethod, Role, Send
from testbed.simulation import Call
from testbed.trace import PairingFailed, PairingOpened


@dataclass(slots=True)
class _Session:
    """A pairing under way."""

    method: PairingMethod
    role: Role
    peer_kind: str
    opened: int
    closes: int
    state: Any = None
    peer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Paired:
    """What a pairing that was done leaves behind."""

    peer_kind: str
    address: bytes
    link_key: bytes
    role: Role


class Radio(Protocol):
    """What pairing mode needs of the device that it is part of."""

    name: str
    serial: bytes

    def refuse(self, why: str, cause: int) -> None:
        """Write down that a frame is refused."""

    def send_pairing(self, to: bytes, body: bytes, cause: int) -> None:
        """Put a pairing message on the air."""

    def address_of(self, serial: bytes) -> bytes:
        """Return the address of the device with a serial number."""


class PairingMode:
    """The pairing mode of one device.

    Args:
        bench: What the device stands on.
        radio: The device's radio end.
        on_paired: Called with what a pairing left behind and its cause.
    """

    def __init__(
        self, bench: Bench, radio: Radio, on_paired: Callable[[Paired, int], None]
    ) -> None:
        self._bench = bench
        self._radio = radio
        self._on_paired = on_paired
        self._on_asking: Callable[[], None] | None = None
        self._on_failing: Callable[[], None] | None = None
        self._onlookers: list[Callable[[], None]] = []
        self._outside: Callable[[bytes, bytes, bytes, int], bool] | None = None
        self._session: _Session | None = None
        self._started_at = -1
        self._starts = 0
        self._failures = 0
        self._locked_until = 0
        self.asks: Ask[bytes] | None = None

    @property
    def active(self) -> bool:
        """Whether a pairing is under way."""
        return self._session is not None

    @property
    def locked(self) -> bool:
        """Whether the device refuses to pair after too many failures."""
        return self._bench.env.now < self._locked_until

    def when_asking(self, call: Callable[[], None] | None) -> None:
        """Have ``call`` called when something to do appears on the screen (``asks``)."""
        self._on_asking = call

    def when_failing(self, call: Callable[[], None] | None) -> None:
        """Have ``call`` called when the screen says that a pairing failed."""
        self._on_failing = call

    def watch(self, call: Callable[[], None]) -> None:
        """Have ``call`` called too when something to do appears on the screen."""
        self._onlookers.append(call)

    def when_outside(self, take: Callable[[bytes, bytes, bytes, int], bool]) -> None:
        """Have ``take`` offered pairing frames that come outside of pairing mode.

        It is given source, destination, body and cause, and returns whether it takes the frame;
        a frame that it does not take is refused.
        """
        self._outside = take

    def open(self, role: Role, peer_kind: str, cause: int) -> None:
        """Enter pairing mode for a peer of one kind, in place of a pairing under way."""
        bench = self._bench
        now = bench.env.now
        method = PAIRINGS[bench.link.pairing]
        opened = bench.recorder.record(PairingOpened(now, cause, self._radio.name, method.name))
        if self.locked:
            self._give_up("locked out after too many failures", opened)
            return
        window = bench.link.pairing_window
        session = _Session(method, role, peer_kind, opened, now + window)
        bench.env.later(window, self._window_closed, session)
        self._start(session, opened)

    def _start(self, session: _Session, cause: int) -> None:
        """Start a role of the session anew, with fresh keys, nonces and code."""
        bench = self._bench
        now = bench.env.now
        # Never twice the same, even if a role is started twice within one instant.
        self._starts = self._starts + 1 if now == self._started_at else 0
        self._started_at = now
        stream = f"{self._radio.name}/pairing/fresh/{self._starts}"
        fresh = [
            bench.streams.bytes(f"{stream}/{number}", 32, now)
            for number in range(session.method.fresh)
        ]
        self._session, self.asks = session, None
        session.peer = None
        step = session.method.start(
            bench.suite, session.role, self._radio.serial, fresh, bench.link.codes
        )
        session.state = step.state
        outputs = step.outputs
        if bench.link.reuse_code and session.role is Role.RESPONDER:
            printed = bench.suite.code(
                bench.streams.bytes(f"{self._radio.name}/printed code", 32), bench.link.codes
            )
            session.state = session.method.know(session.state, printed)
            outputs = tuple(
                Ask(output.what, printed)
                if isinstance(output, Ask) and output.what == "show"
                else output
                for output in outputs
            )
        self._put_out(outputs, cause)

    def answer(self, value: bytes, cause: int) -> None:
        """Take the person's answer to what the device asked."""
        session = self._session
        if session is None or self.asks is None:
            return
        self.asks = None
        step = session.method.answer(self._bench.suite, session.state, value)
        session.state = step.state
        self._put_out(step.outputs, cause)

    def _window_closed(self, timer: Call) -> None:
        session: _Session = timer.value
        if self._session is session:
            self._give_up("the pairing window closed", session.opened)

    def _give_up(self, why: str, cause: int) -> None:
        self._session = self.asks = None
        bench = self._bench
        bench.recorder.record(PairingFailed(bench.env.now, cause, self._radio.name, why))
        if self._on_failing is not None:
            self._on_failing()

    def _fail(self, session: _Session, why: str, cause: int) -> None:
        """Count a failure; a responder stays in pairing mode until its window closes."""
        link, now = self._bench.link, self._bench.env.now
        self._failures += 1
        self._give_up(why, cause)
        if link.lockout_after and self._failures >= link.lockout_after:
            self._failures = 0
            self._locked_until = now + link.lockout_for
        elif session.role is Role.RESPONDER and now < session.closes:
            self._start(session, cause)

    def hear(self, source: bytes, to: bytes, body: bytes, cause: int) -> None:
        """Take the body of a pairing frame off the air."""
        session = self._session
        if session is None:
            if self._outside is not None and self._outside(source, to, body, cause):
                return
            if to != BROADCAST:  # everyone hears a broadcast hello
                self._radio.refuse("not in pairing mode", cause)
            return
        if to == BROADCAST and session.role is Role.INITIATOR:
            return  # someone else says hello to whoever will answer
        if session.peer is not None and source != session.peer:
            self._radio.refuse("another peer is being paired", cause)
            return
        try:
            method, message = decode_message(body)
        except FrameError as error:
            self._radio.refuse(str(error), cause)
            return
        if method is not session.method:
            self._radio.refuse(f"{method.name} is not the method in use", cause)
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
                body = encode_message(session.method, output.message)
                self._radio.send_pairing(session.peer or BROADCAST, body, cause)
            elif isinstance(output, Ask):
                self.asks = output
                if self._on_asking is not None:
                    self._on_asking()
                for call in self._onlookers:
                    call()
            elif isinstance(output, Established):
                self._established(session, output, cause)
            elif isinstance(output, Failed):
                self._fail(session, output.why, cause)

    def _established(self, session: _Session, done: Established[bytes], cause: int) -> None:
        address = self._radio.address_of(done.peer)
        if address != session.peer:
            self._fail(session, "the serial number is not the sender's", cause)
            return
        self._session = self.asks = None
        self._failures = 0
        self._on_paired(Paired(session.peer_kind, address, done.link_key, session.role), cause)
