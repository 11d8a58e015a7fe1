"""What happened in one run: typed events with their causes, and the minute-by-minute series.

The trace is the only thing that leaves a world.  Devices and people write to it through a
:class:`Recorder` and never read it back.  Every event names the event that caused it by
its position, so "who is behind this unit of insulin" is a walk along causes that outcomes
can make and device code cannot: a device hands on a cause as an opaque number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

NO_CAUSE: Final = -1
"""The cause of an event that nothing in the run led to (a schedule, a programme)."""


class Event(msgspec.Struct, frozen=True, gc=False, tag_field="event"):
    """One thing that happened.

    Attributes:
        t: Microseconds since the scenario's start.
        cause: Position in the trace of the event that led to this one, or ``NO_CAUSE``.
    """

    t: int
    cause: int


class RunStarted(Event, frozen=True, gc=False, tag="run-started"):
    """The run began: the facts about the person that hold in every arm."""

    patient: str
    start_us: int
    minutes: int
    carb_ratio_g_per_U: float
    correction_factor_mgdl_per_U: float


class Moved(Event, frozen=True, gc=False, tag="moved"):
    """The wearer came to a place."""

    who: str
    place: str


class FrameSent(Event, frozen=True, gc=False, tag="frame-sent"):
    """A node put a frame on the air, or in line if the air was taken.

    ``node`` is the true sender, whatever the frame claims.
    """

    node: str
    data: bytes


class FrameLost(Event, frozen=True, gc=False, tag="frame-lost"):
    """A node in reach that would have let it in missed the frame that is the cause.

    ``why`` is ``margin``, ``half-duplex``, ``collision`` or ``jammed``; the last two only
    where the frame would have arrived but for them.
    """

    node: str
    why: str


class FrameRefused(Event, frozen=True, gc=False, tag="frame-refused"):
    """A device refused the frame that is the cause: it did not parse, verify or apply."""

    node: str
    why: str


class FrameOverheard(Event, frozen=True, gc=False, tag="frame-overheard"):
    """A listener that is not the addressee heard the frame that is the cause."""

    node: str


class PairingOpened(Event, frozen=True, gc=False, tag="pairing-opened"):
    """A person put a device into pairing mode."""

    device: str
    method: str


class Linked(Event, frozen=True, gc=False, tag="linked"):
    """A device holds a new link with a peer of the kind ``peer``."""

    device: str
    peer: str


class PairingFailed(Event, frozen=True, gc=False, tag="pairing-failed"):
    """A device gave up a pairing."""

    device: str
    why: str


class ReadingStored(Event, frozen=True, gc=False, tag="reading-stored"):
    """The pump stored a glucose reading that arrived and verified."""

    source: str
    mgdl: int


class CommandAccepted(Event, frozen=True, gc=False, tag="command-accepted"):
    """A device accepted a command whose bytes verified."""

    device: str
    command: str


class CommandRefused(Event, frozen=True, gc=False, tag="command-refused"):
    """A device refused a command whose bytes verified, by one of its own rules."""

    device: str
    command: str
    why: str


class BolusStarted(Event, frozen=True, gc=False, tag="bolus-started"):
    """The pump's drive began a bolus; ``via`` is what the pump itself saw it come by."""

    nanounits: int
    via: str


class BolusEnded(Event, frozen=True, gc=False, tag="bolus-ended"):
    """The bolus that is the cause ended: completed, stopped, or cut off by the run's end."""

    delivered_nU: int
    why: str


class BasalDelivered(Event, frozen=True, gc=False, tag="basal-delivered"):
    """Basal delivered since the last such event, up to the programme's rate, by what set it."""

    delivered_nU: int


class ExtraDelivered(Event, frozen=True, gc=False, tag="extra-delivered"):
    """Basal insulin delivered beyond the programme's rate, by the change that is the cause."""

    delivered_nU: int


class BasalChanged(Event, frozen=True, gc=False, tag="basal-changed"):
    """The basal runs at another rate than before: why, and by what the pump saw it come."""

    nU_per_min: int
    why: str
    by: str


class SettingChanged(Event, frozen=True, gc=False, tag="setting-changed"):
    """A setting of the pump was changed over the air."""

    setting: str
    value: float


class Alerted(Event, frozen=True, gc=False, tag="alerted"):
    """A device vibrated or sounded."""

    device: str
    kind: str


class Noticed(Event, frozen=True, gc=False, tag="noticed"):
    """A person noticed the alert that is the cause."""

    who: str
    kind: str
    expected: bool


class Acted(Event, frozen=True, gc=False, tag="acted"):
    """A person did something with hands or mouth; ``amount`` is in the unit the act implies."""

    who: str
    act: str
    amount: float = 0.0


class Attacked(Event, frozen=True, gc=False, tag="attacked"):
    """An attacker reached a gate of a step and passed it or not."""

    step: str
    gate: str
    passed: bool
    note: str = ""


class Jammed(Event, frozen=True, gc=False, tag="jammed"):
    """A node made noise: for as long as it asked for, or less where its limit cut it."""

    node: str
    asked_us: int
    granted_us: int


AnyEvent = (
    RunStarted
    | Moved
    | FrameSent
    | FrameLost
    | FrameRefused
    | FrameOverheard
    | PairingOpened
    | Linked
    | PairingFailed
    | ReadingStored
    | CommandAccepted
    | CommandRefused
    | BolusStarted
    | BolusEnded
    | BasalDelivered
    | ExtraDelivered
    | BasalChanged
    | SettingChanged
    | Alerted
    | Noticed
    | Acted
    | Attacked
    | Jammed
)

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
