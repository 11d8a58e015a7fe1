"""``third-party-device``: speak to the pump through another maker's device that it trusts.

The attacker listens for what an app says to such a device.  If it can read it, nothing protects
that side, and the device takes the attacker for its app: what it is told it passes on to the
pump, sealed under a link that no overhearing would have told.  The steps that follow speak on
that side as they would on a link with the pump.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.attacks.links import HeldLink
from testbed.attacks.patience import gives_up_after
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.frames import DATA, HEADER_BYTES, FrameError, decode_header
from testbed.protocol.payloads import HistoryRequest, PayloadError, decode_payload
from testbed.protocol.roles import Role
from testbed.settings import Duration

_READ = "reads what an app says"
_OPEN = "plaintext"


class ThirdPartyDevice(Step):
    """Wait for an app that asks in clear what is new, and take its place."""

    do: Literal["third-party-device"] = "third-party-device"
    """The step's name."""
    give_up_after: Duration = gives_up_after(
        "24h", "How long the attacker listens for an app that speaks in clear."
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The person has linked another maker's device with the pump.",
        "That device and its app speak without protection.",
        "The antenna is in reach of that device, then and later.",
    )
    gates: ClassVar[tuple[str, ...]] = (_READ,)
    stride: ClassVar[frozenset[str]] = frozenset("SIE")

    def run(self, situation: Situation) -> Process:
        """Read frames as if they were in clear, until one asks what is new."""
        deadline = situation.env.timeout(self.give_up_after)
        ear = situation.antenna.listen()
        while True:
            yield ear.wait() | deadline
            heard = ear.take()
            if heard is None:
                situation.gate(self.do, _READ, False, "no app that can be read")
                return
            try:
                kind, app, device, _ = decode_header(heard.data)
                payload = decode_payload(heard.data[HEADER_BYTES:])
            except (FrameError, PayloadError):
                continue
            if kind == DATA and isinstance(payload, HistoryRequest):
                break
        situation.gate(self.do, _READ, True)
        link = HeldLink.under(situation.suite, _OPEN, bytes(32), Role.INITIATOR, app, device)
        situation.knowledge.links.append(link)
