"""The medium: one frame on the air, and the nodes that hear it.

The margin of a link falls with the logarithm of distance,

    margin(d) = margin_at_1m - 10 n log10(d) + gain of sender + gain of listener     [dB]

(log-distance path loss; Rappaport, Wireless Communications (2002), ch. 4), and a frame is
missed with probability 1 / (1 + exp(margin / slope)): loss is nearly a step in the margin.
Nodes in different places do not hear each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

from testbed.protocol.frames import BROADCAST, DESTINATION
from testbed.radio.places import PlaceSettings
from testbed.randomness import Streams
from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption
from testbed.simulation import Call, Simulation
from testbed.trace import FrameLost, FrameSent, Recorder

_NEGLIGIBLE: Final = 1e-9
"""Below this, a miss is not worth a throw of the dice: once in 10,000 years of frames."""

_NEAREST_M: Final = 0.1
_MOST_REMEMBERED: Final = 256


class RadioSettings(Settings):
    """The radio link in dimensionless margins."""

    margin_at_1m_dB: float = assumption(
        30.0,
        ge=10.0,
        le=60.0,
        unit="dB",
        source=f"no real device's; sets a range of about 10 to 20 m; {NO_PUBLISHED_RATE}",
        description="Margin of a link over 1 m, above the level where half the frames arrive.",
    )
    slope_dB: float = assumption(
        1.5,
        ge=0.5,
        le=4.0,
        unit="dB",
        source="step-like loss in IEEE 802.15.4, Petrova et al. style curves, "
        "DOI 10.1109/NBiS.2010.97",
        description="Margin over which the share of frames lost falls by a factor of e.",
    )
    airtime_us_per_byte: int = assumption(
        64,
        ge=8,
        le=1000,
        unit="us",
        source="no real device's; made up for the stand-in link",
        description="How long one byte is on the air.",
    )


class Position(NamedTuple):
    """Where a node is: the place, and metres east and north of the wearer's usual spot."""

    place: str
    x_m: float = 0.0
    y_m: float = 0.0


class Node(Protocol):
    """Something with a radio.

    Attributes:
        name: Unique in a world; the true sender in the trace.
        address: What its address filter lets through.
        promiscuous: Whether it listens to every frame, whomever it is for.
        gain_dB: Antenna gain over a body-worn device.
    """

    name: str
    address: bytes
    promiscuous: bool
    gain_dB: float

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame; ``cause`` is the position of its ``FrameSent`` in the trace."""


class Medium:
    """The air of one world.

    Args:
        env: The simulation; time in microseconds.
        recorder: Where frames are written down.
        streams: The dice of the world.
        settings: The radio's settings.
        places: Every place by its name.
    """

    def __init__(
        self,
        env: Simulation,
        recorder: Recorder,
        streams: Streams,
        settings: RadioSettings,
        places: Mapping[str, PlaceSettings],
    ) -> None:
        self._env = env
        self._recorder = recorder
        self._streams = streams
        self._settings = settings
        self._places = places
        self._positions: dict[str, Position] = {}
        self._nodes: dict[str, Node] = {}
        # Who is in reach of whom only changes when someone moves: the cost of a frame
        # does not grow with the nodes out of range.
        self._in_reach: dict[tuple[str, bytes], tuple[tuple[Node, float], ...]] = {}

    def place(self, node: Node, position: Position) -> None:
        """Put ``node`` at ``position``, or move it there."""
        self._nodes[node.name] = node
        self._positions[node.name] = position
        self._in_reach.clear()

    def remove(self, node: Node) -> None:
        """Take ``node`` off the air: out of reach, switched off or unplugged."""
        self._nodes.pop(node.name, None)
        self._positions.pop(node.name, None)
        self._in_reach.clear()

    def margin_dB(self, sender: Node, listener: Node) -> float:
        """Return the margin of a link in dB, minus infinity between places."""
        here, there = self._positions[sender.name], self._positions[listener.name]
        if here.place != there.place:
            return -math.inf
        distance = max(_NEAREST_M, math.hypot(here.x_m - there.x_m, here.y_m - there.y_m))
        exponent = self._places[here.place].path_loss_exponent
        loss = 10 * exponent * math.log10(distance)
        return self._settings.margin_at_1m_dB - loss + sender.gain_dB + listener.gain_dB

    def miss_probability(self, sender: Node, listener: Node) -> float:
        """Return the probability that ``listener`` misses a frame of ``sender``."""
        ratio = self.margin_dB(sender, listener) / self._settings.slope_dB
        return 1.0 if ratio < -50 else 1.0 / (1.0 + math.exp(min(ratio, 500.0)))

    def _listeners(self, sender: Node, to: bytes) -> tuple[tuple[Node, float], ...]:
        """Return who in reach lets frames for ``to`` in, and how often each misses one."""
        if sender.name not in self._positions:
            return ()
        reach = []
        for node in self._nodes.values():
            lets_in = node.promiscuous or to in (node.address, BROADCAST)
            if lets_in and node is not sender:
                miss = self.miss_probability(sender, node)
                if miss < 1.0 - _NEGLIGIBLE:
                    reach.append((node, 0.0 if miss < _NEGLIGIBLE else miss))
        if len(self._in_reach) >= _MOST_REMEMBERED:
            self._in_reach.clear()  # someone floods the air with made-up addresses
        self._in_reach[sender.name, to] = found = tuple(reach)
        return found

    def transmit(self, sender: Node, data: bytes, cause: int) -> int:
        """Put a frame on the air; return the position of its ``FrameSent``."""
        env = self._env
        sent = self._recorder.record(FrameSent(env.now, cause, sender.name, data))
        airtime = len(data) * self._settings.airtime_us_per_byte
        env.later(airtime, self._arrive, (sender, data, sent))
        return sent

    def _arrive(self, on_air: Call) -> None:
        sender, data, sent = on_air.value
        to = data[DESTINATION]
        reach = self._in_reach.get((sender.name, to))
        if reach is None:
            reach = self._listeners(sender, to)
        for node, miss in reach:
            # The dice are named by link and instant, so frames that one world has and its
            # twin has not do not move the dice of the others.
            if miss and self._streams.chance(
                f"radio/miss/{sender.name}>{node.name}", miss, self._env.now
            ):
                self._recorder.record(FrameLost(self._env.now, sent, node.name, "margin"))
            else:
                node.hear(data, sent)
