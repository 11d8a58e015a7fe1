"""One side of a pairing, played by the attacker with the public roles."""

from __future__ import annotations

from typing import Any

from testbed.attacks.links import HeldLink
from testbed.attacks.step import Situation
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
from testbed.protocol.roles import YES, Ask, Established, Failed, PairingMethod, Role, Send


class Puppet:
    """A role of a pairing method that the attacker runs over its antenna.

    It answers what a person would be asked as well as it can: it types the code it knows or
    guesses, says that digits agree, and cannot touch.

    Args:
        situation: What the attacker works with.
        method: The system's pairing method, which is public.
        role: Which side it plays.
        serial: The serial number it claims, 12 bytes.
        code: The code it knows or guesses.
        cause: Position of the gate that its frames follow from.
    """

    def __init__(
        self,
        situation: Situation,
        method: PairingMethod,
        role: Role,
        serial: bytes,
        code: bytes,
        cause: int,
    ) -> None:
        self._situation = situation
        self._method = method
        self._role = role
        self._code = code
        self._cause = cause
        self._serial = serial
        self._state: Any = None
        self.address = situation.suite.digest("address", serial)[:ADDRESS_BYTES]
        self.peer: bytes | None = None
        self.link_key: bytes | None = None
        self.failed: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the pairing is done or has failed."""
        return self.link_key is not None or self.failed is not None

    def held(self) -> HeldLink | None:
        """Return this side of the link, if the pairing is done."""
        if self.link_key is None or self.peer is None:
            return None
        situation = self._situation
        return HeldLink.under(
            situation.suite,
            situation.link.channel,
            self.link_key,
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
        step = method.receive(self._situation.suite, self._state, message)
        self._state = step.state
        self._put_out(step.outputs)
        return True

    def _put_out(self, outputs: tuple[Any, ...]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                header = encode_header(PAIRING, self.address, self.peer or BROADCAST, 0)
                body = encode_message(self._method, output.message)
                self._situation.antenna.send(header + body, self._cause)
            elif isinstance(output, Ask):
                self._asked(output)
            elif isinstance(output, Established):
                self.link_key = output.link_key
            elif isinstance(output, Failed):
                self.failed = output.why

    def _asked(self, ask: Ask[bytes]) -> None:
        answers = {"type": self._code, "compare": YES.encode()}
        if ask.what in answers:
            step = self._method.answer(self._situation.suite, self._state, answers[ask.what])
            self._state = step.state
            self._put_out(step.outputs)
        elif ask.what == "touch":
            self.failed = "it cannot touch the devices"
            self._state = None
