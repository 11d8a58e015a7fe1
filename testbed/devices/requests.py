"""What a pump does for its linked devices: each request once, each only where a setting allows.

The meter may ask for a bolus, a suspension and a temporary basal, the USB link for the history
and a change of settings.  That the bytes verify has been seen to by the endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from testbed.devices.alerts import OVER_CAP, REMOTE_COMMAND, Alerts
from testbed.devices.bench import Bench
from testbed.devices.boluses import Boluses
from testbed.devices.commands import Commands
from testbed.devices.endpoint import Endpoint, Link
from testbed.devices.operation import Operation
from testbed.devices.safeguards.foresight import Foresight
from testbed.devices.safeguards.habit import Habit
from testbed.devices.safeguards.holding import Holding
from testbed.devices.safeguards.nearness import Nearness
from testbed.devices.safeguards.prompts import BOLUS, Prompt, Prompts
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
from testbed.trace import Doubted, SettingChanged
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN, to_units

_MILLI: Final = NANOUNITS_PER_UNIT // 1000


class Requests:
    """The requests that one pump takes from the air.

    Args:
        bench: What the pump stands on.
        setup: What is allowed.
        boluses: What gives a bolus.
        operation: What suspends, and sets temporary basals.
        alerts: What tells the person of a command that came over the air.
        commands: Where what was asked for is written down.
        foresight: What says that a dose is too much now.
        habit: What says that a dose is unlike the person's own.
    """

    def __init__(
        self,
        bench: Bench,
        setup: Setup,
        boluses: Boluses,
        operation: Operation,
        alerts: Alerts,
        commands: Commands,
        foresight: Foresight,
        habit: Habit,
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._boluses = boluses
        self._operation = operation
        self._alerts = alerts
        self._commands = commands
        self._foresight = foresight
        self._habit = habit
        self._nearness = Nearness(bench, setup)
        self.prompts = Prompts(bench, setup, alerts, self._confirmed)
        self.holding = Holding(bench, boluses, alerts, commands)
        self._endpoint: Endpoint | None = None
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
        """Say over which radio the requests come and are answered."""
        self._endpoint = endpoint
        self._nearness.measure_at(endpoint)

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
        if last != request or self._bench.env.now - at > self._setup.now.same_request_for:
            return False
        self._send(link, request, status, cause)
        return True

    def forget(self, address: bytes) -> None:
        """Drop what a device asked for that is no longer linked."""
        prompt, held = self.prompts.waiting, self.holding.waiting
        if prompt is not None and prompt.link.address == address:
            self.prompts.answer(confirm=False)
        if held is not None and held.link.address == address:
            self.holding.cancel()
        self._answered.pop(address, None)

    def _known(self, link: Link, request: Payload, cause: int) -> bool:
        """Return whether a request is one that waits, or was answered and is answered again."""
        return self.prompts.shows(link, request) or self._answered_before(link, request, cause)

    def _ask(self, prompt: Prompt) -> None:
        """Have the person confirm a request, or refuse it where they cannot be asked."""
        why_not = self.prompts.ask(prompt)
        if why_not is not None:
            link, cause = prompt.link, prompt.cause
            status = self._commands.refuse(prompt.command, link.kind, why_not, cause)
            self._reply(link, prompt.request, status, cause)

    def _confirmed(self, prompt: Prompt, confirm: bool) -> None:
        # What is done is caused by the request, whoever confirmed it.
        link, cause = prompt.link, prompt.cause
        if confirm:
            status = prompt.carry_out()
        else:
            status = self._commands.refuse(prompt.command, link.kind, Status.NOT_CONFIRMED, cause)
        self._reply(link, prompt.request, status, cause)

    # Boluses --------------------------------------------------------------------------

    def _take_bolus(self, link: Link, request: BolusRequest, cause: int) -> None:
        """Carry a request out once, however often it is sent."""
        if self._known(link, request, cause):
            return
        settings, kind, nanounits = self._setup.now, link.kind, request.milliunits * _MILLI
        start = partial(self._boluses.start, nanounits, kind, cause)
        refused = self._bolus_refusal(nanounits, cause)
        if refused is not None:
            status = self._commands.refuse("bolus", kind, refused, cause)
        elif self._boluses.refusal(nanounits, kind) is not None:
            status = start()
        elif settings.confirm_remote_bolus or self._doubts(nanounits, cause):
            self._ask(Prompt(link, request, cause, BOLUS, nanounits, start))
            return
        elif settings.hold_remote_bolus_for:
            wait = settings.hold_remote_bolus_for
            status = self.holding.hold(link, nanounits, cause, wait)
        else:
            status = start()
        self._reply(link, request, status, cause)

    def _bolus_refusal(self, nanounits: int, cause: int) -> Status | None:
        """Return why no bolus of this dose is taken from the air now, None if it is."""
        if not self._setup.now.remote_bolus:
            return Status.FEATURE_OFF
        if not self._nearness.allows(cause):
            return Status.NOT_NEAR
        return self._foresight.refusal(nanounits)

    def _doubts(self, nanounits: int, cause: int) -> bool:
        """Return whether a dose is unlike the person's own, and write it down if so."""
        now, units = self._bench.env.now, to_units(nanounits)
        strange = self._habit.is_strange(now, units)
        if strange:
            self._bench.recorder.record(Doubted(now, cause, "pump", "bolus", units))
        return strange

    # Other commands -------------------------------------------------------------------

    def _take(self, link: Link, request: Payload, cause: int) -> None:
        """Carry a command out once, where it is allowed, and tell the person."""
        if self._known(link, request, cause):
            return
        allowed, command, carry_out = self._way(request)
        if not allowed:
            status = self._commands.refuse(command, link.kind, Status.FEATURE_OFF, cause)
        elif not self._nearness.allows(cause):
            status = self._commands.refuse(command, link.kind, Status.NOT_NEAR, cause)
        else:
            carry = partial(self._carry_out, carry_out, request, link.kind, cause)
            if self._setup.now.confirm_remote_commands:
                self._ask(Prompt(link, request, cause, command, 0, carry))
                return
            status = carry()
        self._reply(link, request, status, cause)

    def _carry_out(
        self, do: Callable[[Any, str, int], Status], request: Payload, source: str, cause: int
    ) -> Status:
        status = do(request, source, cause)
        if status is Status.ACCEPTED:
            self._alerts.ring(REMOTE_COMMAND, cause)
        return status

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
        if self._setup.raises_a_limit(request.setting, request.value):
            self._alerts.ring(OVER_CAP, cause)
            return self._commands.refuse("setting", source, Status.OVER_CAP, cause)
        changed = self._setup.change(request.setting, request.value)
        if changed is None:
            return self._commands.refuse("setting", source, Status.OUT_OF_RANGE, cause)
        accepted = self._commands.accept("setting", cause)
        bench = self._bench
        bench.recorder.record(SettingChanged(bench.env.now, accepted, *changed))
        self._operation.set_up_anew(changed, source)
        return Status.ACCEPTED
