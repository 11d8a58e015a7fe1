"""The pump's alerts: they begin soft, get louder, and come again until somebody answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from testbed.devices.bench import Bench
from testbed.devices.history import PROGRAMME, History
from testbed.simulation import Call
from testbed.trace import Alerted

if TYPE_CHECKING:
    from testbed.devices.setup import Setup

LOW_GLUCOSE: Final = "low-glucose"
REMOTE_BOLUS: Final = "remote-bolus-started"
REMOTE_COMMAND: Final = "remote-command"
CONFIRM_BOLUS: Final = "confirm-remote-bolus"
CONFIRM_COMMAND: Final = "confirm-remote-command"
PROMPTS_LOCKED: Final = "prompts-locked"
BOLUS_HELD: Final = "remote-bolus-held"
OVER_CAP: Final = "over-cap"
STILL_STOPPED: Final = "still-stopped-remotely"
RESUMED: Final = "resumed-by-itself"
REVIEW_LINKS: Final = "review-links"
CONFIRM_LINK: Final = "confirm-link-request"
NO_SIGNAL: Final = "no-sensor-signal"
LOW_RESERVOIR: Final = "low-reservoir"
EMPTY_RESERVOIR: Final = "reservoir-empty"


class Loudness(IntEnum):
    """How loud an alert is."""

    SILENT = 0
    VIBRATION = 1
    SOUND = 2


@dataclass(slots=True)
class _Alert:
    """An alert that nobody has acknowledged."""

    kind: str
    cause: int
    since: int
    rings: int = 0


class Alerts:
    """The alerts of one pump.

    An alert rings at once, and again after each ``alert_repeat`` until it is acknowledged, its
    reason is gone, or it has rung ``alert_rings`` times.  Its first rings only vibrate.

    Args:
        bench: What the pump stands on.
        setup: How often and how loud.
        history: Where alerts are noted.
    """

    def __init__(self, bench: Bench, setup: Setup, history: History) -> None:
        self._bench = bench
        self._setup = setup
        self._history = history
        self._active: dict[str, _Alert] = {}
        self._calls: list[Callable[[str, int], None]] = []

    def when_alerting(self, call: Callable[[str, int], None]) -> None:
        """Have ``call`` called with kind and position in the trace at every ring.

        Whoever asked first is called first.
        """
        self._calls.append(call)

    @property
    def active(self) -> tuple[str, ...]:
        """The kinds of the alerts that nobody has acknowledged, oldest first."""
        return tuple(self._active)

    def since(self, kind: str) -> int | None:
        """Return when the alert of a kind began, None if there is none to acknowledge."""
        alert = self._active.get(kind)
        return None if alert is None else alert.since

    def loudness(self, kind: str) -> Loudness:
        """Return how loud an alert last rang, silent if there is none to acknowledge."""
        alert = self._active.get(kind)
        if alert is None:
            return Loudness.SILENT
        soft = alert.rings <= self._setup.now.alert_vibrations
        return Loudness.VIBRATION if soft else Loudness.SOUND

    def ring(self, kind: str, cause: int) -> None:
        """Begin an alert, in place of one of the same kind."""
        now = self._bench.env.now
        self._active.pop(kind, None)
        alert = self._active[kind] = _Alert(kind, cause, now)
        self._history.add(now, "alert", PROGRAMME, kind)
        self._sound(alert)

    def _sound(self, alert: _Alert) -> None:
        bench, settings = self._bench, self._setup.now
        alert.rings += 1
        position = bench.recorder.record(Alerted(bench.env.now, alert.cause, "pump", alert.kind))
        if alert.rings < settings.alert_rings:
            bench.env.later(settings.alert_repeat, self._again, alert)
        for call in self._calls:
            call(alert.kind, position)

    def _again(self, timer: Call) -> None:
        alert: _Alert = timer.value
        if self._active.get(alert.kind) is alert:
            self._sound(alert)

    def acknowledge(self, kind: str) -> bool:
        """Silence an alert by hand; return whether there was one."""
        there = self._active.pop(kind, None) is not None
        if there:
            self._history.add(self._bench.env.now, "acknowledged", "pump", kind)
        return there

    def clear(self, kind: str) -> None:
        """Silence an alert whose reason is gone."""
        self._active.pop(kind, None)
