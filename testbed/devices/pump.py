"""The insulin pump: its programme, its boluses, its alerts, and what it takes from the air.

The pump knows what was pressed on it and what arrived and verified, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from testbed.devices.bench import Bench
from testbed.devices.calibration import CalibrationMenu
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.devices.pump_settings import PumpSettings
from testbed.protocol.payloads import (
    BolusReply,
    BolusRequest,
    CgmReading,
    HistoryReply,
    HistoryRequest,
    MeterReading,
    Status,
)
from testbed.protocol.roles import Role
from testbed.simulation import Call
from testbed.trace import (
    Alerted,
    CommandAccepted,
    CommandRefused,
    ReadingStored,
)
from testbed.units import NANOUNITS_PER_UNIT, US_PER_DAY, US_PER_MIN, to_nanounits

LOW_GLUCOSE: Final = "low-glucose"
REMOTE_BOLUS: Final = "remote-bolus-started"
CONFIRM_BOLUS: Final = "confirm-remote-bolus"
NO_SIGNAL: Final = "no-sensor-signal"

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


class HistoryRow(NamedTuple):
    """One row of the pump's own history."""

    t: int
    what: str
    milliunits: int
    source: str


class Pump:
    """One pump, worn.

    Args:
        bench: What it stands on.
        settings: How it is set up.
        drive: Its motor.
        default_basal_U_per_min: The rate where the profile is empty.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(
        self,
        bench: Bench,
        settings: PumpSettings,
        drive: Drive,
        default_basal_U_per_min: float,
        start_us: int,
    ) -> None:
        self._bench = bench
        self._settings = settings
        self._drive = drive
        self._default_basal = default_basal_U_per_min
        self._start_us = start_us
        self.endpoint = Endpoint(
            bench,
            "pump",
            {
                ("cgm", CgmReading): self._take_cgm,
                ("meter", MeterReading): self._take_meter,
                ("meter", BolusRequest): self._take_request,
                ("usb", HistoryRequest): self._take_download,
            },
        )
        self.calibration = CalibrationMenu(self.endpoint)
        self.history: list[HistoryRow] = []
        self.sensor_mgdl: int | None = None
        self._sensor_at = 0
        self._low_alert_at: int | None = None
        self._no_signal_alerted = False
        self._pending: _Pending | None = None
        self._answered: dict[bytes, tuple[BolusRequest, int, Status]] = {}
        self._on_alert: Callable[[str, int], None] | None = None
        self._run_basal(None)
        self._watch_signal(None)
        if bench.link.rotate_keys_every:
            bench.env.later(bench.link.rotate_keys_every, self._rotate_keys)

    # What a person sees and touches ---------------------------------------------------

    def when_alerting(self, call: Callable[[str, int], None]) -> None:
        """Have ``call`` called with kind and cause when the pump vibrates or sounds."""
        self._on_alert = call

    @property
    def bolus_on_screen(self) -> str | None:
        """By which way the bolus under way came, ``pump`` or ``remote``; None without one."""
        return self.history[-1].source if self._drive.bolus_running else None

    @property
    def last_bolus(self) -> HistoryRow | None:
        """The newest bolus in the history on the screen, None if there is none."""
        return self.history[-1] if self.history else None

    @property
    def largest_bolus_U(self) -> float:
        """The largest dose in U that can be dialled."""
        return self._settings.max_bolus_U

    def press_bolus(self, units: float, cause: int) -> Status:
        """Ask for a bolus with the pump's own buttons."""
        return self._bolus(to_nanounits(units), "pump", cause)

    def press_cancel(self, cause: int) -> float:
        """Cancel the bolus under way; return the U of it that had gone in."""
        return self._drive.stop_bolus("cancelled") / NANOUNITS_PER_UNIT

    @property
    def prompt_on_screen(self) -> float | None:
        """The dose in U that the pump asks to confirm, None where it asks nothing."""
        return None if self._pending is None else self._pending.nanounits / NANOUNITS_PER_UNIT

    def press_answer(self, confirm: bool) -> None:
        """Answer the prompt on the screen, if there is one."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        # The bolus is caused by the request, whoever confirmed it.
        if confirm:
            status = self._bolus(pending.nanounits, "remote", pending.cause)
        else:
            status = self._refuse_bolus(Status.NOT_CONFIRMED, pending.cause)
        self._reply(pending.link, pending.request, status, pending.cause)

    @property
    def linked_devices(self) -> tuple[tuple[str, bytes], ...]:
        """The list on the screen: kind and address of each device that is linked."""
        return tuple((link.kind, link.address) for link in self.endpoint.links.values())

    def press_unlink(self, address: bytes) -> bool:
        """Remove a device from the list, and what it asked for; return whether it was there."""
        if self._pending is not None and self._pending.link.address == address:
            self.press_answer(confirm=False)
        self._answered.pop(address, None)
        return self.endpoint.unlink(address)

    def press_link(self, kind: str, cause: int) -> None:
        """Choose "link a device" in the menu, for a device of one kind."""
        self.endpoint.pairing.open(Role.RESPONDER, kind, cause)

    # Programme ------------------------------------------------------------------------

    def _run_basal(self, _timer: Call | None) -> None:
        now = self._bench.env.now
        profile = sorted(self._settings.basal, key=lambda rate: rate.at)
        if not profile:
            self._drive.set_basal(to_nanounits(self._default_basal), -1)
            return
        clock = (self._start_us + now) % US_PER_DAY
        current = profile[-1]
        until = profile[0].at + US_PER_DAY - clock
        for segment in profile:
            if segment.at <= clock:
                current = segment
            elif segment.at - clock < until:
                until = segment.at - clock
        self._drive.set_basal(to_nanounits(current.U_per_h / 60), -1)
        self._bench.env.later(until, self._run_basal)

    def _rotate_keys(self, _timer: Call) -> None:
        """Offer a new key on every link; a device out of reach keeps the old one."""
        for link in tuple(self.endpoint.links.values()):
            self.endpoint.rotation.offer(link, -1)
        self._bench.env.later(self._bench.link.rotate_keys_every, self._rotate_keys)

    # Boluses --------------------------------------------------------------------------

    def _bolus(self, nanounits: int, via: str, cause: int) -> Status:
        settings = self._settings
        if nanounits <= 0 or nanounits > to_nanounits(settings.max_bolus_U):
            return self._refuse_bolus(Status.OVER_MAXIMUM, cause)
        if self._drive.bolus_running:
            return self._refuse_bolus(Status.BUSY, cause)
        bench = self._bench
        now = bench.env.now
        accepted = bench.recorder.record(CommandAccepted(now, cause, "pump", "bolus"))
        rate = to_nanounits(settings.bolus_U_per_min)
        started = self._drive.start_bolus(nanounits, rate, via, accepted)
        self.history.append(HistoryRow(now, "bolus", nanounits // _MILLI, via))
        if via != "pump":
            self._alert(REMOTE_BOLUS, started)
        return Status.ACCEPTED

    def _refuse_bolus(self, status: Status, cause: int) -> Status:
        bench = self._bench
        why = status.name.lower().replace("_", "-")
        bench.recorder.record(CommandRefused(bench.env.now, cause, "pump", "bolus", why))
        return status

    # From the air ---------------------------------------------------------------------

    def _take_meter(self, _link: Link, reading: MeterReading, cause: int) -> None:
        bench = self._bench
        now = bench.env.now
        stored = bench.recorder.record(ReadingStored(now, cause, "meter", reading.mgdl))
        self.calibration.show(reading.mgdl, stored)

    def _take_request(self, link: Link, request: BolusRequest, cause: int) -> None:
        """Carry a request out once, however often it is sent."""
        pending = self._pending
        if pending is not None and (pending.link, pending.request) == (link, request):
            return
        now = self._bench.env.now
        answered = self._answered.get(link.address)
        if answered is not None:
            last, at, status = answered
            if last == request and now - at <= _SAME_REQUEST_FOR:
                self.endpoint.send(link, BolusReply(status, request.number), cause)
                return
        nanounits = request.milliunits * _MILLI
        if not self._settings.remote_bolus:
            status = self._refuse_bolus(Status.FEATURE_OFF, cause)
        elif not self._settings.confirm_remote_bolus:
            status = self._bolus(nanounits, "remote", cause)
        elif pending is not None:
            status = self._refuse_bolus(Status.BUSY, cause)
        else:
            self._prompt(_Pending(link, request, cause))
            return
        self._reply(link, request, status, cause)

    def _reply(self, link: Link, request: BolusRequest, status: Status, cause: int) -> None:
        self._answered[link.address] = (request, self._bench.env.now, status)
        self.endpoint.send(link, BolusReply(status, request.number), cause)

    def _prompt(self, pending: _Pending) -> None:
        self._pending = pending
        env = self._bench.env
        env.later(self._settings.prompt_timeout, self._prompt_timed_out, pending)
        self._alert(CONFIRM_BOLUS, pending.cause)

    def _prompt_timed_out(self, timer: Call) -> None:
        if self._pending is timer.value:
            self.press_answer(confirm=False)

    def _take_download(self, link: Link, _request: HistoryRequest, cause: int) -> None:
        total = sum(row.milliunits for row in self.history)
        self.endpoint.send(link, HistoryReply(len(self.history), total), cause)

    def _take_cgm(self, _link: Link, reading: CgmReading, cause: int) -> None:
        bench = self._bench
        now = bench.env.now
        stored = bench.recorder.record(ReadingStored(now, cause, "cgm", reading.mgdl))
        self.sensor_mgdl = reading.mgdl
        self._sensor_at = now
        self._no_signal_alerted = False
        settings = self._settings
        if reading.mgdl < settings.low_alert_mgdl:
            last = self._low_alert_at
            if last is None or now - last >= settings.low_alert_repeat:
                self._low_alert_at = now
                self._alert(LOW_GLUCOSE, stored)

    # Alerts ---------------------------------------------------------------------------

    def _alert(self, kind: str, cause: int) -> None:
        bench = self._bench
        position = bench.recorder.record(Alerted(bench.env.now, cause, "pump", kind))
        if self._on_alert is not None:
            self._on_alert(kind, position)

    def _watch_signal(self, _timer: Call | None) -> None:
        """Alert once when no reading has come for too long; look again when one is due."""
        env = self._bench.env
        silent = env.now - self._sensor_at
        limit = self._settings.no_signal_after
        if silent >= limit and not self._no_signal_alerted:
            self._no_signal_alerted = True
            self._alert(NO_SIGNAL, -1)
        env.later(limit - silent if silent < limit else limit, self._watch_signal)
