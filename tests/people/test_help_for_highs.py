"""Help in a high that stays: called, then injected, and none of the pump's insulin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from testbed.outcomes import check_conservation, measure
from testbed.people.help_for_highs import CALL_HIGH, INJECT
from testbed.scenario import Scenario
from testbed.trace import Acted, Trace
from testbed.units import US_PER_MIN
from testbed.world import live

REPLICATES = range(4)


def stopped(**behaviour: Any) -> Scenario:
    """Return a day of children whose pump gives nothing."""
    return Scenario.from_written(
        {
            "title": "No insulin",
            "time": {"start": "08:00", "duration": "14h"},
            "patient": {
                "cohort": ["child#001", "child#003"],
                "behaviour": {
                    "look_every_min": 30.0,
                    **behaviour,
                },
            },
            "pump": {"basal": [{"at": "00:00", "U_per_h": 0.0}]},
            "study": {"seed": 3, "arms": {"as-shipped": []}},
        },
        "stopped",
    )


def acts(trace: Trace, what: str) -> list[Acted]:
    """Return what a person did of one sort."""
    return [act for _, act in trace.of(Acted) if act.act == what]


@pytest.mark.parametrize("replicate", REPLICATES)
def test_a_high_that_stays_is_called_for_and_corrected_by_pen(replicate: int) -> None:
    """Help comes as late as it does, injects once for each high, and glucose comes down by it."""
    without = live(stopped(), replicate, attack=False)
    trace = live(stopped(calls_at_highs=1.0), replicate, attack=False)
    called, given = acts(trace, CALL_HIGH), acts(trace, INJECT)
    assert acts(without, CALL_HIGH) == acts(without, INJECT) == []
    assert called
    assert [(each.who, each.t) for each in given] == [
        ("helper", each.t + 15 * US_PER_MIN) for each in called
    ]
    first = given[0].t // US_PER_MIN
    assert np.array_equal(trace.plasma_mgdl[: first + 1], without.plasma_mgdl[: first + 1])
    assert trace.plasma_mgdl[first + 240] < without.plasma_mgdl[first + 240] - 10.0


@pytest.mark.parametrize("replicate", REPLICATES)
def test_what_is_injected_is_not_the_pumps(replicate: int) -> None:
    """The account of the pump's insulin has none of it; the index of lacking insulin has it."""
    trace = live(stopped(calls_at_highs=1.0), replicate, attack=False)
    without = live(stopped(), replicate, attack=False)
    check_conservation(trace)
    assert not trace.insulin_nU.any()
    lack = [measure(each, each)["dka_index_h"] for each in (trace, without)]
    assert (lack[0] or 0.0) < (lack[1] or 0.0)


def test_a_high_that_is_seen_for_the_first_time_is_none_that_stays() -> None:
    """Nobody calls before it has been seen for so long, or for glucose that is not so high."""
    for later in ({"help_in_high_after_min": 360.0}, {"help_above_mgdl": 350.0}):
        early = acts(live(stopped(calls_at_highs=1.0), 0, attack=False), CALL_HIGH)
        late = acts(live(stopped(calls_at_highs=1.0, **later), 0, attack=False), CALL_HIGH)
        assert not late or late[0].t > early[0].t
