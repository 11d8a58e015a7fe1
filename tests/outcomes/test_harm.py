"""What a run has beyond its twin, of hand-made runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.outcomes import METRICS, measure
from testbed.outcomes.harm import AGAINST_TWIN
from testbed.outcomes.lack import insulin_on_board, left_of_a_dose, on_board
from testbed.trace import BasalChanged, BasalDelivered, ExtraDelivered, ReadingStored, Trace

if TYPE_CHECKING:
    from tests.outcomes.conftest import Script

UNIT = 1_000_000_000


def _basal(script: Script, units: float) -> None:
    script.delivered += round(units * UNIT)
    script.add(BasalDelivered(0, -1, round(units * UNIT)))


def _measured(run: Script, twin: Script) -> dict[str, float | None]:
    return measure(run.trace(), twin.trace())


def test_missed_is_what_the_twin_got_and_the_run_did_not(make_script: type[Script]) -> None:
    """Basal and boluses that the twin got and the run did not are missed, added up."""
    run, twin = make_script(), make_script()
    for script, basal in ((run, 1.5), (twin, 4.0)):
        _basal(script, basal)
        script.bolus(script.acted(), UNIT)
    twin.bolus(twin.acted(), 2 * UNIT)
    measured = _measured(run, twin)
    assert measured["missed_U"] == 4.5
    assert measured["extra_U"] == -4.5


def test_what_the_attacker_gives_does_not_make_up_for_what_is_missed(
    make_script: type[Script],
) -> None:
    """Ten units of an attacker's beside three that are missing are both told."""
    run, twin = make_script(), make_script()
    run.bolus(run.sent(run.attacked()), 10 * UNIT)
    twin.bolus(twin.acted(), 3 * UNIT)
    measured = _measured(run, twin)
    assert (measured["unauthorised_U"], measured["missed_U"]) == (10.0, 3.0)
    assert measured["extra_U"] == 7.0


def test_nothing_is_missed_where_more_was_given(make_script: type[Script]) -> None:
    """A person who gives more than in the twin has missed nothing."""
    run, twin = make_script(), make_script()
    run.bolus(run.acted(), 3 * UNIT)
    twin.bolus(twin.acted(), UNIT)
    assert _measured(run, twin)["missed_U"] == 0.0


def _false_reading(script: Script) -> int:
    return script.add(ReadingStored(0, script.sent(script.attacked()), "meter", 350))


@pytest.mark.parametrize("says_why", [True, False])
def test_miscued_is_what_a_deceived_person_gave_beyond_the_twin(
    make_script: type[Script], says_why: bool
) -> None:
    """Of a larger dose after a false reading the difference is miscued, traced to it or not."""
    run, twin = make_script(), make_script()
    reading = _false_reading(run)
    run.bolus(run.acted(cause=reading if says_why else -1), 8 * UNIT)
    twin.bolus(twin.acted(), 5 * UNIT)
    measured = _measured(run, twin)
    assert measured["miscued_U"] == 3.0
    assert measured["unauthorised_U"] == measured["missed_U"] == 0.0


def test_miscued_is_what_a_deceived_loop_gave_beyond_the_twin(make_script: type[Script]) -> None:
    """Basal that a therapy orders by a false reading is miscued, less what the twin's ordered."""
    run, twin = make_script(), make_script()
    stored = run.add(ReadingStored(0, run.sent(run.attacked()), "cgm", 400))
    genuine = twin.add(ReadingStored(0, twin.sent(-1), "cgm", 180))
    for script, by, units in ((run, stored, 4), (twin, genuine, 1)):
        changed = script.add(BasalChanged(0, by, 60, "therapy", "loop"))
        script.delivered += units * UNIT
        script.add(ExtraDelivered(0, changed, units * UNIT))
        _basal(script, 2)
    assert _measured(run, twin)["miscued_U"] == 3.0
    assert _measured(run, twin)["unauthorised_U"] == 0.0


def test_what_a_person_gives_without_a_false_reading_is_not_miscued(
    make_script: type[Script],
) -> None:
    """A correction after an attack that sent no reading is nobody's false data."""
    run, twin = make_script(), make_script()
    bolus = run.bolus(run.sent(run.attacked()), UNIT)
    run.bolus(run.acted(cause=run.noticed(bolus, 3)), 4 * UNIT)
    assert _measured(run, twin)["miscued_U"] == 0.0


def _traces(run_U: list[float], twin_U: list[float], script: Script) -> tuple[Trace, Trace]:
    made = []
    for units in (run_U, twin_U):
        one = type(script)(minutes=len(units))
        trace = one.trace()
        trace.insulin_nU[:] = [round(each * UNIT) for each in units]
        one.add(BasalDelivered(0, -1, int(trace.insulin_nU.sum())))
        made.append(
            Trace(tuple(one.events), trace.plasma_mgdl, trace.insulin_nU, np.zeros(len(units)))
        )
    return made[0], made[1]


def test_a_dose_too_early_is_seen_though_the_sum_is_right(script: Script) -> None:
    """Five units given two hours early are beyond the twin on board, and then short of it."""
    run, twin = [0.0] * 300, [0.0] * 300
    run[0], twin[120] = 5.0, 5.0
    measured = measure(*_traces(run, twin, script))
    assert measured["extra_U"] == measured["missed_U"] == 0.0
    # At its end, a dose's own minute has half a minute behind it.
    assert measured["excess_iob_U"] == pytest.approx(5 * on_board(np.array([0.5]))[0])
    # The curve is flat at first: the later dose is furthest ahead some time after it came.
    ages = np.arange(0.5, 180)
    lacking = 5 * (on_board(ages) - on_board(ages + 120)).max()
    assert measured["lacking_iob_U"] == pytest.approx(lacking)


@given(
    seed=st.integers(0, 2**32), minutes=st.integers(1, 900), share=st.sampled_from([0.01, 0.3, 1.0])
)
@settings(derandomize=True, deadline=None, max_examples=30)
def test_insulin_on_board_is_the_sum_of_what_is_left_of_each_dose(
    seed: int, minutes: int, share: float
) -> None:
    """However it is added up, each minute's dose counts by the published curve at its age."""
    dice = np.random.default_rng(seed)
    given_U = dice.uniform(-1, 1, minutes) * (dice.random(minutes) < share)
    ages = np.arange(0.5, minutes)
    curve = np.where(ages < 360, on_board(ages), 0.0)
    expected = [float(np.dot(given_U[: at + 1], curve[at::-1])) for at in range(minutes)]
    assert insulin_on_board(given_U) == pytest.approx(expected, abs=1e-9)


def test_what_is_left_of_a_dose_falls_from_all_to_nothing() -> None:
    """Nothing of a dose has acted when it is given, and all of it after six hours."""
    left = [left_of_a_dose(minutes) for minutes in range(0, 500, 5)]
    assert left == sorted(left, reverse=True)
    assert (left[0], left[-1]) == (1.0, pytest.approx(0.0, abs=1e-12))


@pytest.mark.parametrize("metric", AGAINST_TWIN, ids=lambda metric: metric.name)
def test_a_metric_against_the_twin_is_the_difference(
    make_script: type[Script], metric: object
) -> None:
    """A metric beyond the twin's is the metric of the run less that of the twin, 0 in a twin."""
    name = METRICS[getattr(metric, "name")].name  # noqa: B009 - not narrowed here
    low, high = np.full(61, 120.0), np.full(61, 120.0)
    low[:20], high[:30] = 50.0, 260.0
    run, twin = make_script().trace(low), make_script().trace(high)
    by_itself, other = measure(run, run), measure(twin, twin)
    one, two = by_itself[name.removeprefix("extra_")], other[name.removeprefix("extra_")]
    assert one is not None
    assert two is not None
    assert measure(run, twin)[name] == one - two
    assert by_itself[name] == other[name] == 0.0
