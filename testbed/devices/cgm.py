"""The CGM transmitter: a sensor in the tissue, and a frame to the pump every five minutes."""

from __future__ import annotations

from testbed.devices.bench import Bench
from testbed.devices.cgm_settings import CgmSettings
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.physiology import Body, missing_readings, shown_mgdl
from testbed.protocol.payloads import Calibration, CgmReading
from testbed.protocol.roles import Role
from testbed.simulation import Call
from testbed.trace import NO_CAUSE, CommandAccepted, CommandRefused
from testbed.units import US_PER_MIN

PERIOD_MIN = 5
_PERIOD = PERIOD_MIN * US_PER_MIN


class CgmTransmitter:
    """A transmitter, worn, with one sensor after the other.

    Args:
        bench: What it stands on.
        settings: How it is set up.
        body: Whose tissue it senses.
        drive: Whose running bolus has to be booked before the body moves on.
    """

    def __init__(self, bench: Bench, settings: CgmSettings, body: Body, drive: Drive) -> None:
        self._bench = bench
        self._settings = settings
        self._interstitial = body.interstitial_mgdl
        self._drive = drive
        self.endpoint = Endpoint(bench, "cgm", {("pump", Calibration): self._take_calibration})
        self._number = self._warm_from = 0
        self._readings = readings = len(body.carbs_g) // PERIOD_MIN + 1
        self._silent = bytearray(readings)
        if settings.missing_share:
            missing = missing_readings(
                bench.streams.generator("cgm/missing"),
                readings,
                PERIOD_MIN,
                settings.missing_share,
                settings.missing_burst_min,
            )
            self._silent[:] = missing.tobytes()
        self._insert("cgm/error")
        self._changes = 0
        if settings.new_sensor_after is not None:
            bench.env.later(settings.new_sensor_after, self._change_sensor)
        self._sense(Call(self._sense))

    @property
    def worn_at_m(self) -> float:
        """How far from the pump it is worn, metres."""
        return self._settings.worn_at_m

    @property
    def takes_calibrations(self) -> bool:
        """Whether the sensor is of a kind that is calibrated with a meter."""
        return self._settings.calibration != "factory"

    def press_link(self, cause: int) -> None:
        """Press the transmitter's button: look for a pump to link with."""
        self.endpoint.pairing.open(Role.INITIATOR, "pump", cause)

    # The sensor -----------------------------------------------------------------------

    def _insert(self, stream: str) -> None:
        """Begin with a sensor that nobody has calibrated and whose errors are its own."""
        self._first = first = self._number
        gain, offset_mgdl = self._settings.model.series(
            self._bench.streams.generator(stream), self._readings - first, PERIOD_MIN
        )
        # By the number of the reading, whichever sensor makes it.
        self._gains: list[float] = [1.0] * first + gain.tolist()
        self._offsets: list[float] = [0.0] * first + offset_mgdl.tolist()
        self._shown_gains, self._shown_offsets = self._gains, self._offsets

    def _calibrate(self, gain: float, offset_mgdl: float) -> None:
        """Show the signal times ``gain`` plus ``offset_mgdl`` from now on."""
        self._shown_gains = [gain * each for each in self._gains]
        self._shown_offsets = [gain * each + offset_mgdl for each in self._offsets]

    def _change_sensor(self, _timer: Call) -> None:
        """Insert a new sensor: silent until it is warm."""
        bench, number = self._bench, self._changes
        self._changes += 1
        self._insert("cgm/error/new sensor" + (f" {number}" if number else ""))
        bench.env.later(self._settings.sensor_lasts, self._change_sensor)
        warm_at = bench.env.now + self._settings.warm_up_min * US_PER_MIN
        self._warm_from = min(-(-warm_at // _PERIOD), self._readings)
        for number in range(self._number, self._warm_from):
            self._silent[number] = True

    def _signal(self, number: int) -> float:
        """Return what the uncalibrated sensor makes of the tissue at one reading, mg/dL."""
        tissue = self._interstitial.item(number * PERIOD_MIN)
        return self._gains[number] * tissue + self._offsets[number]

    def _sense(self, timer: Call) -> None:
        """Read the tissue and, if there is a pump to tell, tell it."""
        number = self._number
        minute = number * PERIOD_MIN
        self._drive.bring_to(minute)
        link = self.endpoint.link_with("pump")
        if link is not None and not self._silent[number]:
            signal = self._shown_gains[number] * self._interstitial.item(minute)
            signal += self._shown_offsets[number]
            settings = self._settings
            if settings.lowest_mgdl < signal < settings.highest_mgdl:
                mgdl = round(signal)  # nearly always, and a call less
            else:
                mgdl = shown_mgdl(signal, settings.lowest_mgdl, settings.highest_mgdl)
            self.endpoint.send(link, CgmReading(mgdl, number & 0xFFFF), NO_CAUSE)
        self._number = number + 1
        self._bench.env.again(_PERIOD, timer)

    # Calibration ----------------------------------------------------------------------

    def _take_calibration(self, _link: Link, calibration: Calibration, cause: int) -> None:
        """Set gain or offset so that the newest reading would have been the meter's.

        One-point calibration of a sensor without background current: its sensitivity is the
        meter's value over the signal (Mahmoudi et al., J Diabetes Sci Technol 2014;8:709).  The
        offset instead of the gain is the other half of the linear calibration function that
        the same literature describes.  A false value distorts every later reading.
        """
        bench, settings, mgdl = self._bench, self._settings, calibration.mgdl
        newest = self._number - 1
        why = ""
        if not self.takes_calibrations:
            why = "calibrated in the factory"
        elif newest < max(self._first, self._warm_from):
            why = "warming up"
        elif not settings.calibration_lowest_mgdl <= mgdl <= settings.calibration_highest_mgdl:
            why = "out of range"
        if why:
            bench.recorder.record(CommandRefused(bench.env.now, cause, "cgm", "calibration", why))
            return
        signal = self._signal(newest)
        if settings.calibration == "one-point-gain":
            self._calibrate(mgdl / max(signal, float(settings.lowest_mgdl)), 0.0)
        else:
            self._calibrate(1.0, mgdl - signal)
        bench.recorder.record(CommandAccepted(bench.env.now, cause, "cgm", "calibration"))
