"""What happened in one run: typed events with their causes, and the minute-by-minute series.

The trace is the only thing that leaves a world.  Devices and people write to it through a
:class:`Recorder` and never read it back.  Every event names the event that caused it by
its position, so "who is behind this unit of insulin" is a walk along causes that outcomes
can make and device code cannot: a device hands on a cause as an opaque number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from testbed.events import (
    NO_CAUSE,
    Acted,
    Alerted,
    AnyEvent,
    Attacked,
    BasalChanged,
    BasalDelivered,
    BolusEnded,
    BolusHeld,
    BolusStarted,
    CommandAccepted,
    CommandRefused,
    Doubted,
    Event,
    ExtraDelivered,
    FrameLost,
    FrameOverheard,
    FrameRefused,
    FrameSent,
    Jammed,
    Linked,
    Moved,
    Noticed,
    PairingFailed,
    PairingOpened,
    ReadingStored,
    RunStarted,
    SettingChanged,
)

__all__ = [
    "NO_CAUSE",
    "Acted",
    "Alerted",
    "AnyEvent",
    "Attacked",
    "BasalChanged",
    "BasalDelivered",
    "BolusEnded",
    "BolusHeld",
    "BolusStarted",
    "CommandAccepted",
    "CommandRefused",
    "Doubted",
    "Event",
    "ExtraDelivered",
    "FrameLost",
    "FrameOverheard",
    "FrameRefused",
    "FrameSent",
    "Jammed",
    "Linked",
    "Moved",
    "Noticed",
    "PairingFailed",
    "PairingOpened",
    "ReadingStored",
    "Recorder",
    "RunStarted",
    "SettingChanged",
    "Trace",
]

E = TypeVar("E", bound=Event)


class Recorder:
    """The writing end of a trace: devices and people get this and nothing else."""

    __slots__ = ("_events",)

    def __init__(self) -> None:
        self._events: list[Event] = []

    def record(self, event: Event) -> int:
        """Write ``event`` down and return its position, to be handed on as a cause."""
        events = self._events
        events.append(event)
        return len(events) - 1

    def events(self) -> tuple[Event, ...]:
        """Return everything recorded so far, for the world that owns this recorder."""
        return tuple(self._events)


class Trace:
    """A finished run.

    Args:
        events: Every event in the order in which it happened.
        plasma_mgdl: Plasma glucose at every minute, shape (minutes + 1,), mg/dL.
        insulin_nU: Insulin delivered in every minute, shape (minutes,), nanounits.
        carbs_g: Carbohydrate eaten in every minute, shape (minutes,), g.
    """

    __slots__ = ("carbs_g", "events", "insulin_nU", "plasma_mgdl")

    def __init__(
        self,
        events: tuple[Event, ...],
        plasma_mgdl: NDArray[np.float64],
        insulin_nU: NDArray[np.int64],
        carbs_g: NDArray[np.float64],
    ) -> None:
        self.events = events
        self.plasma_mgdl = plasma_mgdl
        self.insulin_nU = insulin_nU
        self.carbs_g = carbs_g

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def of(self, kind: type[E]) -> Iterator[tuple[int, E]]:
        """Yield the position and the event of every event of one kind."""
        for position, event in enumerate(self.events):
            if type(event) is kind:
                yield position, event

    def causes(self, position: int) -> Iterator[Event]:
        """Yield the event at ``position``, then what caused it, back to the root."""
        while position != NO_CAUSE:
            event = self.events[position]
            yield event
            position = event.cause

    def jsonl(self) -> bytes:
        """Return the trace as JSON Lines: one event a line, then one line with the series.

        Bytes are base64.  Series are rounded to 0.001 of their unit, well below what any
        reader of them can use and well above what the last bit of a machine could move.
        """
        series: dict[str, Any] = {
            "event": "series",
            "plasma_mgdl": np.round(self.plasma_mgdl, 3).tolist(),
            "insulin_nU": self.insulin_nU.tolist(),
            "carbs_g": np.round(self.carbs_g, 3).tolist(),
        }
        lines = msgspec.json.Encoder().encode_lines([*self.events, series])
        return bytes(lines)

    def fingerprint(self) -> str:
        """Return the SHA-256 of :meth:`jsonl`, in hexadecimal."""
        return hashlib.sha256(self.jsonl()).hexdigest()
