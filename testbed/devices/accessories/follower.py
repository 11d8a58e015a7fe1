"""``follower``: a display that somebody carries to see how much insulin the pump gave."""

from __future__ import annotations

from typing import ClassVar

from testbed.devices.accessories.accessory import Accessory
from testbed.devices.bench import Bench
from testbed.devices.endpoint import Endpoint, Link
from testbed.protocol.payloads import HistoryReply, HistoryRequest, Payload
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration
from testbed.simulation import Call
from testbed.trace import NO_CAUSE


class Follower(Accessory):
    """A display that asks the pump for its history every so often, and commands nothing."""

    name: ClassVar[str] = "follower"
    about: ClassVar[str] = "a display that reads the pump's history and commands nothing"
    asks: ClassVar[tuple[type[Payload], ...]] = (HistoryRequest,)

    asks_every: Duration = assumed_duration(
        "5min",
        ge="10s",
        le="24h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How often the display asks the pump for its history.",
    )

    def start(self, bench: Bench) -> Endpoint:
        """Switch a display on."""
        return _Display(bench, self.asks_every).endpoint


class _Display:
    """A display that is on."""

    def __init__(self, bench: Bench, period: int) -> None:
        self._period = period
        self._env = bench.env
        self._rows = 0
        self.endpoint = Endpoint(bench, Follower.name, {("pump", HistoryReply): self._show})
        bench.env.later(period, self._ask)

    def _ask(self, timer: Call) -> None:
        link = self.endpoint.link_with("pump")
        if link is not None:
            self.endpoint.send(link, HistoryRequest(self._rows), NO_CAUSE)
        self._env.again(self._period, timer)

    def _show(self, _link: Link, reply: HistoryReply, _cause: int) -> None:
        """Show how much there is, and ask for what comes after it the next time."""
        self._rows = reply.rows
