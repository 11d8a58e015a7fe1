"""The medium: frames and noise on the air, and the nodes that hear them.

A frame is judged when it is through, by where everyone is then.  What reaches whom is in
:mod:`~testbed.radio.loss`; here are the nodes, the order of things, and the common case: one
frame alone on the air.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from testbed.protocol.frames import BROADCAST, DESTINATION
from testbed.radio.collisions import Burst, Frame, is_captured, meet
from testbed.radio.jamming import DutyLimit, noise_rise_dB
from testbed.radio.loss import Loss, Spot, miss_probability
from testbed.radio.node import Node, Position
from testbed.radio.places import PlaceSettings
from testbed.radio.settings import RadioSettings
from testbed.radio.turns import Turns
from testbed.randomness import Streams
from testbed.simulation import Call, Simulation
from testbed.trace import FrameLost, FrameSent, Jammed, Recorder
from testbed.units import US_PER_S

_NEGLIGIBLE: Final = 1e-9
"""Below this, a miss is not worth a throw of the dice: once in 10,000 years of frames."""

_NOBODY: Final = b""
"""Stands for every address that no node has."""

_Reach = tuple[tuple[Node, float], ...]


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
        self._loss = Loss(streams, settings, places)
        self._spots: dict[str, Spot] = {}
        self._nodes: dict[str, Node] = {}
        self._addresses: set[bytes] = {BROADCAST}
        # Who is in reach of whom only changes when someone moves: the cost of a frame
        # does not grow with the nodes out of range.
        self._in_reach: defaultdict[str, dict[bytes, _Reach]] = defaultdict(dict)
        self._margins: dict[tuple[str, str], float] = {}
        # As far as can be told now, nothing is on the air from ``_clear_from`` on, and nobody
        # waits for a turn.  A frame that finds it clear costs next to nothing; what else is
        # on the air only counts once something else is to be sent.
        self._clear_from = 0
        self._alone: Call | None = None
        self._on_air: list[Frame | Burst] = []
        self._turns = Turns(env, self._free_at, self._begin)
        self._duty: dict[str, DutyLimit] = {}

    # Who is where ---------------------------------------------------------------------

    def place(self, node: Node, position: Position) -> None:
        """Put ``node`` at ``position``, or move it there."""
        spot = self._spots.get(node.name)
        if spot is not None and spot.position == position and self._nodes[node.name] is node:
            return  # it stays, and so does what its links are like
        self._nodes[node.name] = node
        self._addresses.add(node.address)
        self._spots[node.name] = Spot(position, self._env.now)
        self._in_reach.clear()
        self._margins.clear()

    def remove(self, node: Node) -> None:
        """Take ``node`` off the air: out of reach, switched off or unplugged."""
        self._nodes.pop(node.name, None)
        self._spots.pop(node.name, None)
        self._in_reach.clear()
        self._margins.clear()

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

    def miss_probability(self, sender: Node, listener: Node) -> float:
        """Return the probability that ``listener`` misses a frame that is alone on the air."""
        return miss_probability(self.margin_dB(sender, listener), self._settings.slope_dB)

    def _listeners(self, sender: Node, to: bytes) -> _Reach:
        """Return who in reach lets frames for ``to`` in, and how often each misses one."""
        if sender.name not in self._spots:
            return ()
        if to not in self._addresses:
            to = _NOBODY  # however many made-up addresses there are, they are one
        known = self._in_reach[sender.name].get(to)
        if known is not None:
            return known
        place = self._spots[sender.name].position.place
        reach = []
        for node in self._nodes.values():
            lets_in = node.promiscuous or to in (node.address, BROADCAST)
            if lets_in and node is not sender and self._spots[node.name].position.place == place:
                miss = self.miss_probability(sender, node)
                if miss < 1.0 - _NEGLIGIBLE:
                    reach.append((node, 0.0 if miss < _NEGLIGIBLE else miss))
        self._in_reach[sender.name][to] = found = tuple(reach)
        return found

    # Sending --------------------------------------------------------------------------

    def transmit(self, sender: Node, data: bytes, cause: int, *, waits: bool = True) -> int:
        """Put a frame on the air, or in line; return the position of its ``FrameSent``.

        Args:
            sender: The node that sends it; what it sends goes out in the order of the calls.
            data: The bytes.
            cause: Position in the trace of what led to it.
            waits: Whether the sender lets frames that it hears pass first; without it the
                frame goes on the air over theirs.
        """
        env = self._env
        now = env.now
        sent = self._recorder.record(FrameSent(now, cause, sender.name, data))
        airtime = len(data) * self._settings.airtime_us_per_byte
        if now >= self._clear_from:
            self._clear_from = now + airtime
            self._alone = env.later(airtime, self._arrive, (sender, data, sent))
        else:
            self._notice_alone()
            self._turns.take(Frame(sender, now, now + airtime, data, sent, waits))
        return sent

    def _notice_alone(self) -> None:
        """From now on, count the frame that was alone on the air among others."""
        alone, self._alone = self._alone, None
        if alone is not None:
            sender, data, sent = alone.value
            end = self._clear_from  # nothing but this frame has moved it
            start = end - len(data) * self._settings.airtime_us_per_byte
            alone.value = frame = Frame(sender, start, end, data, sent, True)
            alone.call = self._arrive_among_others
            self._on_air.append(frame)

    def jam(self, sender: Node, duration_us: int, cause: int) -> int:
        """Make noise; return for how long, which the duty limit may have cut.

        It starts at once, or when what the sender has on the air is through, and the sender
        neither hears nor sends frames meanwhile.

        Args:
            sender: The node that jams.
            duration_us: How long it is to last, in microseconds.
            cause: Position in the trace of what led to it.

        Raises:
            ValueError: If the duration is negative.
        """
        if duration_us < 0:
            raise ValueError(f"negative duration {duration_us}")
        limit = self._duty.get(sender.name)
        if limit is None:
            window = round(self._settings.jam_window_s * US_PER_S)
            limit = self._duty[sender.name] = DutyLimit(self._settings.jam_duty_limit, window)
        self._notice_alone()
        now = self._env.now
        start = max((now, *(each.end for each in self._on_air if each.sender is sender)))
        granted = limit.grant(start, duration_us)
        self._recorder.record(Jammed(now, cause, sender.name, duration_us, granted))
        if granted:
            self._add(Burst(sender, start, start + granted))
            self._clear_from = max(self._clear_from, start + granted)
        return granted

    def _free_at(self, frame: Frame) -> int:
        """Return when the sender of ``frame`` may put it on the air, as far as it can tell."""
        sender, free_at = frame.sender, self._env.now
        for other in self._on_air:
            if other.end > free_at and (
                other.sender is sender
                or (
                    frame.waits
                    and type(other) is Frame
                    and self._level_dB(other.sender, sender) > 0
                )
            ):
                free_at = other.end
        # At the instant itself those who wait are still in line, and go before what is new.
        self._clear_from = max(self._clear_from, free_at + 1)
        return free_at

    def _level_dB(self, sender: Node, listener: Node) -> float:
        """Return what reaches ``listener``: nothing from or to a node that is not there."""
        margin = self._margins.get((sender.name, listener.name))
        if margin is None:
            there = sender.name in self._spots and listener.name in self._spots
            margin = self.margin_dB(sender, listener) if there else -math.inf
        return margin

    def _begin(self, frame: Frame, more: bool) -> None:
        """Put ``frame`` on the air; ``more`` says whether its sender has another in line."""
        now, airtime = self._env.now, frame.end - frame.start
        frame.start, frame.end = now, now + airtime
        self._add(frame)
        self._clear_from = max(self._clear_from, frame.end + more)
        self._env.later(airtime, self._arrive_among_others, frame)

    def _add(self, new: Frame | Burst) -> None:
        now = self._env.now
        self._on_air = [each for each in self._on_air if each.end > now]
        meet(new, self._on_air)
        self._on_air.append(new)

    # Hearing --------------------------------------------------------------------------

    def _arrive(self, through: Call) -> None:
        if self._alone is through:
            self._alone = None
        sender, data, sent = through.value
        try:
            reach = self._in_reach[sender.name][data[DESTINATION]]
        except KeyError:
            reach = self._listeners(sender, data[DESTINATION])
        for node, miss in reach:
            # The dice are named by link and instant, so frames that one world has and its
            # twin has not do not move the dice of the others.
            if miss and self._streams.chance(
                f"radio/miss/{sender.name}>{node.name}", miss, self._env.now
            ):
                self._recorder.record(FrameLost(self._env.now, sent, node.name, "margin"))
            else:
                node.hear(data, sent)

    def _arrive_among_others(self, through: Call) -> None:
        frame: Frame = through.value
        if not frame.others:  # they all waited
            through.value = (frame.sender, frame.data, frame.sent)
            self._arrive(through)
            return
        for node, miss in self._listeners(frame.sender, frame.data[DESTINATION]):
            why = self._why_lost(frame, node, miss)
            if why is not None:
                self._recorder.record(FrameLost(self._env.now, frame.sent, node.name, why))
            else:
                node.hear(frame.data, frame.sent)

    def _why_lost(self, frame: Frame, node: Node, miss: float) -> str | None:
        """Return why ``node`` does not get a frame, or None if it does.

        What would have been lost in any case is not put down to other frames or to noise.
        """
        if any(other.sender is node for other in frame.others):
            return "half-duplex"
        sender, settings = frame.sender, self._settings
        # The same dice as if the frame were alone: it is lost with noise if it is without.
        dice = self._streams.uniform(f"radio/miss/{sender.name}>{node.name}", self._env.now)
        if dice < miss:
            return "margin"
        margin, protection = self.margin_dB(sender, node), settings.protection_dB
        frames, noise = (
            [self._level_dB(other.sender, node) for other in frame.others if type(other) is kind]
            for kind in (Frame, Burst)
        )
        if frames and not is_captured(margin, frames, protection):
            return "collision"
        if noise:
            lower = margin - noise_rise_dB(noise, protection)
            if dice < miss_probability(lower, settings.slope_dB):
                return "jammed"
        return None
