"""The USB link: a stick in the computer at home, by which its software reaches the pump.

While the stick is in, it is a bridge: what runs on the computer sends a payload through it, and
gets the pump's answers.  The software that comes with it downloads the history.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from testbed.devices.bench import Bench
from testbed.devices.endpoint import Endpoint, Link
from testbed.protocol.payloads import CommandReply, HistoryReply, HistoryRequest, Payload
from testbed.protocol.roles import Role
from testbed.radio import Position
from testbed.settings import (
    NO_PUBLISHED_RATE,
    ClockTime,
    Duration,
    Settings,
    assumed_clock,
    assumed_duration,
    assumption,
)
from testbed.simulation import Call
from testbed.trace import NO_CAUSE
from testbed.units import US_PER_DAY


class UsbSettings(Settings):
    """When the USB link is in the computer, and how often it asks the pump."""

    place: str = "home"
    """Where the computer stands."""
    distance_m: float = assumption(
        1.0,
        ge=0.2,
        le=10.0,
        unit="m",
        source=NO_PUBLISHED_RATE,
        description="How far the computer is from the wearer while both are in that place.",
    )
    plugged_from: ClockTime = assumed_clock(
        "20:00",
        earliest="06:00",
        latest="23:00",
        source=NO_PUBLISHED_RATE,
        description="Clock time at which the stick is plugged in, every day; when somebody comes "
        "home to do it, if that is later and the stick would still be in.",
    )
    plugged_for: Duration = assumed_duration(
        "30min",
        ge="1min",
        le="24h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long the stick stays in.",
    )
    download_every: Duration = assumed_duration(
        "10min",
        ge="10s",
        le="24h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How often software on the computer asks for the history while the stick is "
        "in.",
    )


class Bridge(Protocol):
    """What software on the host computer can do with the stick, and no more."""

    @property
    def reaches_pump(self) -> bool:
        """Whether the stick is in the computer, and linked with a pump."""

    def pass_on(self, payload: Payload, cause: int) -> bool:
        """Seal a payload with the link's key and send it to the pump.

        The pump refuses what it takes from no USB link.  Returns whether anything was sent.
        """

    def when_answered(self, call: Callable[[Payload, int], None]) -> None:
        """Have ``call`` called with each answer of the pump and its position in the trace."""

    def when_plugged(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that the stick is put in."""


class UsbLink:
    """One stick, a :class:`Bridge` for the software on its host.

    Args:
        bench: What it stands on.
        settings: When it is plugged in, and where.
        start_us: Clock time of the scenario's start, in microseconds since midnight.
    """

    def __init__(self, bench: Bench, settings: UsbSettings, start_us: int) -> None:
        self._bench = bench
        self._settings = settings
        self._plugged_until = -1
        self._window_until = -1
        self._may_plug: Callable[[str], bool] | None = None
        self._due: Call | None = None
        self._on_answer: list[Callable[[Payload, int], None]] = []
        self._on_plug: list[Callable[[], None]] = []
        self.endpoint = Endpoint(
            bench,
            "usb",
            {("pump", HistoryReply): self._take_history, ("pump", CommandReply): self._answered},
        )
        self.downloaded_rows = 0
        since = (start_us - settings.plugged_from) % US_PER_DAY
        if since < settings.plugged_for:
            bench.env.later(0, self._in_already, settings.plugged_for - since)
        bench.env.later(US_PER_DAY - since, self._plug_in)

    @property
    def plugged_in(self) -> bool:
        """Whether the stick is in the computer."""
        return self._bench.env.now < self._plugged_until

    @property
    def place(self) -> str:
        """Where its computer stands."""
        return self._settings.place

    def when_plugging(self, ask: Callable[[str], bool]) -> None:
        """Have ``ask`` asked each day whether somebody is at a place to plug the stick in."""
        self._may_plug = ask

    def press_plug_in(self) -> None:
        """Put the stick in for the rest of the time of the day for it, if it is that time."""
        left = self._window_until - self._bench.env.now
        if left > 0 and not self.plugged_in:
            self._plug_in_for(left)

    def press_unplug(self) -> None:
        """Take the stick out."""
        self._plugged_until = self._window_until = self._bench.env.now
        self._bench.medium.remove(self.endpoint)

    def press_link(self, cause: int) -> None:
        """Put the stick in and have the computer's software look for a pump to link with."""
        self._plug_in_for(self._bench.link.pairing_window)
        self.endpoint.pairing.open(Role.INITIATOR, "pump", cause)

    def _plug_in_for(self, duration: int) -> None:
        """Have the stick in for a while, or for longer if it is in already."""
        bench, settings = self._bench, self._settings
        was_in, until = self.plugged_in, bench.env.now + duration
        self._plugged_until = max(self._plugged_until, until)
        bench.env.later(duration, self._unplug)
        if not was_in:
            bench.medium.place(self.endpoint, Position(settings.place, settings.distance_m))
            for call in self._on_plug:
                if self.plugged_in:  # and not out again at once
                    call()
            self._due = None
            self._download(None)

    def _in_already(self, timer: Call) -> None:
        """Begin with the stick in, as somebody put it in before the start."""
        self._plug_in_for(timer.value)

    def _plug_in(self, _timer: Call) -> None:
        self._window_until = self._bench.env.now + self._settings.plugged_for
        if self._may_plug is None or self._may_plug(self._settings.place):
            self._plug_in_for(self._settings.plugged_for)
        self._bench.env.later(US_PER_DAY, self._plug_in)

    def _unplug(self, _timer: Call) -> None:
        if not self.plugged_in:
            self._bench.medium.remove(self.endpoint)

    # The bridge -----------------------------------------------------------------------

    @property
    def reaches_pump(self) -> bool:
        """Whether the stick is in the computer, and linked with a pump."""
        return self.plugged_in and self.endpoint.link_with("pump") is not None

    def pass_on(self, payload: Payload, cause: int) -> bool:
        """Seal a payload with the link's key and send it; return whether it was sent."""
        link = self.endpoint.link_with("pump")
        if link is None or not self.plugged_in:
            return False
        self.endpoint.send(link, payload, cause)
        return True

    def when_answered(self, call: Callable[[Payload, int], None]) -> None:
        """Have ``call`` called with each answer of the pump and its position in the trace."""
        self._on_answer.append(call)

    def when_plugged(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that the stick is put in, or where it is at the start."""
        self._on_plug.append(call)

    def _answered(self, _link: Link, reply: Payload, cause: int) -> None:
        if self.plugged_in:
            for call in self._on_answer:
                call(reply, cause)

    # The software that comes with it --------------------------------------------------

    def _download(self, timer: Call | None) -> None:
        if not self.plugged_in or timer is not self._due:
            return
        self.pass_on(HistoryRequest(self.downloaded_rows), NO_CAUSE)
        self._due = self._bench.env.later(self._settings.download_every, self._download)

    def _take_history(self, link: Link, reply: HistoryReply, cause: int) -> None:
        self.downloaded_rows = reply.rows
        self._answered(link, reply, cause)
