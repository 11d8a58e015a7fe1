"""What a pump does for its linked devices: each request once, each only where a setting allows.

The meter may ask for a bolus, a suspension and a temporary basal, the USB link for the history
and a change of settings.  That the bytes verify has been seen to by the endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from testbed.devices.alerts import CONFIRM_BOLUS, REMOTE_COMMAND, Alerts
from testbed.devices.bench import Bench
from testbed.devices.boluses import Boluses
from testbed.devices.commands import Commands
from testbed.devices.endpoint import Endpoint, Link
from testbed.devices.operation import Operation
from testbed.devices.setup import Setup
from testbed.protocol.payloads import (
    BasalUnit,
    BolusReply,
    BolusRequest,
    CommandReply,
    Payload,
    ResumeRequest,
    SettingRequest,
    Status,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.simulation import Call
from testbed.trace import SettingChanged
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN

_SAME_REQUEST_FOR: Final = US_PER_MIN
"""How long a request equal to the last one is taken for that one, sent again."""
_MILLI: Final = NANOUNITS_PER_UNIT // 1000


@dataclass(frozen=True, slots=True)
class _Pending:
    """A bolus that waits for an answer on the screen; ``cause`` is the request's frame."""

    link: Link
    request: BolusRequest
    cause: int

    @property
    def nanounits(self) -> int:
        """The dose asked for."""
        return self.request.milliunits * _MILLI


class Requests:
    """The requests that one pump takes from the air.

    Args:
        bench: What the pump stands on.
        setup: What is allowed.
        boluses: What gives a bolus.
        operation: What suspends, and sets temporary basals.
        alerts: What tells the person of a command that came over the air.
        commands: Where what was asked for is written down.
    """

    def __init__(
        self,
        bench: Bench,
        setup: Setup,
        boluses: Boluses,
        operation: Operation,
        alerts: Alerts,
        commands: Commands,
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._boluses = boluses
        self._operation = operation
        self._alerts = alerts
        self._commands = commands
        self._endpoint: Endpoint | None = None
        self._pending: _Pending | None = None
        self._answered: dict[bytes, tuple[Payload, int, Status]] = {}

    @property
    def takes(self) -> Mapping[tuple[str, type[Payload]], Callable[[Link, Any, int], None]]:
        """Which request is taken from a linked device of which kind, and by whom."""
        return {
            ("meter", BolusRequest): self._take_bolus,
            ("meter", SuspendRequest): self._take,
            ("meter", ResumeRequest): self._take,
            ("meter", TemporaryBasalRequest): self._take,
            ("usb", SettingRequest): self._take,
        }

    def answer_over(self, endpoint: Endpoint) -> None:
        """Say over which radio the requests are answered."""
        self._endpoint = endpoint

    def _reply(self, link: Link, request: Any, status: Status, cause: int) -> None:
        """Answer a request, and remember the answer."""
        self._answered[link.address] = (request, self._bench.env.now, status)
        self._send(link, request, status, cause)

    def _send(self, link: Link, request: Any, status: Status, cause: int) -> None:
        reply: Payload = BolusReply(status, request.number)
        if type(request) is not BolusRequest:
            reply = CommandReply(request.CODE, status, request.number)
        if self._endpoint is not None:
            self._endpoint.send(link, reply, cause)

    def _answered_before(self, link: Link, request: Payload, cause: int) -> bool:
        """Answer a request that is the last one, sent again, as that one; tell if it is."""
        answered = self._answered.get(link.address)
        if answered is None:
            return False
        last, at, status = answered
        if last != request or self._bench.env.now - at > _SAME_REQUEST_FOR:
            return False
        self._send(link, request, status, cause)
        return True

    def forget(self, address: bytes) -> None:
        """Drop what a device asked for that is no longer linked."""
        if self._pending is not None and self._pending.link.address == address:
            self.answer(confirm=False)
        self._answered.pop(address, None)

    # Boluses --------------------------------------------------------------------------

    def _take_bolus(self, link: Link, request: BolusRequest, cause: int) -> None:
        """Carry a request out once, however often it is sent."""
        pending, settings = self._pending, self._setup.now
        if pending is not None and (pending.link, pending.request) == (link, request):
            return
        if self._answered_before(link, request, cause):
            return
        if not settings.remote_bolus:
            status = self._commands.refuse("bolus", link.kind, Status.FEATURE_OFF, cause)
        elif not settings.confirm_remote_bolus:
            status = self._boluses.start(request.milliunits * _MILLI, link.kind, cause)
        elif pending is not None:
            status = self._commands.refuse("bolus", link.kind, Status.BUSY, cause)
        else:
            self._prompt(_Pending(link, request, cause))
            return
        self._reply(link, request, status, cause)

    @property
    def prompt_nU(self) -> int | None:
        """The dose that waits for an answer on the screen, None where none does."""
        return None if self._pending is None else self._pending.nanounits

    def _prompt(self, pending: _Pending) -> None:
        self._pending = pending
        env = self._bench.env
        env.later(self._setup.now.prompt_timeout, self._prompt_timed_out, pending)
        self._alerts.ring(CONFIRM_BOLUS, pending.cause)

    def _prompt_timed_out(self, timer: Call) -> None:
        if self._pending is timer.value:
            self.answer(confirm=False)

    def answer(self, confirm: bool) -> None:
        """Take the answer to the prompt on the screen, if there is one."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        self._alerts.clear(CONFIRM_BOLUS)
        kind, cause = pending.link.kind, pending.cause
        # The bolus is caused by the request, whoever confirmed it.
        if confirm:
            status = self._boluses.start(pending.nanounits, kind, cause)
        else:
            status = self._commands.refuse("bolus", kind, Status.NOT_CONFIRMED, cause)
        self._reply(pending.link, pending.request, status, cause)

    # Other commands -------------------------------------------------------------------

    def _take(self, link: Link, request: Payload, cause: int) -> None:
        """Carry a command out once, where it is allowed, and tell the person."""
        if self._answered_before(link, request, cause):
            return
        allowed, command, carry_out = self._way(request)
        if not allowed:
            status = self._commands.refuse(command, link.kind, Status.FEATURE_OFF, cause)
        else:
            status = carry_out(request, link.kind, cause)
        if status is Status.ACCEPTED:
            self._alerts.ring(REMOTE_COMMAND, cause)
        self._reply(link, request, status, cause)

    def _way(self, request: Payload) -> tuple[bool, str, Callable[[Any, str, int], Status]]:
        """Return whether a request is allowed, what it is called, and who carries it out."""
        settings, operation = self._setup.now, self._operation
        if isinstance(request, SuspendRequest):
            return settings.remote_suspend, "suspend", lambda _, *to: operation.suspend(*to)
        if isinstance(request, ResumeRequest):
            return settings.remote_suspend, "resume", lambda _, *to: operation.resume(*to)
        if isinstance(request, TemporaryBasalRequest):
            return settings.remote_temp_basal, "temporary-basal", self._temporary_basal
        return settings.remote_settings, "setting", self._setting

    def _temporary_basal(self, request: TemporaryBasalRequest, source: str, cause: int) -> Status:
        if request.unit == BasalUnit.PERCENT:
            amount, relative = request.amount / 100, True
        elif request.unit == BasalUnit.MILLIUNITS_PER_H:
            amount, relative = request.amount / 1000, False
        else:
            status = Status.OUT_OF_RANGE
            return self._commands.refuse("temporary-basal", source, status, cause)
        duration = request.minutes * US_PER_MIN
        return self._operation.temporary_basal(amount, relative, duration, source, cause)

    def _setting(self, request: SettingRequest, source: str, cause: int) -> Status:
        changed = self._setup.change(request.setting, request.value)
        if changed is None:
            return self._commands.refuse("setting", source, Status.OUT_OF_RANGE, cause)
        accepted = self._commands.accept("setting", cause)
        bench = self._bench
        bench.recorder.record(SettingChanged(bench.env.now, accepted, *changed))
        self._operation.set_up_anew(changed, source)
        return Status.ACCEPTED
