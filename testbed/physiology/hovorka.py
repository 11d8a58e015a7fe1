"""Hovorka's glucose-insulin model (the "Cambridge" model), one minute at a time.

Equations and nominal parameters: Hovorka et al., *Nonlinear model predictive control of glucose
concentration in subjects with type 1 diabetes*, Physiol Meas 25:905 (2004).  Subcutaneous
glucose: the first-order lag of Wilinska et al., J Diabetes Sci Technol 4:132 (2010).

States, in order; amounts are per kg of body weight, so that only the inputs need the weight:

===  ====  =======  =======================================================
 i   name  unit     meaning
===  ====  =======  =======================================================
 0   D1    mmol/kg  carbohydrate in the gut, first compartment
 1   D2    mmol/kg  carbohydrate in the gut, second compartment
 2   S1    mU/kg    subcutaneous insulin, first compartment
 3   S2    mU/kg    subcutaneous insulin, second compartment
 4   I     mU/L     insulin in plasma
 5   x1    1/min    insulin acting on glucose transport
 6   x2    1/min    insulin acting on glucose disposal
 7   x3    1        insulin acting on the liver's glucose production
 8   Q1    mmol/kg  glucose in plasma and fast tissue; plasma glucose G = Q1/VG
 9   Q2    mmol/kg  glucose in slow tissue
10   C     mmol/L   interstitial glucose
===  ====  =======  =======================================================

With u in mU/kg/min and M in mmol/kg/min:

    D1' = AG M - D1/tmaxG            S1' = u - S1/tmaxI          x1' = ka1 (SIT I - x1)
    D2' = (D1 - D2)/tmaxG            S2' = (S1 - S2)/tmaxI       x2' = ka2 (SID I - x2)
                                     I'  = S2/(tmaxI VI) - ke I  x3' = ka3 (SIE I - x3)
    Q1' = D2/tmaxG + EGP0 max(0, 1 - x3) - F01 min(1, G/4.5) - FR - x1 Q1 + k12 Q2
    Q2' = x1 Q1 - (k12 + x2) Q2
    FR  = 0.003 max(0, G - 9) VG
    C'  = kint (G - C)

Published codes differ in two places.  FR has the volume VG in the paper and in py-mgipsim, and
none in LoopInsighT1 2.1, where the kidneys so take hardly anything.  The liver's production
never turns negative in py-mgipsim; in LoopInsighT1 it does above x3 = 1, so that an overdose
drives glucose below zero.  Here FR has its volume and production stops at zero, so no state can
become negative.

More insulin means less glucose for the next hours, not for ever: while glucose is above 9 or
below 4.5 mmol/L, insulin that moves it into slow tissue spares it from the kidneys or from
consumption, and it comes back.  A day later glucose can be higher by some 10 mg/dL.

What the model lacks: counter-regulation, rescue carbohydrate, circadian change, exercise, and a
gastric emptying that depends on the meal.  Without insulin glucose levels off where the kidneys
take what is produced, 22 mmol/L (400 mg/dL) with nominal parameters; ketosis is not modelled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np

from testbed.physiology._compile import compiled
from testbed.physiology.model import CARBS, INSULIN, INTERSTITIAL, PLASMA, FloatArray

_State: TypeAlias = tuple[
    float, float, float, float, float, float, float, float, float, float, float
]

STATES: Final = 11
MG_PER_MMOL: Final = 180.16
"""Molar mass of glucose."""
MGDL_PER_MMOL: Final = MG_PER_MMOL / 10.0
"""mg/dL of glucose in one mmol/L."""
MU_PER_U: Final = 1000.0
LOW_MMOL: Final = 4.5
"""Below this, consumption that needs no insulin falls in proportion (Hovorka 2004)."""
RENAL_MMOL: Final = 9.0
"""Above this, the kidneys excrete glucose (Hovorka 2004)."""
RENAL_PER_MIN: Final = 0.003
"""Share of the glucose above that which the kidneys excrete in a minute (Hovorka 2004)."""
MOST_STEPS: Final = 100_000
"""Runge-Kutta steps in a minute at most: enough for the minute after 1000 U."""

PARAMETERS: Final = (
    "BW", "VG", "VI", "AG", "tmaxG", "tmaxI", "ke", "ka1", "ka2", "ka3",
    "SIT", "SID", "SIE", "k12", "EGP0", "F01", "kint",
)  # fmt: skip
"""Names of the first entries of a run's memory; units are those of :data:`NOMINAL`."""

(
    _BW, _VG, _VI, _AG, _TMAXG, _TMAXI, _KE, _KA1, _KA2, _KA3,
    _SIT, _SID, _SIE, _K12, _EGP0, _F01, _KINT,
) = range(17)  # fmt: skip

NOMINAL: Final[Mapping[str, float]] = {
    "BW": 75.0,  # kg
    "VG": 0.16,  # L/kg
    "VI": 0.12,  # L/kg
    "AG": 0.8,  # 1
    "tmaxG": 40.0,  # min
    "tmaxI": 55.0,  # min
    "ke": 0.138,  # 1/min
    "ka1": 0.006,  # 1/min
    "ka2": 0.06,  # 1/min
    "ka3": 0.03,  # 1/min
    "SIT": 51.2e-4,  # 1/min per mU/L
    "SID": 8.2e-4,  # 1/min per mU/L
    "SIE": 520e-4,  # 1 per mU/L
    "k12": 0.066,  # 1/min
    "EGP0": 0.0161,  # mmol/kg/min
    "F01": 0.0097,  # mmol/kg/min
    # Wilinska 2010, the median as the McGill artificial-pancreas simulator keeps it.
    "kint": math.exp(-2.372),  # 1/min
}
"""The parameters of Hovorka 2004, as LoopInsighT1 has them too, and the interstitial lag."""

_X: Final = 17
MEMORY: Final = _X + STATES
"""Length of the vector that :func:`advance` carries from call to call."""


def basal_insulin_mU_per_L(p: Mapping[str, float], glucose_mmol: float) -> float:
    """Return the plasma insulin that keeps fasting glucose at ``glucose_mmol``; 0 if none does.

    In a steady state all derivatives are 0, which leaves a quadratic equation in I:

        EGP0 (1 - SIE I) - F01 min(1, G/4.5) - FR = SIT I Q1 SID I/(k12 + SID I)

    with one positive root, because the left side falls and the right side rises with I.  There
    is none if glucose falls without any insulin.
    """
    q1 = glucose_mmol * p["VG"]
    used = p["F01"] * min(1.0, glucose_mmol / LOW_MMOL)
    used += RENAL_PER_MIN * max(0.0, glucose_mmol - RENAL_MMOL) * p["VG"]
    spare = p["EGP0"] - used
    if spare <= 0.0:
        return 0.0
    a = p["EGP0"] * p["SIE"] * p["SID"] + p["SIT"] * p["SID"] * q1
    b = p["EGP0"] * p["SIE"] * p["k12"] - spare * p["SID"]
    c = spare * p["k12"]
    return 2.0 * c / (b + math.sqrt(b * b + 4.0 * a * c))


def basal_U_per_min(p: Mapping[str, float], glucose_mmol: float) -> float:
    """Return the infusion that keeps fasting glucose at ``glucose_mmol``; 0 if none does."""
    level = basal_insulin_mU_per_L(p, glucose_mmol)
    return p["ke"] * p["VI"] * p["BW"] * level / MU_PER_U


def steady_state(p: Mapping[str, float], glucose_mmol: float) -> FloatArray:
    """Return the state, shape (11,), of someone fasting on the basal for ``glucose_mmol``."""
    level = basal_insulin_mU_per_L(p, glucose_mmol)
    depot = p["ke"] * p["VI"] * level * p["tmaxI"]
    x1, x2, x3 = (p[name] * level for name in ("SIT", "SID", "SIE"))
    q1 = glucose_mmol * p["VG"]
    q2 = x1 * q1 / (p["k12"] + x2)
    return np.array([0.0, 0.0, depot, depot, level, x1, x2, x3, q1, q2, glucose_mmol])


def pack(p: Mapping[str, float], x0: FloatArray) -> FloatArray:
    """Return the memory, shape (28,), read-only, of a run that is about to start.

    A run works on a copy.

    Args:
        p: The parameters by name, all of :data:`PARAMETERS`, in the units of :data:`NOMINAL`.
        x0: The state to start from, shape (11,), in the units of the table above.

    Raises:
        KeyError: If a parameter is missing.
    """
    memory = np.zeros(MEMORY)
    memory[:_X] = [p[name] for name in PARAMETERS]
    memory[_X:] = x0
    memory.flags.writeable = False
    return memory


def states(memory: FloatArray) -> FloatArray:
    """Return the states in a run's memory, shape (11,), a view; order and units as above."""
    return memory[_X:]


@compiled
def _rates(x: _State, p: tuple[float, ...], meal: float, infusion: float) -> _State:
    """Return the derivatives per minute.

    ``meal`` is what reaches the gut in mmol/kg/min and ``infusion`` is in mU/kg/min.
    """
    glucose = x[8] / p[_VG]
    appearance = x[1] / p[_TMAXG]
    production = p[_EGP0] * max(0.0, 1.0 - x[7])
    consumption = p[_F01] * min(1.0, glucose / LOW_MMOL)
    excretion = RENAL_PER_MIN * max(0.0, glucose - RENAL_MMOL) * p[_VG]
    away = x[5] * x[8]
    absorbed = x[3] / p[_TMAXI]
    return (
        meal - x[0] / p[_TMAXG],
        x[0] / p[_TMAXG] - appearance,
        infusion - x[2] / p[_TMAXI],
        x[2] / p[_TMAXI] - absorbed,
        absorbed / p[_VI] - p[_KE] * x[4],
        p[_KA1] * (p[_SIT] * x[4] - x[5]),
        p[_KA2] * (p[_SID] * x[4] - x[6]),
        p[_KA3] * (p[_SIE] * x[4] - x[7]),
        appearance + production - consumption - excretion - away + p[_K12] * x[9],
        away - (p[_K12] + x[6]) * x[9],
        p[_KINT] * (glucose - x[10]),
    )


@compiled
def _along(x: _State, h: float, k: _State) -> _State:
    """Return x + h k, written out because a loop would keep the states out of registers."""
    return (
        x[0] + h * k[0],
        x[1] + h * k[1],
        x[2] + h * k[2],
        x[3] + h * k[3],
        x[4] + h * k[4],
        x[5] + h * k[5],
        x[6] + h * k[6],
        x[7] + h * k[7],
        x[8] + h * k[8],
        x[9] + h * k[9],
        x[10] + h * k[10],
    )


@compiled
def advance(tape: FloatArray, memory: FloatArray, first: int, last: int) -> None:
    """Integrate the minutes ``first`` to ``last - 1`` by the classical Runge-Kutta rule.

    Inputs are constant over a minute.  A step is one minute, or less where so much insulin acts
    that glucose turns over in a minute or two; so glucose stays positive even then.  Nothing is
    checked and nothing is allocated: this is the program's hot path.

    Args:
        tape: Inputs and outputs; see :data:`~testbed.physiology.model.Advance`.
        memory: Shape (28,), a copy of what :func:`pack` returns or as an earlier call left it;
            brought from minute ``first`` to minute ``last``.
        first: The minute that ``memory`` stands at.
        last: The minute to reach, at most n.
    """
    m = memory
    p = (
        m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11], m[12],
        m[13], m[14], m[15], m[16],
    )  # fmt: skip
    s = m[_X:]
    x = (s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10])
    for minute in range(first, last):
        meal = p[_AG] * tape[CARBS, minute] * 1000.0 / MG_PER_MMOL / p[_BW]
        infusion = tape[INSULIN, minute] * MU_PER_U / p[_BW]
        turnover = p[_K12] + x[5] + x[6]
        steps = 1
        if turnover > 0.5:
            steps = int(min(2.0 * turnover, MOST_STEPS - 1.0)) + 1
        h = 1.0 / steps
        for _ in range(steps):
            k1 = _rates(x, p, meal, infusion)
            k2 = _rates(_along(x, 0.5 * h, k1), p, meal, infusion)
            k3 = _rates(_along(x, 0.5 * h, k2), p, meal, infusion)
            k4 = _rates(_along(x, h, k3), p, meal, infusion)
            # x + h/6 (k1 + 2 k2 + 2 k3 + k4)
            x = _along(x, h / 6.0, _along(_along(k1, 1.0, k4), 2.0, _along(k2, 1.0, k3)))
        tape[PLASMA, minute + 1] = x[8] / p[_VG] * MGDL_PER_MMOL
        tape[INTERSTITIAL, minute + 1] = x[10] * MGDL_PER_MMOL
    s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10] = x
