"""Holding: a bolus over the air waits a while before it starts, and can be cancelled unstarted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from testbed.devices.alerts import BOLUS_HELD, Alerts
from testbed.devices.bench import Bench
from testbed.devices.boluses import Boluses
from testbed.devices.commands import Commands
from testbed.protocol.payloads import Status
from testbed.simulation import Call
from testbed.trace import BolusHeld

if TYPE_CHECKING:
    from testbed.devices.endpoint import Link


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A bolus that waits; ``cause`` is the request's frame."""

    link: Link
    nanounits: int
    cause: int
    until: int


class Holding:
    """What waits on one pump: at most one bolus.

    Args:
        bench: What the pump stands on.
        boluses: What gives it when its time has come.
        alerts: What tells the person that one waits.
        commands: Where one is written down that is not given.

    Attributes:
        waiting: The bolus that waits, None without one.
    """

    def __init__(self, bench: Bench, boluses: Boluses, alerts: Alerts, commands: Commands) -> None:
        self._bench = bench
        self._boluses = boluses
        self._alerts = alerts
        self._commands = commands
        self.waiting: Held | None = None

    def hold(self, link: Link, nanounits: int, cause: int, wait: int) -> Status:
        """Let a bolus wait; refuse it where another does."""
        if self.waiting is not None:
            return self._commands.refuse("bolus", link.kind, Status.BUSY, cause)
        env = self._bench.env
        held = self.waiting = Held(link, nanounits, cause, env.now + wait)
        position = self._bench.recorder.record(BolusHeld(env.now, cause, nanounits, held.until))
        env.later(wait, self._over, held)
        self._alerts.ring(BOLUS_HELD, position)
        return Status.ACCEPTED

    def _over(self, timer: Call) -> None:
        held = self.waiting
        if held is not None and held is timer.value:
            self._let_go()
            self._boluses.start(held.nanounits, held.link.kind, held.cause)

    def cancel(self) -> None:
        """Give up the bolus that waits, if there is one."""
        held = self.waiting
        if held is not None:
            self._let_go()
            self._commands.refuse("bolus", held.link.kind, Status.CANCELLED, held.cause)

    def _let_go(self) -> None:
        self.waiting = None
        self._alerts.clear(BOLUS_HELD)
