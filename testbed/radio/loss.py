"""Loss: the margin of a link, and how often a frame is missed at that margin.

Off the body, the margin falls with the logarithm of distance,

    margin(d) = margin_at_1m - 10 n log10(d) - X - body loss at each worn end + gains   [dB]

with shadowing X ~ N(0, sd^2) (Rappaport, Wireless Communications (2002), ch. 4).  X is drawn
once for a pair of nodes and a visit: it stays while both stay where they are, is the same
both ways, and is named by the pair, the place and the later of the two arrivals, so nobody
else's coming or going moves it.  Two nodes on one body have a margin of their own instead;
nodes in different places do not hear each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from testbed.radio.node import Node, Position
from testbed.radio.places import PlaceSettings
from testbed.radio.settings import RadioSettings
from testbed.randomness import Streams

NEAREST_M: Final = 0.1
"""Nodes closer than this count as this far apart."""


class Spot(NamedTuple):
    """A position, and since when (in microseconds) a node has been there."""

    position: Position
    since: int


def distance_loss_dB(exponent: float, distance_m: float) -> float:
    """Return what distance costs, over 1 m: ten times ``exponent`` for each decade."""
    return 10 * exponent * math.log10(max(NEAREST_M, distance_m))


def miss_probability(margin_dB: float, slope_dB: float) -> float:
    """Return how often a frame is missed: 1 / (1 + exp(margin / slope)), a half at 0 dB."""
    ratio = margin_dB / slope_dB
    return 1.0 if ratio < -50 else 1.0 / (1.0 + math.exp(min(ratio, 500.0)))


def power_sum_dB(levels_dB: Iterable[float]) -> float:
    """Return the level of several powers together; minus infinity for none."""
    total = sum(10 ** (level / 10) for level in levels_dB)
    return 10 * math.log10(total) if total > 0 else -math.inf


class Loss:
    """The margins of one world's links.

    Args:
        streams: The dice of the world.
        settings: The radio's settings.
        places: Every place by its name.
    """

    def __init__(
        self, streams: Streams, settings: RadioSettings, places: Mapping[str, PlaceSettings]
    ) -> None:
        self._streams = streams
        self._settings = settings
        self._places = places

    def margin_dB(self, one: Node, here: Spot, other: Node, there: Spot) -> float:
        """Return the margin of the link between two nodes, the same both ways."""
        a, b = here.position, there.position
        if a.place != b.place:
            return -math.inf
        settings, gains = self._settings, one.gain_dB + other.gain_dB
        if a.body is not None and a.body == b.body:
            return settings.margin_on_body_dB + gains
        exponent = self._places[a.place].path_loss_exponent
        distance_m = math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)
        margin = settings.margin_at_1m_dB - distance_loss_dB(exponent, distance_m) + gains
        worn_ends = (a.body is not None) + (b.body is not None)
        if worn_ends:
            margin -= worn_ends * settings.body_loss_dB
        since = max(here.since, there.since)
        return margin - self._shadowing_dB(one.name, other.name, a.place, since)

    def _shadowing_dB(self, one: str, other: str, place: str, since: int) -> float:
        sd = self._settings.shadowing_sd_dB
        if not sd:
            return 0.0
        first, second = sorted((one, other))
        return sd * self._streams.normal(f"radio/shadowing/{first}|{second}/{place}", since)
