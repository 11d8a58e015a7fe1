"""The running of a pump: suspended and resumed, its basal set for a while, its reservoir."""

from __future__ import annotations

from testbed.devices.alerts import EMPTY_RESERVOIR, LOW_RESERVOIR, Alerts
from testbed.devices.bench import Bench
from testbed.devices.commands import Commands
from testbed.devices.drive import Drive
from testbed.devices.history import BUTTONS, PROGRAMME, History
from testbed.devices.programme import Programme
from testbed.devices.safeguards.watchdog import LOW_BASAL, SUSPENSION, Watchdog
from testbed.devices.setup import Setup
from testbed.protocol.payloads import Status
from testbed.trace import NO_CAUSE
from testbed.units import to_nanounits


class Operation:
    """What stops and starts the delivery of one pump, whoever asks.

    Args:
        bench: What the pump stands on.
        setup: The size of a reservoir, and when it is low.
        drive: The motor.
        programme: The basal.
        alerts: What tells the person of the reservoir.
        history: Where changes are noted.
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
        self._watchdog = Watchdog(bench, setup, alerts)
        drive.warn_at(to_nanounits(setup.now.low_reservoir_U), self._low)
        drive.when_dry = self._dry

    def suspend(self, source: str, cause: int) -> Status:
        """Stop the bolus under way and the basal, until resumed."""
        if self._programme.suspended:
            return self._commands.refuse("suspend", source, Status.SUSPENDED, cause)
        if self._watchdog.refuses(source):
            return self._commands.refuse("suspend", source, Status.LOCKED_OUT, cause)
        accepted = self._commands.accept("suspend", cause)
        self._drive.stop_bolus("suspended")
        self._programme.suspend(source, accepted)
        self._watchdog.watch(SUSPENSION, source, accepted, self._resume_by_itself)
        return Status.ACCEPTED

    def _resume_by_itself(self, cause: int) -> None:
        if self._programme.suspended:
            self._programme.resume(PROGRAMME, cause)

    def resume(self, source: str, cause: int) -> Status:
        """Let the basal run again."""
        accepted = self._commands.accept("resume", cause)
        if self._programme.suspended:
            self._programme.resume(source, accepted)
        self._watchdog.over(SUSPENSION)
        return Status.ACCEPTED

    def temporary_basal(
        self, amount: float, relative: bool, duration: int, source: str, cause: int
    ) -> Status:
        """Set a basal for a while, or end it where there is no duration.

        Args:
            amount: U/h, or a share of the profile's rate.
            relative: Which of the two.
            duration: For how long, microseconds.
            source: Where it was asked for.
            cause: The position in the trace of what asked.
        """
        programme = self._programme
        if duration > 0 and not programme.allows(amount, relative, duration):
            return self._commands.refuse("temporary-basal", source, Status.OVER_MAXIMUM, cause)
        scheduled, watchdog = programme.scheduled_U_per_h, self._watchdog
        asked = amount * scheduled if relative else amount
        stops = source != BUTTONS and duration > 0 and watchdog.counts(asked, scheduled)
        if stops and watchdog.refuses(source):
            return self._commands.refuse("temporary-basal", source, Status.LOCKED_OUT, cause)
        accepted = self._commands.accept("temporary-basal", cause)
        if duration > 0:
            programme.set_temporary(amount, relative, duration, source, accepted)
        else:
            programme.end_temporary("cancelled", source, accepted)
        if stops:
            watchdog.watch(LOW_BASAL, source, accepted, self._end_by_itself, duration)
        else:
            watchdog.over(LOW_BASAL)
        return Status.ACCEPTED

    def _end_by_itself(self, cause: int) -> None:
        self._programme.end_temporary("ended by itself", PROGRAMME, cause)

    def set_up_anew(self, changed: tuple[str, float], source: str) -> None:
        """Go by a setting that has just been changed."""
        name, value = changed
        self._history.add(self._bench.env.now, "setting", source, f"{name} = {value:g}")
        self._programme.run()

    # The reservoir --------------------------------------------------------------------

    def replace_reservoir(self, cause: int) -> None:
        """Put in a new, full reservoir, and run again what is to run."""
        self._commands.accept("new reservoir", cause)
        self._drive.replace_reservoir(to_nanounits(self._setup.now.reservoir_U))
        self._history.add(self._bench.env.now, "reservoir", BUTTONS, "replaced")
        self._alerts.clear(LOW_RESERVOIR)
        self._alerts.clear(EMPTY_RESERVOIR)
        self._programme.run()

    def _low(self) -> None:
        self._alerts.ring(LOW_RESERVOIR, NO_CAUSE)

    def _dry(self) -> None:
        self._history.add(self._bench.env.now, "reservoir", PROGRAMME, "empty")
        self._programme.run()
        self._alerts.clear(LOW_RESERVOIR)
        self._alerts.ring(EMPTY_RESERVOIR, NO_CAUSE)
