"""Collisions: what is on the air at once, and which frame a listener gets.

A node that sends anything while a frame is on the air does not hear that frame
(half-duplex).  Of frames that overlap at a listener, one is received if its power stands
above the sum of the others by the protection ratio (capture), and the others are lost; if
none stands so far above the rest, all are lost there.  How much of a frame overlaps, and
which came first, makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from testbed.radio.loss import power_sum_dB
from testbed.radio.node import Node


class Burst(msgspec.Struct, eq=False):
    """Noise.

    Attributes:
        sender: The node that makes it.
        start: When it begins, in microseconds.
        end: When it is over; on the air from ``start`` up to, not at, this instant.
    """

    sender: Node
    start: int
    end: int


class Frame(msgspec.Struct, eq=False):
    """A frame on its way.

    Attributes:
        sender: The node that sends it.
        start: When it goes on the air, in microseconds.
        end: When it is through; on the air from ``start`` up to, not at, this instant.
        data: Its bytes.
        sent: Position of its ``FrameSent`` in the trace.
        waits: Whether its sender lets frames that it hears pass first.
        others: What overlaps with it.
        power_dB: How much stronger it is sent than usual.
    """

    sender: Node
    start: int
    end: int
    data: bytes
    sent: int
    waits: bool
    others: tuple[Frame | Burst, ...] = ()
    power_dB: float = 0.0


def meet(new: Frame | Burst, on_air: Iterable[Frame | Burst]) -> None:
    """Write down in every frame what it overlaps with, now that ``new`` is to be on the air."""
    for other in on_air:
        if other.start < new.end and new.start < other.end:
            if isinstance(other, Frame):
                other.others += (new,)
            if isinstance(new, Frame):
                new.others += (other,)


def is_captured(margin_dB: float, others_dB: Iterable[float], protection_dB: float) -> bool:
    """Return whether a frame is received although others overlap with it.

    Args:
        margin_dB: The frame's margin at the listener.
        others_dB: The margins of the others there.
        protection_dB: How far it has to stand above the sum of their powers.
    """
    return margin_dB - power_sum_dB(others_dB) >= protection_dB
