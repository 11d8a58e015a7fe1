"""A finished run, read once, so that a dozen metrics do not each walk its events again."""

from __future__ import annotations

from functools import cached_property
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    Event,
    ExtraDelivered,
    Noticed,
    RunStarted,
    Trace,
)

_READ = frozenset({BasalDelivered, BolusEnded, BolusStarted, ExtraDelivered, Noticed, RunStarted})


class _Read(NamedTuple):
    of_boluses: list[tuple[int, Event]]
    basal_nU: int
    extra: list[tuple[Origin, int]]
    noticed: list[tuple[int, Noticed]]
    person: RunStarted | None


class Facts:
    """What the metrics read of one run; each part is worked out when first asked for.

    Args:
        trace: The finished run.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    @cached_property
    def _read(self) -> _Read:
        of_boluses: list[tuple[int, Event]] = []
        extra: list[tuple[Origin, int]] = []
        noticed: list[tuple[int, Noticed]] = []
        basal = 0
        person = None
        events = self.trace.events
        # Most events of a run are none of these, and passing over them is most of the cost.
        wanted = map(_READ.__contains__, map(type, events))
        for position, event in compress(enumerate(events), wanted):
            if isinstance(event, BasalDelivered):
                basal += event.delivered_nU
            elif isinstance(event, ExtraDelivered):
                extra.append((origin_of(self.trace, position), event.delivered_nU))
            elif isinstance(event, Noticed):
                noticed.append((position, event))
            elif isinstance(event, RunStarted):
                person = event
            else:
                of_boluses.append((position, event))
        return _Read(of_boluses, basal, extra, noticed, person)

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
        return self._read.noticed

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
