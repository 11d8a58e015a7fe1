"""The boluses of a pump: who may have one, how much at most, and how fast."""

from __future__ import annotations

from testbed.devices.alerts import OVER_CAP, REMOTE_BOLUS, Alerts
from testbed.devices.bench import Bench
from testbed.devices.commands import Commands
from testbed.devices.drive import Drive
from testbed.devices.history import BUTTONS, History
from testbed.devices.programme import Programme
from testbed.devices.safeguards.caps import Caps
from testbed.devices.safeguards.habit import Habit
from testbed.devices.setup import Setup
from testbed.protocol.payloads import Status
from testbed.units import NANOUNITS_PER_UNIT, to_nanounits, to_units


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
        habit: Told of every bolus that is given.
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
        habit: Habit,
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._drive = drive
        self._programme = programme
        self._alerts = alerts
        self._history = history
        self._commands = commands
        self._habit = habit
        self._caps = Caps(setup, history)

    def start(self, nanounits: int, source: str, cause: int) -> Status:
        """Start a bolus, or refuse it.

        Args:
            nanounits: The dose.
            source: Where it was asked for: the buttons, or the kind of a linked device.
            cause: The position in the trace of what asked.
        """
        settings = self._setup.now
        refused = self.refusal(nanounits, source)
        if refused is not None:
            if refused is Status.OVER_CAP and source != BUTTONS:
                self._alerts.ring(OVER_CAP, cause)
            return self._commands.refuse("bolus", source, refused, cause)
        accepted = self._commands.accept("bolus", cause)
        quick = settings.bolus_speed == "quick"
        U_per_min = settings.quick_bolus_U_per_min if quick else settings.bolus_U_per_min
        via = BUTTONS if source == BUTTONS else "remote"
        history = self._history
        started = self._drive.start_bolus(
            nanounits, to_nanounits(U_per_min), via, accepted, history.bolus_ended
        )
        now = self._bench.env.now
        history.bolus_started(now, source, nanounits)
        self._habit.remember_now(now, to_units(nanounits))
        if source != BUTTONS:
            self._alerts.ring(REMOTE_BOLUS, started)
        return Status.ACCEPTED

    def refusal(self, nanounits: int, source: str) -> Status | None:
        """Return why a dose asked for somewhere is refused now, None if it is not."""
        if nanounits <= 0 or nanounits > to_nanounits(self._setup.now.max_bolus_U):
            return Status.OVER_MAXIMUM
        if self._drive.bolus_running:
            return Status.BUSY
        if self._programme.suspended:
            return Status.SUSPENDED
        if nanounits > self._drive.left_nU:
            return Status.NOT_ENOUGH_INSULIN
        if self._setup.now.caps.on and nanounits > self._caps.left_nU(source, self._bench.env.now):
            return Status.OVER_CAP
        return None

    @property
    def largest_U(self) -> float:
        """The largest dose that can be dialled, U."""
        settings = self._setup.now
        caps = settings.caps
        return min(settings.max_bolus_U, caps.single_U) if caps.on else settings.max_bolus_U

    @property
    def left_U(self) -> float:
        """The largest dose that can be dialled and that the caps leave now, in whole steps, U."""
        settings = self._setup.now
        if not settings.caps.on:
            return settings.max_bolus_U
        step = to_nanounits(settings.bolus_step_U)
        left = min(self._caps.left_nU(BUTTONS, self._bench.env.now), to_nanounits(self.largest_U))
        return to_units(left // step * step)

    def cancel(self) -> float:
        """Stop the bolus under way; return the U of it that had gone in."""
        return self._drive.stop_bolus("cancelled") / NANOUNITS_PER_UNIT
