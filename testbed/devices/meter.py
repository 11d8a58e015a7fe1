"""The blood glucose meter: finger-sticks, results to the pump, and boluses asked for."""

from __future__ import annotations

from collections.abc import Callable

from testbed.devices.bench import Bench
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.physiology import Body, read_meter
from testbed.protocol.payloads import BolusReply, BolusRequest, MeterReading, Status
from testbed.protocol.roles import Role
from testbed.units import US_PER_MIN

_STATUSES = frozenset(Status)


class Meter:
    """One meter, carried.

    Args:
        bench: What it stands on.
        body: Whose blood it measures.
        drive: Whose running bolus has to be booked before the body moves on.
    """

    def __init__(self, bench: Bench, body: Body, drive: Drive) -> None:
        self._bench = bench
        self._body = body
        self._drive = drive
        self.endpoint = Endpoint(bench, "meter", {("pump", BolusReply): self._take_reply})
        self._on_reply: Callable[[Status, int], None] | None = None

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
        mgdl = read_meter(float(self._body.plasma_mgdl[minute]), z)
        link = self.endpoint.link_with("pump")
        if link is not None:
            self.endpoint.send(link, MeterReading(mgdl), cause)
        return mgdl

    def ask_bolus(self, units: float, cause: int, on_reply: Callable[[Status, int], None]) -> bool:
        """Ask the pump for a bolus; return whether there is a pump to ask.

        ``on_reply`` is called with status and cause if an answer arrives and verifies.
        """
        link = self.endpoint.link_with("pump")
        if link is None:
            return False
        self._on_reply = on_reply
        self.endpoint.send(link, BolusRequest(round(units * 1000)), cause)
        return True

    def _take_reply(self, _link: Link, reply: BolusReply, cause: int) -> None:
        on_reply, self._on_reply = self._on_reply, None
        if on_reply is not None and reply.status in _STATUSES:
            on_reply(Status(reply.status), cause)
