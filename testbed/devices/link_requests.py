"""Link requests: a device that asks to be linked while the pump is not in pairing mode.

A pump that takes such requests shows a prompt; whoever confirms it puts the pump into pairing
mode, and the linking goes on with the device that asked, by the system's method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from testbed.devices.accessories import ACCESSORIES
from testbed.devices.alerts import CONFIRM_LINK, Alerts
from testbed.devices.bench import Bench
from testbed.devices.endpoint import first_letters
from testbed.devices.history import History
from testbed.devices.pairing import PairingMode
from testbed.devices.safeguards.prompts import Prompts
from testbed.devices.setup import Setup
from testbed.protocol.frames import BROADCAST, FrameError
from testbed.protocol.pairings import decode_message
from testbed.protocol.roles import Role
from testbed.simulation import Call
from testbed.trace import PairingFailed

_KINDS: Final = {first_letters(kind): kind for kind in ("cgm", "meter", "usb", *ACCESSORIES)}
"""What a serial number begins with, and the kind of device that has it."""


@dataclass(slots=True)
class _Asking:
    """A device that waits for an answer on the screen; ``body`` is its newest hello."""

    kind: str
    source: bytes
    body: bytes
    cause: int


class LinkRequests:
    """The link requests to one pump.

    Args:
        bench: What the pump stands on.
        setup: Whether they are taken, and how long a prompt waits.
        alerts: What tells the person.
        history: Where those that come to nothing are noted.
        pairing: The pump's pairing mode.
        prompts: How many prompts may be shown.
    """

    def __init__(
        self,
        bench: Bench,
        setup: Setup,
        alerts: Alerts,
        history: History,
        pairing: PairingMode,
        prompts: Prompts,
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._alerts = alerts
        self._history = history
        self._pairing = pairing
        self._prompts = prompts
        self._asking: _Asking | None = None
        pairing.when_outside(self._hear)

    @property
    def on_screen(self) -> str | None:
        """The kind of device that asks to be linked, None where none does."""
        return None if self._asking is None else self._asking.kind

    def _hear(self, source: bytes, to: bytes, body: bytes, cause: int) -> bool:
        """Take a pairing frame that comes outside of pairing mode; return whether it was taken."""
        settings = self._setup.now
        if not settings.link_requests or self._pairing.locked:
            return False
        if to == BROADCAST and settings.link_requests_by_address:
            return False
        try:
            method, message = decode_message(body)
        except FrameError:
            return False
        if message.kind != next(iter(method.layout)):
            return False
        kind = _KINDS.get(message.fields[0][:3])
        asking = self._asking
        if kind is None or (asking is not None and asking.source != source):
            return False
        if asking is not None:
            asking.body = body  # it says hello again: one request, with fresh keys
            return True
        if not self._prompts.may_ask():
            return False
        asking = self._asking = _Asking(kind, source, body, cause)
        self._bench.env.later(settings.prompt_timeout, self._timed_out, asking)
        self._alerts.ring(CONFIRM_LINK, cause)
        return True

    def _timed_out(self, timer: Call) -> None:
        if self._asking is timer.value:
            self.answer(confirm=False)

    def answer(self, confirm: bool) -> None:
        """Take the answer to the prompt on the screen, if there is one."""
        asking, self._asking = self._asking, None
        if asking is None:
            return
        self._alerts.clear(CONFIRM_LINK)
        self._prompts.count(confirm, asking.cause)
        if confirm:
            # The linking is caused by the request, whoever confirmed it.
            self._pairing.open(Role.RESPONDER, asking.kind, asking.cause)
            self._pairing.hear(asking.source, BROADCAST, asking.body, asking.cause)
            return
        bench = self._bench
        why = "nobody confirmed the request"
        bench.recorder.record(PairingFailed(bench.env.now, asking.cause, "pump", why))
        self._history.add(bench.env.now, "refused", asking.kind, "link: not-confirmed")
