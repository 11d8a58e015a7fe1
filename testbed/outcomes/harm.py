"""Metrics of harm: what a run has beyond its twin, of insulin and of glucose.

Every run with an attacker has a twin with the same person, day and dice, and no attacker.  A
metric here is a difference between the two, so that a person's own bad day is nobody's harm.
In a run that nobody attacked each of them is 0.
"""

from __future__ import annotations

from typing import Final

from testbed.outcomes.control import GRI, TIR_PCT
from testbed.outcomes.facts import Facts
from testbed.outcomes.glucose import (
    ABOVE_180_MIN,
    ABOVE_250_MIN,
    BELOW_54_MIN,
    BELOW_70_MIN,
    HBGI,
    LBGI,
    LOWEST_MGDL,
)
from testbed.outcomes.lack import DKA_INDEX_H, insulin_on_board
from testbed.outcomes.metric import OWN_DEFINITION, Metric
from testbed.outcomes.origins import Origin
from testbed.units import NANOUNITS_PER_UNIT, to_units

LOOP_CURVE: Final = "insulin on board by LoopKit, ExponentialInsulinModel, adult preset"
_PERSONS: Final = frozenset({Origin.OWN, Origin.REMOTE, Origin.MISCUED})


def against_twin(metric: Metric) -> Metric:
    """Return the metric of how much more of another one a run has than its twin."""

    def level(facts: Facts) -> float | None:
        return metric.of(facts, facts)

    def difference(run: Facts, twin: Facts) -> float | None:
        if run is twin:
            return 0.0
        value, before = run.once(level), twin.once(level)
        return None if value is None or before is None else value - before

    return Metric(
        name=f"extra_{metric.name}",
        label=f"{metric.label}, beyond the twin's",
        unit=metric.unit,
        definition=f"{metric.name} of the run less that of its twin, which nobody attacked.",
        source=f"{OWN_DEFINITION}, of {metric.name}: {metric.source}",
        worse=metric.worse,
        decimals=metric.decimals,
        on_request=True,
        needs_attacker=True,
        of=difference,
    )


def _persons(facts: Facts) -> int:
    """Return what people gave themselves by boluses, led by whatever, nanounits."""
    return sum(each.delivered_nU for each in facts.boluses if each.origin in _PERSONS)


def _rightful(facts: Facts) -> int:
    """Return what came from anybody but an attacker, nanounits."""
    return facts.total_nU - facts.by_origin[Origin.ATTACKER]


def _missed(run: Facts, twin: Facts) -> float:
    return to_units(max(0, _rightful(twin) - _rightful(run)))


def _miscued(run: Facts, twin: Facts) -> float:
    if not run.false_readings:
        return 0.0
    persons = _persons(run), _persons(twin)
    therapy = _rightful(run) - persons[0], _rightful(twin) - persons[1]
    return to_units(max(0, persons[0] - persons[1]) + max(0, therapy[0] - therapy[1]))


def _iob_beyond(run: Facts, twin: Facts) -> tuple[float, float]:
    """Return the most by which insulin on board is above and below the twin's, U."""
    if run is twin:
        return 0.0, 0.0
    beyond = run.trace.insulin_nU - twin.trace.insulin_nU
    if not beyond.any():
        return 0.0, 0.0
    board = insulin_on_board(beyond / NANOUNITS_PER_UNIT)
    return max(0.0, float(board.max())), max(0.0, float(-board.min()))


MISSED_U = Metric(
    name="missed_U",
    label="insulin that was not delivered",
    unit="U",
    definition=(
        "Units that the twin, which nobody attacked, got from person, programme and therapy, less "
        "those that this run got from them; 0 where it got more. Units of the attacker's do not "
        "make up for it."
    ),
    source=OWN_DEFINITION,
    worse="higher",
    decimals=2,
    least=0.0,
    needs_attacker=True,
    of=_missed,
)
MISCUED_U = Metric(
    name="miscued_U",
    label="insulin given because of false readings",
    unit="U",
    definition=(
        "Units that the person, or the pump's therapy, gave beyond what the same one gave in the "
        "twin, in a run in which the pump stored a reading of the attacker's; otherwise 0. That "
        "a reading is the attacker's is a walk along causes. How much it led to is the "
        "difference, because a dose has more reasons than one."
    ),
    source=OWN_DEFINITION,
    worse="higher",
    decimals=2,
    least=0.0,
    needs_attacker=True,
    of=_miscued,
)
EXCESS_IOB_U = Metric(
    name="excess_iob_U",
    label="most insulin on board beyond the twin's",
    unit="U",
    definition=(
        "The most by which insulin on board, basal and boluses, is above the twin's at any "
        "minute. Unlike all units together it sees a dose too many that another one left out "
        "later makes up for."
    ),
    source=f"{OWN_DEFINITION}; {LOOP_CURVE}",
    worse="higher",
    decimals=2,
    least=0.0,
    on_request=True,
    needs_attacker=True,
    of=lambda run, twin: _iob_beyond(run, twin)[0],
)
LACKING_IOB_U = Metric(
    name="lacking_iob_U",
    label="most insulin on board short of the twin's",
    unit="U",
    definition=(
        "The most by which insulin on board, basal and boluses, is below the twin's at any minute."
    ),
    source=f"{OWN_DEFINITION}; {LOOP_CURVE}",
    worse="higher",
    decimals=2,
    least=0.0,
    on_request=True,
    needs_attacker=True,
    of=lambda run, twin: _iob_beyond(run, twin)[1],
)
EXTRA_LOWEST_MGDL = against_twin(LOWEST_MGDL)
EXTRA_BELOW_70_MIN = against_twin(BELOW_70_MIN)
EXTRA_BELOW_54_MIN = against_twin(BELOW_54_MIN)
EXTRA_ABOVE_180_MIN = against_twin(ABOVE_180_MIN)
EXTRA_ABOVE_250_MIN = against_twin(ABOVE_250_MIN)
EXTRA_TIR_PCT = against_twin(TIR_PCT)
EXTRA_LBGI = against_twin(LBGI)
EXTRA_HBGI = against_twin(HBGI)
EXTRA_GRI = against_twin(GRI)
EXTRA_DKA_INDEX_H = against_twin(DKA_INDEX_H)
AGAINST_TWIN: Final = (
    EXTRA_LOWEST_MGDL,
    EXTRA_BELOW_70_MIN,
    EXTRA_BELOW_54_MIN,
    EXTRA_ABOVE_180_MIN,
    EXTRA_ABOVE_250_MIN,
    EXTRA_TIR_PCT,
    EXTRA_LBGI,
    EXTRA_HBGI,
    EXTRA_GRI,
    EXTRA_DKA_INDEX_H,
)
"""Metrics of glucose and of lacking insulin, as differences from the twin."""
