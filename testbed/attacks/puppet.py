"""One side of a pairing, played by the attacker with the public roles."""

from __future__ import annotations

from typing import Any

from testbed.attacks.links import HeldLink
from testbed.attacks.step import Process, Situation
from testbed.protocol.frames import (
    ADDRESS_BYTES,
    BROADCAST,
    HEADER_BYTES,
    PAIRING,
    FrameError,
    decode_header,
    encode_header,
)
from testbed.protocol.pairings import decode_message, encode_message
from testbed.protocol.pairings.confirmation import CLOSING, Schedule
from testbed.protocol.roles import (
    YES,
    Ask,
    Established,
    Failed,
    Message,
    PairingMethod,
    Role,
    Send,
)


class Puppet:
    """A role of a pairing method that the attacker runs over its antenna.

    It answers what a person would be asked as well as it can: it types the code it knows or
    guesses, and says that digits agree.  With the pump in hand it says so on the pump too, and
    holds its own device to it; without, it cannot touch.

    Args:
        situation: What the attacker works with.
        method: The system's pairing method, which is public.
        role: Which side it plays.
        serial: The serial number it claims, 12 bytes.
        code: The code it knows or guesses.
        cause: Position of the gate that its frames follow from.
        waits: Whether it keeps what it is told until :meth:`go_on` is called.
        to: Whom an initiator says hello to; everyone where left out.
    """

    def __init__(
        self,
        situation: Situation,
        method: PairingMethod,
        role: Role,
        serial: bytes,
        code: bytes,
        cause: int,
        *,
        waits: bool = False,
        to: bytes | None = None,
    ) -> None:
        self._situation = situation
        self._method = method
        self._role = role
        self._code = code
        self._cause = cause
        self._serial = serial
        self._state: Any = None
        self._waits = waits
        self._kept: list[Message[bytes]] = []
        self.said: list[Message[bytes]] = []
        self.address = situation.suite.digest("address", serial)[:ADDRESS_BYTES]
        self._to = to
        self.peer: bytes | None = None
        self.link_key: bytes | None = None
        self.failed: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the pairing is done or has failed."""
        return self.link_key is not None or self.failed is not None

    def held(self) -> HeldLink | None:
        """Return this side of the link, if the pairing is done."""
        return self._link(self.link_key)

    def unconfirmed(self) -> HeldLink | None:
        """Return this side of the link that is there if the pump's last word was lost.

        Whoever has sent ``confirm`` holds the key; whether the pump took it, only that word
        would tell.
        """
        agreed = getattr(self._state, "agreed", None)
        if not self.said or self.said[-1].kind != next(iter(CLOSING)):
            return None
        return self._link(agreed.link_key if isinstance(agreed, Schedule) else None)

    def _link(self, key: bytes | None) -> HeldLink | None:
        if key is None or self.peer is None:
            return None
        situation = self._situation
        return HeldLink.under(
            situation.suite,
            situation.link.channel,
            key,
            self._role,
            self.address,
            self.peer,
        )

    def start(self) -> None:
        """Start the role with fresh keys; an initiator says hello to everyone."""
        situation = self._situation
        now = situation.env.now
        fresh = [
            situation.streams.bytes(f"attacker/{self._role.value}/fresh/{number}", 32, now)
            for number in range(self._method.fresh)
        ]
        self.peer = self.failed = None
        self._kept, self.said = [], []
        step = self._method.start(
            situation.suite, self._role, self._serial, fresh, situation.link.codes
        )
        self._state = self._method.know(step.state, self._code)
        self._put_out(step.outputs)

    def take(self, data: bytes) -> bool:
        """Take a frame if it is a pairing message for this side; return whether it was."""
        if self._state is None:
            return False
        try:
            kind, source, to, _ = decode_header(data)
            if kind != PAIRING or to not in (self.address, BROADCAST) or source == self.address:
                return False
            if self.peer is not None and source != self.peer:
                return False
            method, message = decode_message(data[HEADER_BYTES:])
        except FrameError:
            return False
        if method is not self._method:
            return False
        self.peer = source
        if self._waits:
            self._kept.append(message)
        else:
            self._receive(message)
        return True

    def go_on(self, code: bytes) -> None:
        """Go on with the code that it knows by now, from what it has kept."""
        self._waits = False
        self._code = code
        if self._state is not None:
            self._state = self._method.know(self._state, code)
        while self._kept and not self.ended:
            self._receive(self._kept.pop(0))

    def play(self, patience: int, *, begun: bool = False) -> Process:
        """Play the role until it has ended, or the peer says nothing more.

        Args:
            patience: How long to wait for the peer's next message, microseconds.
            begun: Whether it was started before, and has only to hear the rest.
        """
        env = self._situation.env
        ear = self._situation.antenna.listen()
        if not begun:
            self.start()
        silent = env.timeout(patience)
        while not self.ended and not silent.processed:
            yield ear.wait() | silent
            heard = ear.take()
            if heard is not None and self.take(heard.data) and not self.ended:
                silent = env.timeout(patience)

    def say(self, message: Message[bytes]) -> None:
        """Send the peer a message, whatever the role would do."""
        self._put_out((Send(message),))

    def _receive(self, message: Message[bytes]) -> None:
        self.said.append(message)
        step = self._method.receive(self._situation.suite, self._state, message)
        self._state = step.state
        self._put_out(step.outputs)

    def _put_out(self, outputs: tuple[Any, ...]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                self.said.append(output.message)
                to = self.peer or self._to or BROADCAST
                header = encode_header(PAIRING, self.address, to, 0)
                body = encode_message(self._method, output.message)
                self._situation.antenna.send(header + body, self._cause)
            elif isinstance(output, Ask):
                self._asked(output)
            elif isinstance(output, Established):
                self.link_key = output.link_key
            elif isinstance(output, Failed):
                self.failed = output.why

    def _asked(self, ask: Ask[bytes]) -> None:
        hand = self._situation.touch
        pump = None if hand is None else hand.asks
        if ask.what == "type":
            self._answer(self._code)
        elif ask.what == "compare":
            yes = YES.encode()
            if hand is not None and pump is not None and pump.what == "compare":
                hand.answer(yes, self._cause)
            self._answer(yes)
        elif ask.what == "touch":
            if hand is None or pump is None or pump.what != "touch" or pump.value is None:
                self.failed = "it cannot touch the devices"
                self._state = None
                return
            if ask.value is not None:
                hand.answer(ask.value, self._cause)
            self._answer(pump.value)

    def _answer(self, value: bytes) -> None:
        step = self._method.answer(self._situation.suite, self._state, value)
        self._state = step.state
        self._put_out(step.outputs)
