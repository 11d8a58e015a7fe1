"""Reach: where the nodes are, and who gets frames from whom."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Final

from testbed.protocol.frames import BROADCAST
from testbed.radio.loss import Loss, Spot, miss_probability
from testbed.radio.node import Node, Position
from testbed.radio.settings import RadioSettings
from testbed.simulation import Simulation

_NEGLIGIBLE: Final = 1e-9
"""Below this, a miss is not worth a throw of the dice: once in 10,000 years of frames."""

_NOBODY: Final = b""
"""Stands for every address that no node has."""

Listeners = tuple[tuple[Node, float], ...]
"""Who lets a frame in, and how often each misses one."""


class Reach:
    """The nodes of one world, and the margins of the links between them.

    Args:
        env: The simulation; time in microseconds.
        settings: The radio's settings.
        loss: What a link loses.

    Attributes:
        known: The listeners of a sender's frames by its name and their address, as far as asked
            since somebody last moved.
    """

    def __init__(self, env: Simulation, settings: RadioSettings, loss: Loss) -> None:
        self._env = env
        self._settings = settings
        self._loss = loss
        self._spots: dict[str, Spot] = {}
        self._nodes: dict[str, Node] = {}
        self._addresses: set[bytes] = {BROADCAST}
        # Who is in reach of whom only changes when someone moves: the cost of a frame
        # does not grow with the nodes out of range.
        self.known: defaultdict[str, dict[bytes, Listeners]] = defaultdict(dict)
        self._margins: dict[tuple[str, str], float] = {}

    def place(self, node: Node, position: Position) -> None:
        """Put ``node`` at ``position``, or move it there."""
        spot = self._spots.get(node.name)
        if spot is not None and spot.position == position and self._nodes[node.name] is node:
            return  # it stays, and so does what its links are like
        self._nodes[node.name] = node
        self._addresses.add(node.address)
        self._spots[node.name] = Spot(position, self._env.now)
        self.known.clear()
        self._margins.clear()

    def remove(self, node: Node) -> None:
        """Take ``node`` off the air: out of reach, switched off or unplugged."""
        self._nodes.pop(node.name, None)
        self._spots.pop(node.name, None)
        self.known.clear()
        self._margins.clear()

    def node(self, name: str) -> Node | None:
        """Return the node of a name, None where it is off the air."""
        return self._nodes.get(name)

    def position_of(self, node: Node) -> Position | None:
        """Return where ``node`` is, None where it is out of reach."""
        spot = self._spots.get(node.name)
        return None if spot is None else spot.position

    def margin_dB(self, sender: Node, listener: Node) -> float:
        """Return the margin of a link in dB, minus infinity between places."""
        link = (sender.name, listener.name)
        margin = self._margins.get(link)
        if margin is None:
            here, there = self._spots[sender.name], self._spots[listener.name]
            margin = self._loss.margin_dB(sender, here, listener, there)
            self._margins[link] = self._margins[link[::-1]] = margin
        return margin

    def level_dB(self, sender: Node, listener: Node) -> float:
        """Return what reaches ``listener``: nothing from or to a node that is not there."""
        margin = self._margins.get((sender.name, listener.name))
        if margin is None:
            there = sender.name in self._spots and listener.name in self._spots
            margin = self.margin_dB(sender, listener) if there else -math.inf
        return margin

    def miss_probability(self, sender: Node, listener: Node, power_dB: float = 0.0) -> float:
        """Return the probability that ``listener`` misses a frame that is alone on the air.

        Args:
            sender: Who sends it.
            listener: Who may hear it.
            power_dB: How much stronger than usual it is sent.
        """
        return miss_probability(
            self.margin_dB(sender, listener) + power_dB, self._settings.slope_dB
        )

    def listeners(self, sender: Node, to: bytes, power_dB: float = 0.0) -> Listeners:
        """Return who in reach lets frames for ``to`` in, and how often each misses one."""
        if sender.name not in self._spots:
            return ()
        if to not in self._addresses:
            to = _NOBODY  # however many made-up addresses there are, they are one
        known = self.known[sender.name].get(to)
        if known is not None and not power_dB:
            return known
        place = self._spots[sender.name].position.place
        reach = []
        for node in self._nodes.values():
            lets_in = node.promiscuous or to in (node.address, BROADCAST)
            if lets_in and node is not sender and self._spots[node.name].position.place == place:
                miss = self.miss_probability(sender, node, power_dB)
                if miss < 1.0 - _NEGLIGIBLE:
                    reach.append((node, 0.0 if miss < _NEGLIGIBLE else miss))
        found = tuple(reach)
        if not power_dB:  # what is sent otherwise is seldom, and each by itself
            self.known[sender.name][to] = found
        return found
