"""The boluses of a pump: who may have one, how much at most, and how fast."""

from __future__ import annotations

from testbed.devices.alerts import REMOTE_BOLUS, Alerts
from testbed.devices.bench import Bench
from testbed.devices.commands import Commands
from testbed.devices.drive import Drive
from testbed.devices.history import BUTTONS, History
from testbed.devices.programme import Programme
from testbed.devices.setup import Setup
from testbed.protocol.payloads import Status
from testbed.units import NANOUNITS_PER_UNIT, to_nanounits


class Boluses:
    """The boluses of one pump.

    Args:
        bench: What the pump stands on.
        setup: The largest dose, and the speed.
        drive: The motor.
        programme: Whether the pump is suspended.
        alerts: Told of a bolus that was not asked for on the pump.
        history: Where boluses are noted.
        commands: Where what was asked for is written down.
    """

    def __init__(
        self,
        bench: Bench,
        setup: Setup,
        drive: Drive,
        programme: Programme,
        alerts: Alerts,
        history: History,
        commands: Commands,
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._drive = drive
        self._programme = programme
        self._alerts = alerts
        self._history = history
        self._commands = commands

    def start(self, nanounits: int, source: str, cause: int) -> Status:
        """Start a bolus, or refuse it.

        Args:
            nanounits: The dose.
            source: Where it was asked for: the buttons, or the kind of a linked device.
            cause: The position in the trace of what asked.
        """
        settings = self._setup.now
        refused = self._refusal(nanounits)
        if refused is not None:
            return self._commands.refuse("bolus", source, refused, cause)
        accepted = self._commands.accept("bolus", cause)
        quick = settings.bolus_speed == "quick"
        U_per_min = settings.quick_bolus_U_per_min if quick else settings.bolus_U_per_min
        via = BUTTONS if source == BUTTONS else "remote"
        history = self._history
        started = self._drive.start_bolus(
            nanounits, to_nanounits(U_per_min), via, accepted, history.bolus_ended
        )
        history.bolus_started(self._bench.env.now, source, nanounits)
        if source != BUTTONS:
            self._alerts.ring(REMOTE_BOLUS, started)
        return Status.ACCEPTED

    def _refusal(self, nanounits: int) -> Status | None:
        """Return why a dose is refused, None if it is not."""
        if nanounits <= 0 or nanounits > to_nanounits(self._setup.now.max_bolus_U):
            return Status.OVER_MAXIMUM
        if self._drive.bolus_running:
            return Status.BUSY
        if self._programme.suspended:
            return Status.SUSPENDED
        if nanounits > self._drive.left_nU:
            return Status.NOT_ENOUGH_INSULIN
        return None

    def cancel(self) -> float:
        """Stop the bolus under way; return the U of it that had gone in."""
        return self._drive.stop_bolus("cancelled") / NANOUNITS_PER_UNIT
