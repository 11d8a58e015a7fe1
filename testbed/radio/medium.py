"""The medium: frames and noise on the air, and the nodes that hear them.

A frame is judged when it is through, by where everyone is then.  What reaches whom is in
:mod:`~testbed.radio.loss`; here are the nodes, the order of things, and the common case: one
frame alone on the air.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from testbed.protocol.frames import DESTINATION
from testbed.radio.collisions import Burst, Frame, is_captured, meet
from testbed.radio.jamming import DutyLimit, noise_rise_dB
from testbed.radio.loss import Loss, miss_probability
from testbed.radio.node import Node
from testbed.radio.places import PlaceSettings
from testbed.radio.reach import Reach
from testbed.radio.settings import RadioSettings
from testbed.radio.turns import Turns
from testbed.randomness import Streams
from testbed.simulation import Call, Simulation
from testbed.trace import FrameLost, FrameSent, Jammed, Recorder
from testbed.units import US_PER_S


class Medium:
    """The air of one world.

    Args:
        env: The simulation; time in microseconds.
        recorder: Where frames are written down.
        streams: The dice of the world.
        settings: The radio's settings.
        places: Every place by its name.

    Attributes:
        place: Puts a node somewhere, see :class:`~testbed.radio.reach.Reach`.
        remove: Takes a node off the air.
        position_of: Where a node is.
        margin_dB: The margin of a link.
        miss_probability: How often a node misses a frame that is alone on the air.
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
        reach = Reach(env, settings, Loss(streams, settings, places))
        self.place, self.remove, self.position_of = reach.place, reach.remove, reach.position_of
        self.margin_dB, self.miss_probability = reach.margin_dB, reach.miss_probability
        self._level_dB, self._listeners = reach.level_dB, reach.listeners
        self._in_reach, self._node = reach.known, reach.node
        # As far as can be told now, nothing is on the air from ``_clear_from`` on, and nobody
        # waits for a turn.  A frame that finds it clear costs next to nothing; what else is
        # on the air only counts once something else is to be sent.
        self._clear_from = 0
        self._alone: Call | None = None
        self._on_air: list[Frame | Burst] = []
        self._turns = Turns(env, self._free_at, self._begin)
        self._duty: dict[str, DutyLimit] = {}

    def strength_dB(self, listener: Node, sent: int) -> float:
        """Return with which margin a frame that has just come through arrives at a node.

        Args:
            listener: Who measures.
            sent: Position in the trace of the frame's ``FrameSent``.
        """
        event = self._recorder.events()[sent]
        sender = self._node(event.node) if isinstance(event, FrameSent) else None
        return -math.inf if sender is None else self._level_dB(sender, listener)

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

    def transmit_at(self, sender: Node, data: bytes, cause: int, power_dB: float) -> int:
        """Put a frame on the air at another power than usual, as :meth:`transmit` does.

        Args:
            sender: The node that sends it.
            data: The bytes.
            cause: Position in the trace of what led to it.
            power_dB: How much stronger than usual; it is as much stronger wherever it is heard.
        """
        now = self._env.now
        sent = self._recorder.record(FrameSent(now, cause, sender.name, data))
        airtime = len(data) * self._settings.airtime_us_per_byte
        self._notice_alone()
        self._turns.take(Frame(sender, now, now + airtime, data, sent, True, (), power_dB))
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
                    and self._level_dB(other.sender, sender) + other.power_dB > 0
                )
            ):
                free_at = other.end
        # At the instant itself those who wait are still in line, and go before what is new.
        self._clear_from = max(self._clear_from, free_at + 1)
        return free_at

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
        if not frame.others and not frame.power_dB:  # they all waited
            through.value = (frame.sender, frame.data, frame.sent)
            self._arrive(through)
            return
        to, power_dB = frame.data[DESTINATION], frame.power_dB
        for node, miss in self._listeners(frame.sender, to, power_dB):
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
        protection = settings.protection_dB
        margin = self.margin_dB(sender, node) + frame.power_dB
        frames, noise = [], []
        for other in frame.others:
            level = self._level_dB(other.sender, node)
            if isinstance(other, Frame):
                frames.append(level + other.power_dB)
            else:
                noise.append(level)
        if frames and not is_captured(margin, frames, protection):
            return "collision"
        if noise:
            lower = margin - noise_rise_dB(noise, protection)
            if dice < miss_probability(lower, settings.slope_dB):
                return "jammed"
        return None
