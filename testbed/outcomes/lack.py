"""The metric of lacking insulin: Tidepool's DKA index.

DKAI counts the hours in which insulin on board is less than half of what the steady basal rate
keeps on board (Tidepool, data-science-metrics, ``insulin.py``, BSD-2).  Insulin on board follows
Loop's exponential insulin curve (LoopKit, ``ExponentialInsulinModel``; adult preset: 360 min of
action, peak at 75 min):

    tau = tp (1 - tp/td)/(1 - 2 tp/td),  a = 2 tau/td,  S = 1/(1 - a + (1 + a) e^(-td/tau))
    IOB(t) = 1 - S (1 - a) [(t^2/(tau td (1 - a)) - t/tau - 1) e^(-t/tau) + 1]

Two differences from Tidepool's function, which takes a series of insulin on board every 5 min
from its own simulator: the series is made here, every minute, with the basal rate running since
ever before the start; and the steady state is that of the same curve, 2.02 h times the rate,
where Tidepool has 2.11 h from its own model.  The basal rate is the person's own steady one, and
not what the pump is set to.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from testbed.outcomes.facts import Facts
from testbed.outcomes.metric import Metric
from testbed.physiology import patient
from testbed.trace import Acted
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN

_INJECT: Final = "inject insulin"

ACTION_MIN: Final = 360
PEAK_MIN: Final = 75
"""Loop's preset for rapid-acting insulin in adults: how long it acts, and when it acts most."""
ENOUGH: Final = 0.5
"""Share of the steady basal insulin on board below which a minute counts."""


def on_board(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of a dose that has not acted yet, so many minutes after it."""
    td, tp = float(ACTION_MIN), float(PEAK_MIN)
    tau = tp * (1 - tp / td) / (1 - 2 * tp / td)
    a = 2 * tau / td
    scale = 1 / (1 - a + (1 + a) * math.exp(-td / tau))
    t = np.clip(minutes, 0.0, td)
    inner = (t * t / (tau * td * (1 - a)) - t / tau - 1) * np.exp(-t / tau) + 1
    share: NDArray[np.float64] = 1 - scale * (1 - a) * inner
    return share


@lru_cache(maxsize=1)
def _curve() -> tuple[float, ...]:
    """Return what is on board at the end of a minute of what was infused j minutes before.

    A minute's insulin counts as given in its middle.
    """
    return tuple(on_board(np.arange(0.5, ACTION_MIN)).tolist())


def left_of_a_dose(minutes: float) -> float:
    """Return :func:`on_board` of a time at hand, to the whole minute after it."""
    curve = _curve_at_minutes()
    return curve[min(math.ceil(minutes), ACTION_MIN)]


@lru_cache(maxsize=1)
def _curve_at_minutes() -> tuple[float, ...]:
    return tuple(on_board(np.arange(ACTION_MIN + 1.0)).tolist())


def insulin_on_board(insulin_U: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what of a series of insulin is on board at the end of each minute, U.

    The cost goes with the minutes that have insulin; nothing was given before the series.

    Args:
        insulin_U: Insulin infused in each minute, U, shape (minutes,); differences may be below 0.
    """
    curve = _curve_of_a_dose()
    board = np.zeros(insulin_U.size)
    given = np.flatnonzero(insulin_U)
    # In this order, and not as a convolution, for the same reason as below.
    if given.size < ACTION_MIN:
        for minute in given.tolist():
            rest = board[minute : minute + ACTION_MIN]
            rest += insulin_U[minute] * curve[: rest.size]
    else:
        for lag, share in enumerate(curve.tolist()[: insulin_U.size]):
            board[lag:] += share * insulin_U[: insulin_U.size - lag]
    return board


@lru_cache(maxsize=1)
def _curve_of_a_dose() -> NDArray[np.float64]:
    return np.array(_curve())


def dka_index_h(insulin_U: NDArray[np.float64], basal_U_per_min: float) -> float:
    """Return Tidepool's DKA index of a series of insulin, in hours.

    Args:
        insulin_U: Insulin infused in each minute, basal and bolus, U, shape (minutes,).
        basal_U_per_min: The person's steady basal rate, which ran before the series too.
    """
    if not insulin_U.size or insulin_U.min() >= ENOUGH * basal_U_per_min:
        return 0.0  # as much as that at every minute keeps as much as that on board
    curve = _curve()
    before = np.full(ACTION_MIN - 1, basal_U_per_min)
    given = np.concatenate((before, insulin_U))
    iob = np.zeros(insulin_U.size)
    # Not a convolution or a dot product: those add up in an order that depends on the processor.
    for lag, share in enumerate(curve):
        first = ACTION_MIN - 1 - lag
        iob += share * given[first : first + insulin_U.size]
    steady = basal_U_per_min * math.fsum(curve)
    return int(np.count_nonzero(iob < ENOUGH * steady)) / 60


def _dka_index(run: Facts, _twin: Facts) -> float:
    basal = patient(run.person.patient).basal_U_per_min
    given = run.trace.insulin_nU / NANOUNITS_PER_UNIT
    for _, act in run.of(Acted):
        if act.act == _INJECT and act.t < len(given) * US_PER_MIN:
            given[act.t // US_PER_MIN] += act.amount
    return dka_index_h(given, basal)


DKA_INDEX_H = Metric(
    name="dka_index_h",
    label="time with too little insulin on board",
    unit="h",
    definition=(
        "Tidepool's DKA index: hours with less than half of the insulin on board that the "
        "person's steady basal rate keeps there. Its authors score from 2 h on as 1, from 8 h as "
        "2, from 14 h as 3 and from 21 h as 4. It counts insulin, that of help by pen among it, "
        "and says nothing of ketones."
    ),
    source="Tidepool, data-science-metrics, insulin.py; LoopKit, ExponentialInsulinModel",
    worse="higher",
    decimals=2,
    least=0.0,
    on_request=True,
    of=_dka_index,
)
