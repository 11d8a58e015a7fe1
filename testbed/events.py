"""The events that a trace is made of: what can happen in a run, each with its cause."""

from __future__ import annotations

from typing import Final

import msgspec

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


class BolusHeld(Event, frozen=True, gc=False, tag="bolus-held"):
    """The pump lets a bolus that came over the air wait until a time, unless it is cancelled."""

    nanounits: int
    until: int


class Doubted(Event, frozen=True, gc=False, tag="doubted"):
    """A device found the frame that is the cause unlike what it expected, by a rule of its own.

    ``what`` is a ``bolus`` or a ``meter-reading``, ``value`` its units or mg/dL.
    """

    device: str
    what: str
    value: float


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
    | BolusHeld
    | Doubted
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
