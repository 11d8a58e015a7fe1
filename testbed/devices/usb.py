"""The USB link: a download stick in the computer at home, plugged in at times."""

from __future__ import annotations

from testbed.devices.bench import Bench
from testbed.devices.endpoint import Endpoint, Link
from testbed.protocol.payloads import HistoryReply, HistoryRequest
from testbed.protocol.roles import Role
from testbed.radio import Position
from testbed.settings import ClockTime, Duration, Settings
from testbed.simulation import Call
from testbed.trace import NO_CAUSE
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN


class UsbSettings(Settings):
    """When the USB link is in the computer, and how often it asks the pump."""

    place: str = "home"
    """Where the computer stands."""
    plugged_from: ClockTime = 20 * US_PER_HOUR
    """Clock time at which the stick is plugged in, every day."""
    plugged_for: Duration = 30 * US_PER_MIN
    """How long the stick stays in."""
    download_every: Duration = 10 * US_PER_MIN
    """How often software on the computer asks for the history while the stick is in."""


class UsbLink:
    """One download stick.

    Args:
        bench: What it stands on.
        settings: When it is plugged in, and where.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(self, bench: Bench, settings: UsbSettings, start_us: int) -> None:
        self._bench = bench
        self._settings = settings
        self._plugged_until = -1
        self.endpoint = Endpoint(bench, "usb", {("pump", HistoryReply): self._take_history})
        self.downloaded_rows = 0
        since = (start_us - settings.plugged_from) % US_PER_DAY
        if since < settings.plugged_for:
            self._plug_in_for(settings.plugged_for - since)
        bench.env.later(US_PER_DAY - since, self._plug_in)

    @property
    def plugged_in(self) -> bool:
        """Whether the stick is in the computer."""
        return self._bench.env.now < self._plugged_until

    def press_link(self, cause: int) -> None:
        """Put the stick in and have the computer's software look for a pump to link with."""
        self._plug_in_for(self._bench.link.pairing_window)
        self.endpoint.pairing.open(Role.INITIATOR, "pump", cause)

    def _plug_in_for(self, duration: int) -> None:
        """Have the stick in for a while, or for longer if it is in already."""
        bench = self._bench
        was_in, until = self.plugged_in, bench.env.now + duration
        self._plugged_until = max(self._plugged_until, until)
        bench.env.later(duration, self._unplug)
        if not was_in:
            bench.medium.place(self.endpoint, Position(self._settings.place, 1.0))
            self._download(None)

    def _plug_in(self, _timer: Call) -> None:
        self._plug_in_for(self._settings.plugged_for)
        self._bench.env.later(US_PER_DAY, self._plug_in)

    def _unplug(self, _timer: Call) -> None:
        if not self.plugged_in:
            self._bench.medium.remove(self.endpoint)

    def _download(self, _timer: Call | None) -> None:
        if not self.plugged_in:
            return
        link = self.endpoint.link_with("pump")
        if link is not None:
            self.endpoint.send(link, HistoryRequest(self.downloaded_rows), NO_CAUSE)
        self._bench.env.later(self._settings.download_every, self._download)

    def _take_history(self, _link: Link, reply: HistoryReply, _cause: int) -> None:
        self.downloaded_rows = reply.rows
