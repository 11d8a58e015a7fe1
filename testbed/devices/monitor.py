"""What a pump makes of glucose: readings stored, a low and a silent sensor alerted."""

from __future__ import annotations

from testbed.devices.alerts import LOW_GLUCOSE, NO_SIGNAL, Alerts
from testbed.devices.bench import Bench
from testbed.devices.controller import Controller
from testbed.devices.endpoint import Link
from testbed.devices.safeguards.plausibility import Plausibility
from testbed.devices.setup import Setup
from testbed.protocol.payloads import CgmReading, MeterReading
from testbed.simulation import Call
from testbed.trace import Doubted, ReadingStored


class Monitor:
    """The glucose that one pump knows of.

    Args:
        bench: What the pump stands on.
        setup: When to alert.
        alerts: What it alerts with.
        controller: Who sets the basal by the sensor, None in open loop.

    Attributes:
        sensor_mgdl: What the sensor last said, mg/dL; None before its first reading.
    """

    def __init__(
        self, bench: Bench, setup: Setup, alerts: Alerts, controller: Controller | None
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._alerts = alerts
        self._controller = controller
        self._plausibility = Plausibility(setup)
        self.sensor_mgdl: int | None = None
        self._sensor_at = 0
        self._stick: tuple[int, int] | None = None
        self._low_alert_at: int | None = None
        self._low_alerted = False
        self._no_signal_alerted = False
        self._watch_signal(Call(self._watch_signal))

    def take_meter(self, _link: Link, reading: MeterReading, cause: int) -> tuple[int, bool]:
        """Store a finger-stick's result.

        Returns:
            The position of that in the trace, and whether the result may be used.
        """
        bench, mgdl = self._bench, reading.mgdl
        now = bench.env.now
        stored = bench.recorder.record(ReadingStored(now, cause, "meter", mgdl))
        sensor = self.fresh_sensor(self._setup.now.glucose_counts_for)
        believed = self._plausibility.believes(now, mgdl, sensor)
        if believed:
            self._stick = now, mgdl
        else:
            bench.recorder.record(Doubted(now, stored, "pump", "meter-reading", float(mgdl)))
        return stored, believed

    def take_cgm(self, _link: Link, reading: CgmReading, cause: int) -> None:
        """Store a sensor reading, alert where it is low, and show it to the therapy."""
        bench = self._bench
        now = bench.env.now
        mgdl = reading.mgdl
        stored = bench.recorder.record(ReadingStored(now, cause, "cgm", mgdl))
        self.sensor_mgdl = mgdl
        self._sensor_at = now
        if self._no_signal_alerted:
            self._no_signal_alerted = False
            self._alerts.clear(NO_SIGNAL)
        settings = self._setup.now
        if mgdl < settings.low_alert_mgdl:
            last = self._low_alert_at
            if last is None or now - last >= settings.low_alert_repeat:
                self._low_alert_at = now
                self._alerts.ring(LOW_GLUCOSE, stored)
                self._low_alerted = True
        elif self._low_alerted:
            self._low_alerted = False
            self._alerts.clear(LOW_GLUCOSE)
        if self._controller is not None:
            self._controller.take(now, mgdl, stored)

    def enter(self, mgdl: int) -> None:
        """Take a reading that was entered by hand for one made now."""
        self._stick = self._bench.env.now, mgdl

    def discard(self, mgdl: int) -> None:
        """Forget the last finger-stick's result, if it is this one."""
        if self._stick is not None and self._stick[1] == mgdl:
            self._stick = None

    def freshest(self, within: int) -> float | None:
        """Return glucose by a finger-stick of the last ``within`` microseconds, mg/dL.

        By the sensor where there was none, and None where there was no reading either.
        """
        since = self._bench.env.now - within
        if self._stick is not None and self._stick[0] >= since:
            return self._stick[1]
        return self.fresh_sensor(within)

    def fresh_sensor(self, within: int) -> int | None:
        """Return the sensor's reading of the last ``within`` microseconds, mg/dL, if any."""
        fresh = self._sensor_at >= self._bench.env.now - within
        return self.sensor_mgdl if fresh else None

    def _watch_signal(self, timer: Call) -> None:
        """Alert once when no reading has come for too long; look again when one is due."""
        env = self._bench.env
        silent = env.now - self._sensor_at
        limit = self._setup.now.no_signal_after
        if silent >= limit and not self._no_signal_alerted:
            self._no_signal_alerted = True
            self._alerts.ring(NO_SIGNAL, -1)
        env.again(limit - silent if silent < limit else limit, timer)
