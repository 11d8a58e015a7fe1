"""What a pump does by itself every so often: rotate its keys, have its links looked through."""

from __future__ import annotations

from testbed.devices.alerts import REVIEW_LINKS, Alerts
from testbed.devices.bench import Bench
from testbed.devices.endpoint import Endpoint
from testbed.simulation import Call
from testbed.trace import NO_CAUSE


class Upkeep:
    """The upkeep of one pump's links.

    Args:
        bench: What the pump stands on; how often it rotates its keys is set there.
        endpoint: Its radio.
        alerts: What asks for a look at the list of links.
        review_every: How often it does, microseconds; 0 for never.
    """

    def __init__(self, bench: Bench, endpoint: Endpoint, alerts: Alerts, review_every: int) -> None:
        self._bench = bench
        self._endpoint = endpoint
        self._alerts = alerts
        self._review_every = review_every
        if bench.link.rotate_keys_every:
            bench.env.later(bench.link.rotate_keys_every, self._rotate_keys)
        if review_every:
            bench.env.later(review_every, self._ask_for_review)

    def _rotate_keys(self, _timer: Call) -> None:
        """Offer a new key on every link; a device out of reach keeps the old one."""
        for link in tuple(self._endpoint.links.values()):
            self._endpoint.rotation.offer(link, NO_CAUSE)
        self._bench.env.later(self._bench.link.rotate_keys_every, self._rotate_keys)

    def _ask_for_review(self, _timer: Call) -> None:
        """Ask for a look at the list of links, and again after a while."""
        self._alerts.ring(REVIEW_LINKS, NO_CAUSE)
        self._bench.env.later(self._review_every, self._ask_for_review)
