"""The UVA/Padova S2008 glucose-insulin model in its type-1 form, one minute at a time.

Equations: Dalla Man, Rizza, Cobelli, IEEE Trans Biomed Eng 54:1740 (2007); type-1 form
with subcutaneous insulin and glucose: Kovatchev et al., J Diabetes Sci Technol 3:44 (2009).
The non-negativity rule and the meal bookkeeping are those of simglucose 0.2.11 (MIT), so that
trajectories can be compared; the code is not.

States, in order (x1 to x13 of the literature; here counted from zero):

===  =====  ========  =======================================================
 i   name   unit      meaning
===  =====  ========  =======================================================
 0   Qsto1  mg        carbohydrate in the stomach, solid
 1   Qsto2  mg        carbohydrate in the stomach, ground
 2   Qgut   mg        carbohydrate in the intestine
 3   Gp     mg/kg     glucose in plasma and fast tissue; plasma glucose = Gp/Vg
 4   Gt     mg/kg     glucose in slow tissue
 5   Ip     pmol/kg   insulin in plasma; concentration I = Ip/Vi pmol/L
 6   X      pmol/L    insulin acting on glucose utilisation, above basal
 7   I1     pmol/L    insulin on its way to the liver's glucose production
 8   Id     pmol/L    insulin acting on the liver's glucose production
 9   Il     pmol/kg   insulin in the liver
10   Isc1   pmol/kg   subcutaneous insulin, not monomeric
11   Isc2   pmol/kg   subcutaneous insulin, monomeric
12   Gs     mg/kg     subcutaneous glucose; interstitial glucose = Gs/Vg
===  =====  ========  =======================================================

What the model lacks: counter-regulation, rescue carbohydrate, circadian change, exercise.
Below about 10 mg/dL it means nothing any more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np

from testbed.physiology._compile import compiled
from testbed.physiology.model import CARBS, INSULIN, INTERSTITIAL, PLASMA, FloatArray

_Three: TypeAlias = tuple[float, float, float]
_Seven: TypeAlias = tuple[float, float, float, float, float, float, float]
_Packed: TypeAlias = tuple[float, ...]

STATES: Final = 13
PMOL_PER_U: Final = 6000.0
"""Picomoles of insulin in one international unit, as UVA/Padova and simglucose count."""
MG_PER_G: Final = 1000.0
MEAL_STEPS: Final = 4
"""Runge-Kutta steps in a minute in which carbohydrate is eaten.

In a meal's first minutes D is small and kgut changes steeply with the stomach's content.  With
steps of one minute throughout, plasma glucose of child#007 and adult#006 is off by 0.3 mg/dL
after a meal (against DOP853 at rtol 1e-9); with four steps in these minutes alone, the largest
error of all 30 patients is below 0.003 mg/dL.
"""

PARAMETERS: Final = (
    "BW", "Vg", "Vi", "Ib",
    "kmax", "kmin", "b", "d", "kabs", "f",
    "kp1", "kp2", "kp3", "Fsnc", "ke1", "ke2", "k1", "k2", "Vm0", "Vmx", "Km0", "ksc",
    "m1", "m2", "m4", "m30", "ka1", "ka2", "kd", "p2u", "ki",
)  # fmt: skip
"""Names, in the parameter table, of the first entries of a run's memory."""

# The compiled code reads the vector by these positions: the same order as PARAMETERS.
(
    _BW, _VG, _VI, _IB,
    _KMAX, _KMIN, _B, _D, _KABS, _F,
    _KP1, _KP2, _KP3, _FSNC, _KE1, _KE2, _K1, _K2, _VM0, _VMX, _KM0, _KSC,
    _M1, _M2, _M4, _M30, _KA1, _KA2, _KD, _P2U, _KI,
) = range(31)  # fmt: skip

# After the parameters, what a run changes: the 13 states, then what the meal bookkeeping has to
# remember.  One vector for both, because every array costs a call some 60 ns.
_X: Final = 31
_DBAR: Final = 44  # mg; the meal that gastric emptying is scaled by (Q0 + food taken)
_EATING: Final = 45  # g/min; carbohydrate of the minute before, > 0 while a meal goes on
MEMORY: Final = 46
"""Length of the vector that :func:`advance` carries from call to call."""


def pack(row: Mapping[str, float], x0: FloatArray) -> FloatArray:
    """Return the memory, shape (46,), read-only, of a run that is about to start.

    A run works on a copy.

    Args:
        row: The parameters by their names in the table, at least :data:`PARAMETERS`.
        x0: The state to start from, shape (13,), in the units of the table above.

    Raises:
        KeyError: If a parameter is missing.
    """
    memory = np.zeros(MEMORY)
    memory[:_X] = [row[name] for name in PARAMETERS]
    memory[_X:_DBAR] = x0
    memory[_DBAR] = x0[0] + x0[1]
    memory.flags.writeable = False
    return memory


def states(memory: FloatArray) -> FloatArray:
    """Return the states in a run's memory, shape (13,), a view; order and units as above."""
    return memory[_X:_DBAR]


# The states fall into three blocks that act in one direction, stomach -> glucose <- insulin, so
# a Runge-Kutta step of the whole is one step of each block in turn, the later ones reading the
# stage values of the earlier ones.  The numbers are those of a step of all 13 states at once,
# but each block fits into the machine's registers.


@compiled
def _gut_rates(x: _Three, p: _Packed, carbs_mg: float, rise: float, fall: float) -> _Three:
    """Return the derivatives of Qsto1, Qsto2, Qgut in mg/min.

    Gastric emptying, with q = Qsto1 + Qsto2 and D the meal so far:

        kgut = kmin + (kmax - kmin)/2 (tanh(a (q - b D)) - tanh(c (q - d D)) + 2)
        a = 5/(2 D (1 - b)),  c = 5/(2 D d)

    ``rise`` is 2a and ``fall`` is 2c, both 0 before the first meal, when kgut = kmax.  The
    halves of a tanh are logistic functions, (1 + tanh y)/2 = 1/(1 + exp(-2y)), which costs one
    exponential each; 2a b D and 2c d D do not depend on D.
    """
    kgut = p[_KMAX]
    if rise > 0.0 and x[1] != 0.0:
        q = x[0] + x[1]
        full = 1.0 / (1.0 + math.exp(5.0 * p[_B] / (1.0 - p[_B]) - rise * q))
        empty = 1.0 / (1.0 + math.exp(fall * q - 5.0))
        kgut = p[_KMIN] + (p[_KMAX] - p[_KMIN]) * (full + empty)
    ground = p[_KMAX] * x[0]
    emptied = kgut * x[1]
    return (carbs_mg - ground, ground - emptied, emptied - p[_KABS] * x[2])


@compiled
def _insulin_rates(x: _Seven, p: _Packed, insulin: float) -> _Seven:
    """Return the derivatives per minute of Ip, X, I1, Id, Il, Isc1, Isc2.

    ``insulin`` is the infusion in pmol/kg/min.  Of these, by simglucose's rule, Ip, Il, Isc1
    and Isc2 stay where they are once below zero, recovery included.
    """
    plasma = p[_M1] * x[4] - (p[_M2] + p[_M4]) * x[0] + p[_KA1] * x[5] + p[_KA2] * x[6]
    liver = p[_M2] * x[0] - (p[_M1] + p[_M30]) * x[4]
    depot = insulin - (p[_KA1] + p[_KD]) * x[5]
    monomer = p[_KD] * x[5] - p[_KA2] * x[6]
    concentration = x[0] / p[_VI]
    return (
        plasma if x[0] >= 0.0 else 0.0,
        p[_P2U] * (concentration - p[_IB] - x[1]),
        p[_KI] * (concentration - x[2]),
        p[_KI] * (x[2] - x[3]),
        liver if x[4] >= 0.0 else 0.0,
        depot if x[5] >= 0.0 else 0.0,
        monomer if x[6] >= 0.0 else 0.0,
    )


@compiled
def _glucose_rates(x: _Three, p: _Packed, gut: _Three, insulin: _Seven) -> _Three:
    """Return the derivatives of Gp, Gt, Gs in mg/kg/min; a state below zero stays there."""
    appearance = p[_F] * p[_KABS] / p[_BW] * gut[2]
    production = max(0.0, p[_KP1] - p[_KP2] * x[0] - p[_KP3] * insulin[3])
    excretion = p[_KE1] * max(0.0, x[0] - p[_KE2])
    exchange = p[_K1] * x[0] - p[_K2] * x[1]
    utilisation = (p[_VM0] + p[_VMX] * insulin[1]) * x[1] / (p[_KM0] + x[1])
    plasma = production + appearance - p[_FSNC] - excretion - exchange
    return (
        plasma if x[0] >= 0.0 else 0.0,
        exchange - utilisation if x[1] >= 0.0 else 0.0,
        p[_KSC] * (x[0] - x[2]) if x[2] >= 0.0 else 0.0,
    )


@compiled
def _along3(x: _Three, h: float, k: _Three) -> _Three:
    """Return x + h k, written out because a loop would keep the states out of registers."""
    return (x[0] + h * k[0], x[1] + h * k[1], x[2] + h * k[2])


@compiled
def _along7(x: _Seven, h: float, k: _Seven) -> _Seven:
    """Return x + h k."""
    return (
        x[0] + h * k[0],
        x[1] + h * k[1],
        x[2] + h * k[2],
        x[3] + h * k[3],
        x[4] + h * k[4],
        x[5] + h * k[5],
        x[6] + h * k[6],
    )


@compiled
def advance(tape: FloatArray, memory: FloatArray, first: int, last: int) -> None:
    """Integrate the minutes ``first`` to ``last - 1`` by the classical Runge-Kutta rule.

    Inputs are constant over a minute.  A step is one minute, or a quarter of one while
    carbohydrate is eaten.  Nothing is checked and nothing is allocated: this is the program's
    hot path.

    Args:
        tape: Inputs and outputs; see :data:`~testbed.physiology.model.Advance`.
        memory: Shape (46,), a copy of what :func:`pack` returns or as an earlier call left it;
            brought from minute ``first`` to minute ``last``.
        first: The minute that ``memory`` stands at.
        last: The minute to reach, at most n.
    """
    m = memory
    p = (
        m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11], m[12],
        m[13], m[14], m[15], m[16], m[17], m[18], m[19], m[20], m[21], m[22], m[23],
        m[24], m[25], m[26], m[27], m[28], m[29], m[30],
    )  # fmt: skip
    x = m[_X:]
    gut = (x[0], x[1], x[2])
    insulin = (x[5], x[6], x[7], x[8], x[9], x[10], x[11])
    glucose = (x[3], x[4], x[12])
    dbar = m[_DBAR]
    eating = m[_EATING]
    for minute in range(first, last):
        carbs = tape[CARBS, minute]
        carbs_mg = carbs * MG_PER_G
        infusion = tape[INSULIN, minute] * PMOL_PER_U / p[_BW]
        steps = 1
        if carbs > 0.0:
            # Dbar follows what has been eaten so far, not what the meal will come to.
            dbar = (dbar if eating > 0.0 else gut[0] + gut[1]) + carbs_mg
            steps = MEAL_STEPS
        eating = carbs
        rise = fall = 0.0
        if dbar > 0.0:
            rise = 5.0 / (dbar * (1.0 - p[_B]))
            fall = 5.0 / (dbar * p[_D])
        h = 1.0 / steps
        for _ in range(steps):
            s1 = _gut_rates(gut, p, carbs_mg, rise, fall)
            gut2 = _along3(gut, 0.5 * h, s1)
            s2 = _gut_rates(gut2, p, carbs_mg, rise, fall)
            gut3 = _along3(gut, 0.5 * h, s2)
            s3 = _gut_rates(gut3, p, carbs_mg, rise, fall)
            gut4 = _along3(gut, h, s3)
            s4 = _gut_rates(gut4, p, carbs_mg, rise, fall)

            i1 = _insulin_rates(insulin, p, infusion)
            insulin2 = _along7(insulin, 0.5 * h, i1)
            i2 = _insulin_rates(insulin2, p, infusion)
            insulin3 = _along7(insulin, 0.5 * h, i2)
            i3 = _insulin_rates(insulin3, p, infusion)
            insulin4 = _along7(insulin, h, i3)
            i4 = _insulin_rates(insulin4, p, infusion)

            g1 = _glucose_rates(glucose, p, gut, insulin)
            g2 = _glucose_rates(_along3(glucose, 0.5 * h, g1), p, gut2, insulin2)
            g3 = _glucose_rates(_along3(glucose, 0.5 * h, g2), p, gut3, insulin3)
            g4 = _glucose_rates(_along3(glucose, h, g3), p, gut4, insulin4)

            # x + h/6 (k1 + 2 k2 + 2 k3 + k4)
            gut = _along3(gut, h / 6.0, _along3(_along3(s1, 1.0, s4), 2.0, _along3(s2, 1.0, s3)))
            insulin = _along7(
                insulin, h / 6.0, _along7(_along7(i1, 1.0, i4), 2.0, _along7(i2, 1.0, i3))
            )
            glucose = _along3(
                glucose, h / 6.0, _along3(_along3(g1, 1.0, g4), 2.0, _along3(g2, 1.0, g3))
            )
        tape[PLASMA, minute + 1] = glucose[0] / p[_VG]
        tape[INTERSTITIAL, minute + 1] = glucose[2] / p[_VG]
    x[0], x[1], x[2] = gut
    x[5], x[6], x[7], x[8], x[9], x[10], x[11] = insulin
    x[3], x[4], x[12] = glucose
    m[_DBAR] = dbar
    m[_EATING] = eating
