"""A node: something with a radio, and where it is."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Position(NamedTuple):
    """Where a node is: the place, and metres east and north of the wearer's usual spot.

    ``body`` is who wears the node or has it in hand, None where nobody does.
    """

    place: str
    x_m: float = 0.0
    y_m: float = 0.0
    body: str | None = None


class Node(Protocol):
    """Something with a radio.

    Attributes:
        name: Unique in a world; the true sender in the trace.
        address: What its address filter lets through; it keeps it for good.
        promiscuous: Whether it listens to every frame, whomever it is for.
        gain_dB: Antenna gain over a body-worn device, both ways.
    """

    name: str
    address: bytes
    promiscuous: bool
    gain_dB: float

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame; ``cause`` is the position of its ``FrameSent`` in the trace."""
