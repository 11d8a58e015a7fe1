"""Who is behind each unit of insulin: a walk along the causes in a trace.

This is ground truth that no device can see.  A device hands on a cause as an opaque number;
here the chain of causes is read backwards from the start of each bolus, and the first act of
a person or an attacker that it meets decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from testbed.trace import (
    Acted,
    Attacked,
    BasalChanged,
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    Event,
    ExtraDelivered,
    FrameSent,
    ReadingStored,
    Trace,
)


class Origin(StrEnum):
    """Where a unit of insulin comes from."""

    ATTACKER = "attacker"
    """An attacker's step led to it with no act of a person in between."""
    MISCUED = "miscued"
    """A person or the pump's therapy gave it by a reading that an attacker had sent."""
    REMOTE = "remote-legitimate"
    """A person asked for it on another device, and the request came over the air."""
    OWN = "own"
    """A person asked for it on the pump itself."""
    LOOP = "loop"
    """The pump's therapy ordered it by the sensor, with no attack behind the reading."""
    PROGRAMME = "programme"
    """What no act led to: the pump's own doing."""
    BASAL = "basal"
    """Basal up to the programme's rate; what flows beyond it is whose command set it."""


_THERAPY: Final = "loop"
"""What a ``BasalChanged`` event is ``by`` where the pump's therapy ordered it."""


class ConservationError(RuntimeError):
    """The units of insulin by origin do not sum to what the pump delivered."""


@dataclass(frozen=True, slots=True)
class Bolus:
    """One bolus from its start to its end.

    Attributes:
        position: Position in the trace of the ``BolusStarted`` event.
        origin: Who is behind it.
        started_us: When the drive began, microseconds since the scenario's start.
        ended_us: When the drive stopped, microseconds; the start where no end is recorded.
        requested_nU: What the drive was to deliver, nanounits.
        delivered_nU: What it did deliver, nanounits; 0 where no end is recorded.
        why: Why it ended; empty where no end is recorded.
        via: What the pump saw it come by.
    """

    position: int
    origin: Origin
    started_us: int
    ended_us: int
    requested_nU: int
    delivered_nU: int
    why: str
    via: str


def origin_of(trace: Trace, position: int) -> Origin:
    """Return who is behind the bolus or the extra basal at ``position``.

    The first ``Acted`` or ``Attacked`` met on the way back decides.  A person who was led to
    act by an attack is still a person who acted: such units are the person's own, and show
    in the difference from the twin.  Where what led there is a reading of the attacker's, the
    units are miscued, and so is what a therapy orders by such a reading.
    """
    acted = on_the_air = ordered = by_a_reading = False
    for event in trace.causes(position):
        kind = type(event)
        if kind is Attacked:
            if by_a_reading and (acted or ordered):
                return Origin.MISCUED
            if not acted:
                return Origin.ATTACKER
            break
        if kind is Acted:
            acted, by_a_reading = True, False  # what a person measured is no false reading
        elif kind is ReadingStored:
            by_a_reading = True
        elif not acted:
            if kind is FrameSent:
                on_the_air = True
            elif isinstance(event, BasalChanged) and event.by == _THERAPY:
                ordered = True
    if ordered:
        return Origin.LOOP
    if not acted:
        return Origin.PROGRAMME
    return Origin.REMOTE if on_the_air else Origin.OWN


def boluses(trace: Trace) -> tuple[Bolus, ...]:
    """Return every bolus of a run in the order in which they started.

    Raises:
        ConservationError: If a ``BolusEnded`` does not name a ``BolusStarted`` as its cause,
            or a second one names the same.
    """
    return pair_boluses(
        trace,
        [
            (at, event)
            for at, event in enumerate(trace)
            if type(event) in (BolusStarted, BolusEnded)
        ],
    )


def pair_boluses(trace: Trace, found: Iterable[tuple[int, Event]]) -> tuple[Bolus, ...]:
    """Return the boluses of a run whose ``BolusStarted`` and ``BolusEnded`` events are known.

    Args:
        trace: The run.
        found: Position and event of each of its bolus events, in order; others are skipped.

    Raises:
        ConservationError: As :func:`boluses`.
    """
    open_boluses: dict[int, BolusStarted] = {}
    ended: dict[int, BolusEnded] = {}
    for position, event in found:
        if isinstance(event, BolusStarted):
            open_boluses[position] = event
        elif isinstance(event, BolusEnded):
            if event.cause not in open_boluses or event.cause in ended:
                raise ConservationError(
                    f"the end of a bolus at position {position}: expected the position of a bolus "
                    f"that is running as its cause, found {event.cause}"
                )
            ended[event.cause] = event
    result = []
    for position, start in open_boluses.items():
        end = ended.get(position)
        result.append(
            Bolus(
                position=position,
                origin=origin_of(trace, position),
                started_us=start.t,
                ended_us=start.t if end is None else end.t,
                requested_nU=start.nanounits,
                delivered_nU=0 if end is None else end.delivered_nU,
                why="" if end is None else end.why,
                via=start.via,
            )
        )
    return tuple(result)


def sum_by_origin(
    given: Iterable[Bolus], basal_nU: int, extra: Iterable[tuple[Origin, int]]
) -> dict[Origin, int]:
    """Return the nanounits of each origin, all origins present.

    Args:
        given: The boluses.
        basal_nU: Basal up to the programme's rate.
        extra: Origin and nanounits of each stretch of basal beyond it.
    """
    totals = dict.fromkeys(Origin, 0)
    totals[Origin.BASAL] = basal_nU
    for bolus in given:
        totals[bolus.origin] += bolus.delivered_nU
    for origin, nanounits in extra:
        totals[origin] += nanounits
    return totals


def units_by_origin(trace: Trace) -> dict[Origin, int]:
    """Return the nanounits delivered in a run by origin, all origins present.

    The sum over the origins equals ``trace.insulin_nU.sum()``; :func:`check_conservation`
    checks it.

    Raises:
        ConservationError: As :func:`boluses`.
    """
    basal = sum(event.delivered_nU for _, event in trace.of(BasalDelivered))
    extra = [(origin_of(trace, at), event.delivered_nU) for at, event in trace.of(ExtraDelivered)]
    return sum_by_origin(boluses(trace), basal, extra)


def check_conservation(trace: Trace, by_origin: dict[Origin, int] | None = None) -> None:
    """Check that the units by origin sum exactly to what the pump delivered.

    Args:
        trace: The run.
        by_origin: Its units by origin, nanounits, where they are already known.

    Raises:
        ConservationError: If they do not; the message names both sums.
    """
    events = sum((units_by_origin(trace) if by_origin is None else by_origin).values())
    series = int(trace.insulin_nU.sum())
    if events != series:
        raise ConservationError(
            f"insulin by origin sums to {events} nU, but the pump delivered {series} nU"
        )
