"""The watchdog: delivery that a command over the air stopped does not stay stopped unseen.

It rings again, however often the alert was acknowledged, and after a while delivery resumes by
itself; then commands that stop it are refused for a while.  A temporary basal far below the
programme's counts as a stop, and one that takes the place of another as the same.  Who lets
delivery run for a moment in between begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from testbed.devices.alerts import RESUMED, STILL_STOPPED, Alerts
from testbed.devices.bench import Bench
from testbed.devices.history import BUTTONS
from testbed.settings import NO_PUBLISHED_RATE, Duration, Settings, assumed_duration, assumption
from testbed.simulation import Call

if TYPE_CHECKING:
    from testbed.devices.setup import Setup

SUSPENSION: Final = "suspension"
LOW_BASAL: Final = "low basal"


class WatchdogSettings(Settings):
    """What becomes of a stop that was commanded over the air."""

    on: bool = False
    """Whether such stops ring again and end by themselves."""
    rings_after: Duration = assumed_duration(
        "10min",
        ge="1min",
        le="2h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long after a stop, and after each such ring, the pump rings again.",
    )
    resumes_after: Duration = assumed_duration(
        "30min",
        ge="5min",
        le="4h",
        unit="min",
        source=f"a stop of 2 h is near-benign and one of 8 h is not (Klonoff et al., J Diabetes "
        f"Sci Technol 2024); for this time {NO_PUBLISHED_RATE}",
        description="How long after a stop delivery resumes by itself.",
    )
    refuses_for: Duration = assumed_duration(
        "2h",
        ge="0s",
        le="24h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="How long after that, commands over the air to stop it are refused.",
    )
    low_share: float = assumption(
        0.5,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of the programme's rate below which a temporary basal is a stop.",
    )


@dataclass(slots=True, eq=False)
class _Stop:
    """A stop that is watched; ``cause`` is the command."""

    since: int
    cause: int


class Watchdog:
    """The watchdog of one pump.

    Args:
        bench: What the pump stands on.
        setup: How long it waits.
        alerts: What it rings with.
    """

    def __init__(self, bench: Bench, setup: Setup, alerts: Alerts) -> None:
        self._bench = bench
        self._setup = setup
        self._alerts = alerts
        self._stops: dict[str, _Stop] = {}
        self._refuses_until = 0

    def refuses(self, source: str) -> bool:
        """Return whether a stop asked for somewhere is refused, after one it has just ended."""
        return source != BUTTONS and self._bench.env.now < self._refuses_until

    def counts(self, U_per_h: float, scheduled_U_per_h: float) -> bool:
        """Return whether a temporary basal is so low that it is a stop."""
        settings = self._setup.now.watchdog
        return settings.on and U_per_h < settings.low_share * scheduled_U_per_h

    def watch(
        self,
        kind: str,
        source: str,
        cause: int,
        end: Callable[[int], None],
        lasts: int | None = None,
    ) -> None:
        """Watch over a stop that has just begun.

        Args:
            kind: A suspension or a low basal.
            source: Where it was asked for; only what comes over the air is watched.
            cause: Position in the trace of the command.
            end: Ends it, with the cause.
            lasts: After how long it is over anyway, microseconds; None for never.
        """
        if source == BUTTONS or not self._setup.now.watchdog.on:
            self.over(kind)
            return
        settings = self._setup.now.watchdog
        env, before = self._bench.env, self._stops.get(kind)
        since = env.now if before is None else before.since
        stop = self._stops[kind] = _Stop(since, cause)
        env.later(settings.rings_after, self._ring, (kind, stop))
        left = since + settings.resumes_after - env.now
        env.later(left, self._end, (kind, stop, end))
        if lasts is not None:
            env.later(lasts, self._lapsed, (kind, stop))

    def over(self, kind: str) -> None:
        """Take note that a stop of a kind is over."""
        if self._stops.pop(kind, None) is not None and not self._stops:
            self._alerts.clear(STILL_STOPPED)

    def _lapsed(self, timer: Call) -> None:
        kind: str
        stop: _Stop
        kind, stop = timer.value
        if self._stops.get(kind) is stop:
            self.over(kind)

    def _ring(self, timer: Call) -> None:
        kind: str
        stop: _Stop
        kind, stop = timer.value
        if self._stops.get(kind) is stop:
            self._alerts.ring(STILL_STOPPED, stop.cause)
            self._bench.env.later(self._setup.now.watchdog.rings_after, self._ring, timer.value)

    def _end(self, timer: Call) -> None:
        kind: str
        stop: _Stop
        kind, stop, end = timer.value
        if self._stops.get(kind) is stop:
            self._refuses_until = self._bench.env.now + self._setup.now.watchdog.refuses_for
            self.over(kind)
            end(stop.cause)
            self._alerts.ring(RESUMED, stop.cause)
