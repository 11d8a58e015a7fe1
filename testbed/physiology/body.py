"""A body that eats, takes insulin and lives on, minute by minute."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from testbed.physiology.model import (
    CARBS,
    INSULIN,
    INTERSTITIAL,
    PLASMA,
    ROWS,
    FloatArray,
    Patient,
)
from testbed.physiology.models import patient as find_patient

EAT_RATE: Final = 5.0
"""Most carbohydrate eaten in a minute, g/min (simglucose 0.2.11)."""


class Body:
    """One virtual patient of any model from minute 0 to minute ``minutes``.

    Callers write what goes in, into minutes that are not lived yet (writing into an earlier one
    changes nothing, and values are not checked: this is the hot path), then let it live on.
    The model reads minute ``k`` of the inputs as constant over [k, k + 1).

    A body that may look ahead lives up to ``ahead`` minutes on the inputs as they stand, and
    takes back what :meth:`revise` makes untrue.  The numbers are the same to the bit: a call
    into compiled code costs more than an hour's arithmetic, so calling once an hour is cheaper.

    Attributes:
        carbs_g: Shape (minutes,), float64: carbohydrate eaten in each minute, g.
        insulin_U: Shape (minutes,), float64: insulin infused in each minute, basal and bolus, U.
        plasma_mgdl: Shape (minutes + 1,): plasma glucose at each minute; NaN where not lived yet.
        interstitial_mgdl: Shape (minutes + 1,): subcutaneous glucose, likewise.
    """

    __slots__ = (
        "_advance",
        "_ahead",
        "_checkpoint",
        "_lived",
        "_memory",
        "_minute",
        "_minutes",
        "_saved",
        "_tape",
        "carbs_g",
        "insulin_U",
        "interstitial_mgdl",
        "plasma_mgdl",
    )

    def __init__(self, patient: Patient, minutes: int, ahead: int = 0) -> None:
        """Start at the patient's steady state, with no food and no insulin scheduled.

        Args:
            patient: Whose body.
            minutes: How long it can live.
            ahead: How many minutes it may look ahead; whoever writes inputs then has to call
                :meth:`revise`.

        Raises:
            ValueError: If ``minutes`` or ``ahead`` is negative.
        """
        if minutes < 0:
            raise ValueError(f"minutes: expected 0 or more, found {minutes}")
        if ahead < 0:
            raise ValueError(f"ahead: expected 0 or more, found {ahead}")
        self._minute = self._lived = self._checkpoint = 0
        self._minutes = minutes
        self._ahead = ahead
        self._advance = patient.advance
        self._memory = patient.packed.copy()
        self._saved = patient.packed
        self._tape = tape = np.zeros((ROWS, minutes + 1))
        self.carbs_g: FloatArray = tape[CARBS, :minutes]
        self.insulin_U: FloatArray = tape[INSULIN, :minutes]
        self.plasma_mgdl: FloatArray = tape[PLASMA]
        self.interstitial_mgdl: FloatArray = tape[INTERSTITIAL]
        tape[PLASMA:] = math.nan
        tape[PLASMA:, 0] = patient.basal_glucose_mgdl

    @property
    def minute(self) -> int:
        """How many minutes it has lived."""
        return self._minute

    def eat(self, minute: int, grams: float) -> float:
        """Schedule carbohydrate from ``minute`` on, at most :data:`EAT_RATE` in each minute.

        It goes into the first minutes with room, behind or between what is scheduled there
        already.  What would be eaten after the last minute is dropped.

        Args:
            minute: When the meal starts; not before the minute reached.
            grams: Carbohydrate in g.

        Returns:
            The carbohydrate that found room, in g.

        Raises:
            ValueError: If ``minute`` lies in the past or ``grams`` is negative or not finite.
        """
        if minute < self._minute:
            raise ValueError(f"minute: expected {self._minute} or later, found {minute}")
        if not 0.0 <= grams < math.inf:
            raise ValueError(f"grams: expected a finite number of 0 or more, found {grams}")
        self.revise(minute)
        left = grams
        carbs = self.carbs_g
        while left > 0.0 and minute < self._minutes:
            room = EAT_RATE - carbs.item(minute)
            if left >= room > 0.0:
                carbs[minute] = EAT_RATE
                left -= room
            elif room > 0.0:
                carbs[minute] += left
                left = 0.0
            minute += 1
        return grams - left

    def advance(self, to_minute: int, looking_ahead: bool = True) -> None:
        """Live until ``to_minute``; nothing happens if that is reached already.

        Args:
            to_minute: The minute to reach.
            looking_ahead: Whether it may look ahead, if it may at all: it had better not
                while the inputs of the next minutes are still to be written.

        Raises:
            ValueError: If ``to_minute`` lies beyond the end.
        """
        if to_minute <= self._minute:
            return
        lived = self._lived
        if to_minute > lived:
            if to_minute > self._minutes:
                raise ValueError(
                    f"to_minute: expected at most {self._minutes}, the end, found {to_minute}"
                )
            reach = to_minute
            if looking_ahead and self._ahead:
                reach = min(max(reach, lived + self._ahead), self._minutes)
                self._saved, self._checkpoint = self._memory.copy(), lived
            self._advance(self._tape, self._memory, lived, reach)
            self._lived = reach
        self._minute = to_minute

    def revise(self, minute: int) -> None:
        """Take back what was lived ahead, because inputs from ``minute`` on are to change.

        Call it before or after writing; nothing happens if the body did not look so far.

        Raises:
            ValueError: If ``minute`` lies in the past: what is lived cannot be changed.
        """
        if minute < self._minute:
            raise ValueError(f"minute: expected {self._minute} or later, found {minute}")
        if minute < self._lived:
            self._memory = self._saved.copy()
            if self._checkpoint < self._minute:
                self._advance(self._tape, self._memory, self._checkpoint, self._minute)
            self._lived = self._minute
            self._tape[PLASMA:, self._minute + 1 :] = math.nan


def simulate(
    patient: str,
    carbs_g_per_min: npt.ArrayLike,
    insulin_U_per_min: npt.ArrayLike,
) -> FloatArray:
    """Return plasma glucose of a virtual patient who eats and takes insulin as given.

    Equations and sources: ``testbed.physiology.s2008`` and ``testbed.physiology.hovorka``.

    Args:
        patient: One of ``PATIENT_NAMES``.
        carbs_g_per_min: Shape (n,): carbohydrate eaten in each minute, g/min, taken as it is
            (only :meth:`Body.eat` limits the rate).
        insulin_U_per_min: Shape (n,): insulin infused in each minute, basal included, U/min.

    Returns:
        Shape (n + 1,), mg/dL: plasma glucose at each minute, the first that of the steady state.

    Raises:
        UnknownPatientError: If there is no such patient.
        ValueError: If the arrays are not one-dimensional, differ in length, or hold something
            that is not a finite number of 0 or more.
    """
    who = find_patient(patient)
    carbs = _checked("carbs_g_per_min", carbs_g_per_min)
    insulin = _checked("insulin_U_per_min", insulin_U_per_min)
    if carbs.size != insulin.size:
        raise ValueError(
            "expected carbs_g_per_min and insulin_U_per_min of one length, "
            f"found {carbs.size} and {insulin.size}"
        )
    body = Body(who, carbs.size)
    body.carbs_g[:] = carbs
    body.insulin_U[:] = insulin
    body.advance(carbs.size)
    return body.plasma_mgdl.copy()


def _checked(name: str, values: npt.ArrayLike) -> FloatArray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected numbers, found an array of {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name}: expected one dimension, found shape {array.shape}")
    wrong = np.flatnonzero(~((array >= 0) & (array < math.inf)))
    if wrong.size:
        first = int(wrong[0])
        raise ValueError(
            f"{name}[{first}]: expected a finite number of 0 or more, found {array[first]}"
        )
    return array.astype(np.float64)
