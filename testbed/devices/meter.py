"""The blood glucose meter: finger-sticks, results to the pump, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from testbed.devices.bench import Bench
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.physiology import Body, read_meter, shown_mgdl
from testbed.physiology.meter import ERROR_SD_MGDL, ERROR_SD_SHARE
from testbed.protocol.payloads import (
    BasalUnit,
    BolusReply,
    BolusRequest,
    CommandReply,
    MeterReading,
    ResumeRequest,
    Status,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.protocol.roles import Role
from testbed.settings import NO_PUBLISHED_RATE, Duration, Settings, assumed_duration, assumption
from testbed.simulation import Call
from testbed.units import US_PER_MIN

_STATUSES = frozenset(Status)


_ISO: Final = (
    "ISO 15197:2013 exactly met: 95 % within 15 mg/dL below 100 mg/dL and within 15 % from there "
    "on; good meters are said to have about half"
)
_STAND_IN: Final = "a rule of the stand-in protocol; no real device's"
_SHOWN: Final = "common on consumer meters; not confirmed"


class MeterSettings(Settings):
    """The meter as it is made."""

    error_sd_mgdl: float = assumption(
        ERROR_SD_MGDL,
        ge=0.0,
        le=15.0,
        unit="mg/dL",
        source=_ISO,
        description="Standard deviation of a result where glucose is below 100 mg/dL.",
    )
    error_sd_share: float = assumption(
        ERROR_SD_SHARE,
        ge=0.0,
        le=0.15,
        unit="1",
        source=_ISO,
        description="Standard deviation of a result from 100 mg/dL on, as a share of glucose.",
    )
    held_at_m: float = assumption(
        0.5,
        ge=0.05,
        le=1.5,
        unit="m",
        source=NO_PUBLISHED_RATE,
        description="How far from the pump the meter is held or carried.",
    )
    tries: int = assumption(
        4,
        ge=1,
        le=20,
        unit="1",
        source=_STAND_IN,
        description="How often the meter sends a request that is not answered.",
    )
    retry_after: Duration = assumed_duration(
        "2s",
        ge="100ms",
        le="60s",
        unit="s",
        source=_STAND_IN,
        description="How long the meter waits for an answer before it sends a request again.",
    )
    lowest_mgdl: int = assumption(
        20,
        ge=10,
        le=40,
        unit="mg/dL",
        source=_SHOWN,
        description="Lowest value that the meter shows.",
    )
    highest_mgdl: int = assumption(
        600,
        ge=400,
        le=750,
        unit="mg/dL",
        source=_SHOWN,
        description="Highest value that the meter shows.",
    )


Request = BolusRequest | SuspendRequest | ResumeRequest | TemporaryBasalRequest
OnReply = Callable[[Status, int], None]


@dataclass(slots=True)
class _Waiting:
    """A request that no answer has come to."""

    request: Request
    cause: int
    on_reply: OnReply
    tries: int = 0


class Meter:
    """One meter, carried.

    Args:
        bench: What it stands on.
        settings: How it is made.
        body: Whose blood it measures.
        drive: Whose running bolus has to be booked before the body moves on.
    """

    def __init__(self, bench: Bench, settings: MeterSettings, body: Body, drive: Drive) -> None:
        self._bench = bench
        self._settings = settings
        self._body = body
        self._drive = drive
        self.endpoint = Endpoint(
            bench,
            "meter",
            {
                ("pump", BolusReply): self._take_bolus_reply,
                ("pump", CommandReply): self._take_command_reply,
            },
        )
        self._requests = 0
        self._waiting: _Waiting | None = None

    @property
    def held_at_m(self) -> float:
        """How far from the pump it is held, metres."""
        return self._settings.held_at_m

    @property
    def linked(self) -> bool:
        """Whether the meter shows a pump as linked."""
        return self.endpoint.link_with("pump") is not None

    def press_link(self, cause: int) -> None:
        """Choose "link with a pump" in the menu."""
        self.endpoint.pairing.open(Role.INITIATOR, "pump", cause)

    def finger_stick(self, cause: int) -> int:
        """Measure a drop of blood: show the result in mg/dL and send it to the pump."""
        bench = self._bench
        now = bench.env.now
        minute = now // US_PER_MIN
        self._drive.bring_to(minute)
        z = bench.streams.normal("meter/error", now)
        settings = self._settings
        measured = read_meter(
            float(self._body.plasma_mgdl[minute]),
            z,
            settings.error_sd_mgdl,
            settings.error_sd_share,
        )
        mgdl = shown_mgdl(measured, settings.lowest_mgdl, settings.highest_mgdl)
        link = self.endpoint.link_with("pump")
        if link is not None:
            self.endpoint.send(link, MeterReading(mgdl), cause)
        return mgdl

    # Requests -------------------------------------------------------------------------

    def ask_bolus(self, units: float, cause: int, on_reply: OnReply) -> bool:
        """Ask the pump for a bolus; return whether there is a pump to ask.

        The request is sent again where no answer comes, and a later request of any sort takes
        its place.  ``on_reply`` is called with status and cause if an answer arrives and
        verifies.
        """
        return self._ask(lambda number: BolusRequest(round(units * 1000), number), cause, on_reply)

    def ask_suspend(self, cause: int, on_reply: OnReply) -> bool:
        """Ask the pump to suspend delivery, as :meth:`ask_bolus` asks for a bolus."""
        return self._ask(SuspendRequest, cause, on_reply)

    def ask_resume(self, cause: int, on_reply: OnReply) -> bool:
        """Ask the pump to resume delivery."""
        return self._ask(ResumeRequest, cause, on_reply)

    def ask_temporary_rate(
        self, U_per_h: float, minutes: int, cause: int, on_reply: OnReply
    ) -> bool:
        """Ask the pump for a basal of some U/h for some minutes."""
        amount = round(U_per_h * 1000)
        return self._ask_temporary(BasalUnit.MILLIUNITS_PER_H, amount, minutes, cause, on_reply)

    def ask_temporary_percent(
        self, percent: int, minutes: int, cause: int, on_reply: OnReply
    ) -> bool:
        """Ask the pump for a basal of some percent of the programme's for some minutes."""
        return self._ask_temporary(BasalUnit.PERCENT, percent, minutes, cause, on_reply)

    def ask_end_temporary(self, cause: int, on_reply: OnReply) -> bool:
        """Ask the pump to end a temporary basal."""
        return self._ask_temporary(BasalUnit.PERCENT, 100, 0, cause, on_reply)

    def _ask_temporary(
        self, unit: BasalUnit, amount: int, minutes: int, cause: int, on_reply: OnReply
    ) -> bool:
        return self._ask(
            lambda number: TemporaryBasalRequest(unit, amount, minutes, number), cause, on_reply
        )

    def _ask(self, make: Callable[[int], Request], cause: int, on_reply: OnReply) -> bool:
        if not self.linked:
            return False
        self._requests += 1
        self._waiting = _Waiting(make(self._requests & 0xFFFF), cause, on_reply)
        self._try(self._waiting)
        return True

    def _try(self, waiting: _Waiting) -> None:
        link = self.endpoint.link_with("pump")
        if link is not None:
            waiting.tries += 1
            self.endpoint.send(link, waiting.request, waiting.cause)
            self._bench.env.later(self._settings.retry_after, self._no_answer, waiting)

    def _no_answer(self, timer: Call) -> None:
        waiting: _Waiting = timer.value
        if self._waiting is waiting and waiting.tries < self._settings.tries:
            self._try(waiting)

    def _take_bolus_reply(self, _link: Link, reply: BolusReply, cause: int) -> None:
        self._answered(BolusRequest.CODE, reply.number, reply.status, cause)

    def _take_command_reply(self, _link: Link, reply: CommandReply, cause: int) -> None:
        self._answered(reply.command, reply.number, reply.status, cause)

    def _answered(self, code: int, number: int, status: int, cause: int) -> None:
        waiting = self._waiting
        if waiting is None or (code, number) != (waiting.request.CODE, waiting.request.number):
            return
        if status in _STATUSES:
            self._waiting = None
            waiting.on_reply(Status(status), cause)
