"""A finished run, read once, so that a dozen metrics do not each walk its events again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import compress, repeat
from operator import is_
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from testbed.outcomes.context import Context
from testbed.outcomes.indices import Ranges, ranges, risk_indices
from testbed.outcomes.origins import (
    Bolus,
    Origin,
    check_conservation,
    origin_of,
    pair_boluses,
    sum_by_origin,
)
from testbed.trace import (
    NO_CAUSE,
    Acted,
    Alerted,
    Attacked,
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    CommandRefused,
    Event,
    ExtraDelivered,
    Linked,
    Noticed,
    ReadingStored,
    RunStarted,
    Trace,
)

_SENSOR: Final = "cgm"
"""What a ``ReadingStored`` event of the sensor's has as its source."""
_KEPT: Final = (Acted, Alerted, Attacked, CommandRefused, Linked, Noticed)
_OF_INSULIN: Final = (BasalDelivered, BolusEnded, BolusStarted, ExtraDelivered, RunStarted)
_READ: Final = frozenset({*_KEPT, *_OF_INSULIN})

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class _Read(NamedTuple):
    of_boluses: list[tuple[int, Event]]
    basal_nU: int
    extra: list[tuple[Origin, int]]
    kept: dict[type[Event], list[tuple[int, Any]]]
    person: RunStarted | None


class Facts:
    """What the metrics read of one run; each part is worked out when first asked for.

    Args:
        trace: The finished run.
        context: What its events do not tell.
    """

    def __init__(self, trace: Trace, context: Context | None = None) -> None:
        self.trace = trace
        self.context = context or Context()
        self._done: dict[Callable[[Facts], Any], Any] = {}

    @cached_property
    def _read(self) -> _Read:
        of_boluses: list[tuple[int, Event]] = []
        extra: list[tuple[Origin, int]] = []
        kept: dict[type[Event], list[tuple[int, Any]]] = {kind: [] for kind in _KEPT}
        basal = 0
        person = None
        events = self.trace.events
        # Most events of a run are none of these, and passing over them is most of the cost.
        wanted = map(_READ.__contains__, map(type, events))
        for position, event in compress(enumerate(events), wanted):
            kind = type(event)
            if kind in kept:
                kept[kind].append((position, event))
            elif isinstance(event, BasalDelivered):
                basal += event.delivered_nU
            elif isinstance(event, ExtraDelivered):
                extra.append((origin_of(self.trace, position), event.delivered_nU))
            elif isinstance(event, RunStarted):
                person = event
            else:
                of_boluses.append((position, event))
        return _Read(of_boluses, basal, extra, kept, person)

    def of(self, kind: type[E]) -> list[tuple[int, E]]:
        """Return position and event of every event of one of the kinds that are kept, in order.

        Raises:
            KeyError: If events of that kind are not kept.
        """
        return self._read.kept[kind]

    @cached_property
    def sensed_us(self) -> list[int]:
        """When the pump stored a reading of the sensor, microseconds, in order."""
        events = self.trace.events
        readings: Any = compress(events, map(is_, map(type, events), repeat(ReadingStored)))
        return [reading.t for reading in readings if reading.source == _SENSOR]

    def once(self, work: Callable[[Facts], T]) -> T:
        """Return what a function makes of these facts, worked out when first asked for."""
        if work not in self._done:
            self._done[work] = work(self)
        found: T = self._done[work]
        return found

    @cached_property
    def of_the_attack(self) -> frozenset[int]:
        """Positions of all that an attacker's step led to with no act of a person in between.

        The gates of the steps themselves are among them.
        """
        gates = self.of(Attacked)
        if not gates:
            return frozenset()
        found: set[int] = set()
        first = gates[0][0]
        for position, event in enumerate(self.trace.events[first:], first):
            if event.cause in found:
                if type(event) is not Acted:
                    found.add(position)
            elif type(event) is Attacked:
                found.add(position)
        return frozenset(found)

    @cached_property
    def false_readings(self) -> int:
        """How many readings of an attacker's the pump stored."""
        events = self.trace.events
        return sum(type(events[position]) is ReadingStored for position in self.of_the_attack)

    def led_to(self, position: int, act: str) -> int | None:
        """Return the position of the nearest act of a name that led to an event, or None."""
        events = self.trace.events
        while position != NO_CAUSE:
            event = events[position]
            if type(event) is Acted and event.act == act:
                return position
            position = event.cause
        return None

    @property
    def person(self) -> RunStarted:
        """The facts about the person that hold in every arm.

        Raises:
            ValueError: If the trace has no ``RunStarted`` event.
        """
        person = self._read.person
        if person is None:
            raise ValueError("trace: expected a run-started event, found none")
        return person

    @property
    def noticed(self) -> list[tuple[int, Noticed]]:
        """Position and event of everything a person noticed, in order."""
        return self.of(Noticed)

    @cached_property
    def boluses(self) -> tuple[Bolus, ...]:
        """Every bolus in the order in which they started."""
        return pair_boluses(self.trace, self._read.of_boluses)

    @cached_property
    def by_origin(self) -> dict[Origin, int]:
        """Nanounits delivered by origin, checked to sum to what the pump delivered.

        Raises:
            ConservationError: If they do not.
        """
        totals = sum_by_origin(self.boluses, self._read.basal_nU, self._read.extra)
        check_conservation(self.trace, totals)
        return totals

    @cached_property
    def total_nU(self) -> int:
        """Everything the pump delivered, nanounits."""
        return int(self.trace.insulin_nU.sum())

    @cached_property
    def held_mgdl(self) -> NDArray[np.float64]:
        """Plasma glucose that holds for each minute, from its start, mg/dL, shape (minutes,)."""
        return self.trace.plasma_mgdl[:-1]

    @cached_property
    def risk_indices(self) -> tuple[float, float]:
        """LBGI and HBGI of the window."""
        return risk_indices(self.held_mgdl)

    @cached_property
    def ranges(self) -> Ranges:
        """Minutes in each of the consensus ranges of glucose."""
        return ranges(self.held_mgdl)

    @cached_property
    def mean_mgdl(self) -> float:
        """Mean plasma glucose, mg/dL."""
        return float(self.held_mgdl.mean())
