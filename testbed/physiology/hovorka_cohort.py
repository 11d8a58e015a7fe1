"""Who might be a person of Hovorka's model: how parameters differ, and who is plausible.

Each candidate has every parameter drawn from its published inter-subject distribution,
truncated, and whoever could not be a person on a pump fails one of :data:`CRITERIA`.  The draws
are those of a seed of the cohort's own, so the people are the same in every scenario.

The distributions are those of Hovorka et al., Physiol Meas 25:905 (2004) as quoted in the
thesis of Boiroux (*Model Predictive Control Algorithms for Pen and Pump Insulin
Administration*, Technical University of Denmark, 2012) and by two public implementations.
**Covariances are not published**: parameters are drawn independently of each other, so
combinations occur that no person has, and the criteria take out the worst of them.

Carb ratio, correction factor and basal rate of a candidate are not drawn but measured, by
simulation of what a clinic does: see :class:`Candidate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

import numpy as np

from testbed.physiology.hovorka import (
    MGDL_PER_MMOL,
    NOMINAL,
    advance,
    basal_U_per_min,
    pack,
    steady_state,
)
from testbed.physiology.model import CARBS, INSULIN, PLASMA, ROWS, FloatArray
from testbed.randomness import Streams

MIN_PER_DAY: Final = 1440

COHORT_SEED: Final = 2004
"""The seed of the cohort; no scenario can change it."""

TARGET_MMOL: Final = 6.0
"""Fasting glucose, 108 mg/dL, that everybody's basal rate keeps; assumed here."""
HIGH_MMOL: Final = 10.0
"""Glucose, 180 mg/dL, from which the correction factor is measured: the end of the target range
(Battelino et al., Diabetes Care 42:1593 (2019))."""
TEST_MEAL_G: Final = 60.0
TEST_MEAL_MIN: Final = 12
BACK_AFTER_MIN: Final = 300
"""The carb ratio is measured by a meal of 60 g, eaten in 12 minutes, 5 h before; chosen here."""
CARB_RATIO_G_PER_U: Final = (3.0, 30.0)
"""Limits of a plausible carb ratio."""
USUAL_CARBS_G: Final = 200.0
"""Carbohydrate in a usual day, for the daily insulin; as in the McGill simulator."""


def _plain(value: float) -> float:
    return value


def _inverse(value: float) -> float:
    return 1.0 / value


def _inverse_exp(value: float) -> float:
    return math.exp(-value)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a parameter differs between people.

    What is drawn is normal, or uniform if ``sd`` is None, between ``low`` and ``high``.

    Attributes:
        name: The parameter.
        mean: Mean of the normal distribution before it is cut off.
        sd: Its standard deviation.
        low: Smallest value that is drawn.
        high: Largest value that is drawn.
        then: What turns the value drawn into the parameter.
    """

    name: str
    mean: float
    sd: float | None
    low: float
    high: float
    then: Callable[[float], float] = _plain

    def at(self, uniform: float) -> float:
        """Return the parameter at a quantile, a number in [0, 1)."""
        if self.sd is None:
            return self.then(self.low + uniform * (self.high - self.low))
        normal = NormalDist(self.mean, self.sd)
        below, above = normal.cdf(self.low), normal.cdf(self.high)
        drawn = normal.inv_cdf(below + uniform * (above - below))
        return self.then(min(max(drawn, self.low), self.high))


def _cut(name: str, mean: float, sd: float, then: Callable[[float], float] = _plain) -> Spread:
    """Return a normal spread, cut off two deviations from its mean and at a tenth of it.

    Some deviations are as large as their means, so without a cut a third would be negative.
    """
    return Spread(name, mean, sd, max(mean - 2 * sd, mean / 10), mean + 2 * sd, then)


SPREADS: Final = (
    Spread("BW", 80.0, None, 65.0, 95.0),
    _cut("EGP0", 0.0161, 0.0039),
    _cut("F01", 0.0097, 0.0022),
    _cut("k12", 0.0649, 0.0282),
    _cut("ka1", 0.0055, 0.0056),
    _cut("ka2", 0.0683, 0.0507),
    _cut("ka3", 0.0304, 0.0235),
    _cut("SIT", 51.2e-4, 32.09e-4),
    _cut("SID", 8.2e-4, 7.84e-4),
    _cut("SIE", 520e-4, 306.2e-4),
    _cut("ke", 0.14, 0.035),
    _cut("VI", 0.12, 0.012),
    # exp(VG) is quoted as normal, which is not far from anything between 0 and 0.5 L/kg; cut to
    # 0.10 to 0.25 L/kg, around the 0.16 that everybody uses.
    Spread("VG", 1.16, 0.23, math.exp(0.10), math.exp(0.25), math.log),
    _cut("tmaxI", 0.018, 0.0045, _inverse),
    Spread("tmaxG", -3.689, 0.25, -3.689 - 0.5, -3.689 + 0.5, _inverse_exp),
    # Quoted as 0.7 to 1.2, but nobody absorbs more than was eaten.
    Spread("AG", 0.85, None, 0.7, 1.0),
)
"""How each parameter differs between people, in the units of ``hovorka.NOMINAL``.

``kint`` does not differ: its spread is not among those quoted.
"""


@dataclass(frozen=True)
class Candidate:
    """Someone with drawn parameters, and what a clinic would find out about them.

    Attributes:
        p: The parameters by name, all of ``hovorka.PARAMETERS``.
    """

    p: Mapping[str, float]

    def live(
        self, glucose_mmol: float, minutes: int, basal: float, bolus_U: float, meal_g: float = 0.0
    ) -> FloatArray:
        """Return plasma glucose, shape (minutes + 1,), mg/dL, from a steady state on.

        Args:
            glucose_mmol: Glucose of the steady state.
            minutes: How long to live.
            basal: Infusion, as a factor to that of the steady state.
            bolus_U: Insulin in the first minute besides.
            meal_g: Carbohydrate, eaten in the first 12 minutes.
        """
        tape = np.zeros((ROWS, minutes + 1))
        tape[INSULIN] = basal * basal_U_per_min(self.p, glucose_mmol)
        tape[INSULIN, 0] += bolus_U
        tape[CARBS, :TEST_MEAL_MIN] = meal_g / TEST_MEAL_MIN
        tape[PLASMA, 0] = glucose_mmol * MGDL_PER_MMOL
        memory = pack(self.p, steady_state(self.p, glucose_mmol)).copy()
        advance(tape, memory, 0, minutes)
        plasma: FloatArray = tape[PLASMA]
        return plasma

    @cached_property
    def steady_mmol(self) -> float:
        """The highest of the glucose values asked for that a basal rate keeps; 0 if none."""
        kept = [g for g in (TARGET_MMOL, HIGH_MMOL) if basal_U_per_min(self.p, g) > 0.0]
        return max(kept, default=0.0)

    @cached_property
    def basal_U_per_min(self) -> float:
        """The basal rate that keeps the target."""
        return basal_U_per_min(self.p, TARGET_MMOL)

    @cached_property
    def _corrected(self) -> FloatArray:
        return self.live(HIGH_MMOL, MIN_PER_DAY // 2, 1.0, 1.0)

    @cached_property
    def deepest_min(self) -> int:
        """Minutes from one unit, given at 10 mmol/L, to the lowest glucose."""
        return int(self._corrected.argmin())

    @cached_property
    def correction_factor_mgdl_per_U(self) -> float:
        """How far one unit, given at a steady 10 mmol/L, takes glucose down."""
        return float(self._corrected[0] - self._corrected.min())

    @cached_property
    def highest_without_insulin_mgdl(self) -> float:
        """What glucose comes to in a day without any insulin."""
        return float(self.live(TARGET_MMOL, MIN_PER_DAY, 0.0, 0.0).max())

    @cached_property
    def carb_ratio_g_per_U(self) -> float:
        """The ratio whose bolus for 60 g brings glucose back to where it was in five hours.

        Infinity or 0 if that ratio lies beyond the limits of :data:`CARB_RATIO_G_PER_U`.
        """

        def excess(bolus_U: float) -> float:
            glucose = self.live(TARGET_MMOL, BACK_AFTER_MIN, 1.0, bolus_U, TEST_MEAL_G)
            return float(glucose[-1] - glucose[0])

        few, many = (TEST_MEAL_G / ratio for ratio in reversed(CARB_RATIO_G_PER_U))
        if excess(few) < 0.0:
            return math.inf
        if excess(many) > 0.0:
            return 0.0
        for _ in range(24):  # glucose falls with insulin, so halving finds the one answer
            middle = 0.5 * (few + many)
            if excess(middle) > 0.0:
                few = middle
            else:
                many = middle
        return TEST_MEAL_G / (0.5 * (few + many))

    @cached_property
    def total_daily_insulin_U(self) -> float:
        """Basal and boluses of a usual day."""
        return self.basal_U_per_min * MIN_PER_DAY + USUAL_CARBS_G / self.carb_ratio_g_per_U

    @cached_property
    def lowest_after_meal_mgdl(self) -> float:
        """Lowest glucose in the 12 h from a meal of 60 g with its bolus."""
        bolus_U = TEST_MEAL_G / self.carb_ratio_g_per_U
        return float(self.live(TARGET_MMOL, MIN_PER_DAY // 2, 1.0, bolus_U, TEST_MEAL_G).min())


@dataclass(frozen=True, slots=True)
class Criterion:
    """What someone must be like to be accepted: between ``low`` and ``high``, both included.

    Attributes:
        name: The criterion.
        of: The number that is judged.
        low: Its lowest value.
        high: Its highest value.
        unit: Its unit.
    """

    name: str
    of: Callable[[Candidate], float]
    low: float
    high: float
    unit: str

    @property
    def limits(self) -> str:
        """The limits in words, such as ``0.2 to 2.5 U/h``."""
        if self.low == self.high:
            return f"{self.low:g} {self.unit}"
        if self.high == math.inf:
            return f"from {self.low:g} {self.unit}"
        return f"{self.low:g} to {self.high:g} {self.unit}"


CRITERIA: Final = (
    # A basal rate must exist for 6 and for 10 mmol/L.
    Criterion("steady state", lambda c: c.steady_mmol, HIGH_MMOL, HIGH_MMOL, "mmol/L"),
    # What adults on pumps have; chosen here.
    Criterion("basal rate", lambda c: 60.0 * c.basal_U_per_min, 0.2, 2.5, "U/h"),
    # A day without insulin must raise glucose to where ketoacidosis is looked for (Kitabchi et
    # al., Diabetes Care 32:1335 (2009)), and not beyond what kidneys allow, chosen here.
    Criterion("need of insulin", lambda c: c.highest_without_insulin_mgdl, 250.0, 800.0, "mg/dL"),
    # A unit of rapid insulin must be felt most within one to five hours; chosen here.
    Criterion("speed of insulin", lambda c: c.deepest_min, 60.0, 300.0, "min"),
    # What bolus calculators are set to; chosen here.
    Criterion(
        "correction factor", lambda c: c.correction_factor_mgdl_per_U, 15.0, 200.0, "mg/dL per U"
    ),
    Criterion("carb ratio", lambda c: c.carb_ratio_g_per_U, *CARB_RATIO_G_PER_U, "g per U"),
    # Around the 0.4 to 1.0 U/kg that the American Diabetes Association's Standards of Care
    # call typical; chosen here.
    Criterion("daily insulin", lambda c: c.total_daily_insulin_U / c.p["BW"], 0.2, 1.5, "U/kg"),
    # Their own bolus for a meal must not make them hypoglycaemic.
    Criterion("own bolus", lambda c: c.lowest_after_meal_mgdl, 70.0, math.inf, "mg/dL"),
)
"""Who is accepted, in the order in which it is asked; cheap questions come first."""


def draw(number: int) -> Candidate:
    """Return candidate number ``number``, from 0, of the cohort's endless line."""
    streams = Streams(COHORT_SEED, number)
    drawn = {spread.name: spread.at(streams.uniform(spread.name)) for spread in SPREADS}
    return Candidate(MappingProxyType({**NOMINAL, **drawn}))


def failed_criterion(candidate: Candidate) -> str | None:
    """Return the name of the first criterion that a candidate does not meet, or None."""
    for each in CRITERIA:
        if not each.low <= each.of(candidate) <= each.high:  # so that a NaN fails
            return each.name
    return None
