"""Metrics of unsafe doses: each published way to call a dose too large, by itself.

A cap on a single bolus, on the amount of two hours and on that of a day, which a pump can hold
itself to, are among the compensating controls of ICSMA-16-279-01.  A dose after which glucose is
predicted to end below 70 mg/dL is what a bolus calculator warns of; the prediction is that of
calculators, glucose - factor x insulin on board + rise of the carbohydrate not yet absorbed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from testbed.outcomes.context import Context
from testbed.outcomes.events import LEVEL_1_MGDL
from testbed.outcomes.facts import Facts
from testbed.outcomes.harm import LOOP_CURVE
from testbed.outcomes.lack import ACTION_MIN, left_of_a_dose
from testbed.outcomes.metric import OWN_DEFINITION, Metric
from testbed.outcomes.origins import Origin
from testbed.units import MIN_PER_DAY, US_PER_MIN, to_nanounits, to_units

CARBS_LAST_MIN: Final = 180
"""Minutes in which carbohydrate is taken to be absorbed, evenly: Loop's default of 3 h."""

_CAPS: Final = (
    "kind of limit: ICSMA-16-279-01 (compensating controls); its height is the scenario's, "
    "[unsafe], and no published default is known"
)
_FALSE: Final = frozenset({Origin.ATTACKER, Origin.MISCUED})


def most_within(insulin_nU: NDArray[np.int64], minutes: int) -> int:
    """Return the most that any stretch of some minutes holds, nanounits.

    Args:
        insulin_nU: Insulin of each minute, nanounits, shape (minutes of the run,).
        minutes: Length of the stretch; all of a run that is shorter.
    """
    if not insulin_nU.size:
        return 0
    if minutes >= insulin_nU.size:
        return int(insulin_nU.sum())
    upto = np.cumsum(insulin_nU)
    return max(int(upto[minutes - 1]), int((upto[minutes:] - upto[:-minutes]).max()))


def _largest(run: Facts) -> int:
    return max((each.delivered_nU for each in run.boluses if each.origin in _FALSE), default=0)


def eventual_mgdl(run: Facts, t: int) -> float:
    """Return where a calculator would see glucose end, at a time of a run, mg/dL.

    Insulin on board is that of boluses only, because basal holds glucose where it is.

    Args:
        run: The run.
        t: The time, microseconds since the scenario's start.
    """
    person, minute = run.person, min(t // US_PER_MIN, run.trace.insulin_nU.size)
    factor = person.correction_factor_mgdl_per_U
    iob = 0.0
    for bolus in run.boluses:
        age = (t - bolus.ended_us) / US_PER_MIN
        if 0 <= age < ACTION_MIN:
            iob += to_units(bolus.delivered_nU) * left_of_a_dose(age)
    first = max(0, minute - CARBS_LAST_MIN)
    eaten = run.trace.carbs_g[first : minute + 1]
    left = 1.0 - (minute - np.arange(first, first + eaten.size)) / CARBS_LAST_MIN
    carbs = float((eaten * left).sum())
    rise = carbs * factor / person.carb_ratio_g_per_U
    return float(run.trace.plasma_mgdl[minute]) - factor * iob + rise


def _lowest_eventual(run: Facts) -> float | None:
    ends = [eventual_mgdl(run, each.ended_us) for each in run.boluses if each.origin in _FALSE]
    return min(ends, default=None)


def _below_70(run: Facts, _twin: Facts) -> float:
    eventual = run.once(_lowest_eventual)
    return float(eventual is not None and eventual < LEVEL_1_MGDL)


LARGEST_FALSE_BOLUS_U = Metric(
    name="largest_false_bolus_U",
    label="largest bolus of an attack",
    unit="U",
    definition=(
        "Units of the largest bolus that is the attacker's or was given by a false reading; 0 "
        "where there is none."
    ),
    source=OWN_DEFINITION,
    worse="higher",
    decimals=2,
    least=0.0,
    on_request=True,
    needs_attacker=True,
    of=lambda run, _twin: to_units(_largest(run)),
)
OVER_MAX_BOLUS = Metric(
    name="over_max_bolus",
    label="runs with a dose over the largest bolus",
    unit="share",
    definition=(
        "1 if a bolus that is the attacker's, or was given by a false reading, delivered more "
        "than [unsafe] max_bolus_U, whatever the pump allows; otherwise 0."
    ),
    source=_CAPS,
    worse="higher",
    decimals=3,
    on_request=True,
    needs_attacker=True,
    of=lambda run, _twin: float(_largest(run) > to_nanounits(run.context.max_bolus_U)),
)


def _in_2h(run: Facts) -> float:
    return to_units(most_within(run.trace.insulin_nU, MIN_PER_DAY // 12))


def _in_24h(run: Facts) -> float:
    return to_units(most_within(run.trace.insulin_nU, MIN_PER_DAY))


def _most(name: str, words: str, most: Callable[[Facts], float]) -> Metric:
    return Metric(
        name=name,
        label=f"most insulin in {words}",
        unit="U",
        definition=f"The most units that any {words} of the run hold, basal and boluses.",
        source=OWN_DEFINITION,
        worse="neither",
        decimals=2,
        least=0.0,
        on_request=True,
        of=lambda run, _twin: run.once(most),
    )


def _over(
    name: str, words: str, most: Callable[[Facts], float], limit: Callable[[Context], float]
) -> Metric:
    return Metric(
        name=name,
        label=f"runs over the limit of {words}",
        unit="share",
        definition=(
            f"1 if any {words} of the run hold more insulin, basal and boluses, whoever asked for "
            f"it, than [unsafe] most_{name.removeprefix('over_')}_U; otherwise 0."
        ),
        source=_CAPS,
        worse="higher",
        decimals=3,
        on_request=True,
        of=lambda run, _twin: float(run.once(most) > limit(run.context)),
    )


MOST_IN_2H_U = _most("most_in_2h_U", "two hours", _in_2h)
MOST_IN_24H_U = _most("most_in_24h_U", "24 hours", _in_24h)
OVER_IN_2H = _over("over_in_2h", "two hours", _in_2h, lambda its: its.most_in_2h_U)
OVER_IN_24H = _over("over_in_24h", "24 hours", _in_24h, lambda its: its.most_in_24h_U)
EVENTUAL_MGDL = Metric(
    name="eventual_mgdl",
    label="lowest glucose predicted after a dose of an attack",
    unit="mg/dL",
    definition=(
        "The lowest glucose at which a bolus calculator would see glucose end, when a bolus ends "
        "that is the attacker's or was given by a false reading: glucose - correction factor x "
        "insulin on board of boluses + rise by carbohydrate not yet absorbed. Not defined where "
        "there is no such bolus. It may be below 0, which says that there is too much insulin "
        "and not what glucose will be."
    ),
    source=f"{OWN_DEFINITION}; {LOOP_CURVE}; carbohydrate absorbed in 3 h, Loop's default",
    worse="lower",
    decimals=0,
    on_request=True,
    needs_attacker=True,
    of=lambda run, _twin: run.once(_lowest_eventual),
)
EVENTUAL_BELOW_70 = Metric(
    name="eventual_below_70",
    label="runs with a dose predicted to end below 70 mg/dL",
    unit="share",
    definition=(
        "1 if glucose was predicted to end below 70 mg/dL after a bolus that is the attacker's or "
        "was given by a false reading (eventual_mgdl); otherwise 0."
    ),
    source=f"{OWN_DEFINITION}; {LOOP_CURVE}",
    worse="higher",
    decimals=3,
    on_request=True,
    needs_attacker=True,
    of=_below_70,
)
DOSES: Final = (
    LARGEST_FALSE_BOLUS_U,
    OVER_MAX_BOLUS,
    MOST_IN_2H_U,
    OVER_IN_2H,
    MOST_IN_24H_U,
    OVER_IN_24H,
    EVENTUAL_MGDL,
    EVENTUAL_BELOW_70,
)
"""Every definition of an unsafe dose but that of the correction factor, with what it counts."""
