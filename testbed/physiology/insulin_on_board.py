"""Insulin on board: how much of a dose has not acted yet.

The exponential curve of LoopKit's ``ExponentialInsulinModel`` (derived by Dragan Maksimovic,
LoopKit issue 388 on GitHub).  With td the duration of action, tp the time of its peak, and
t the time since the dose, all in minutes:

    tau = tp (1 - tp/td) / (1 - 2 tp/td),   a = 2 tau/td,   S = 1/(1 - a + (1 + a) e^(-td/tau))
    activity(t) = S/tau^2 t (1 - t/td) e^(-t/tau)
    remaining(t) = 1 - S (1 - a) ((t^2/(tau td (1 - a)) - t/tau - 1) e^(-t/tau) + 1)

Pure functions of numbers: nothing here knows a pump or a clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from testbed.physiology._compile import compiled
from testbed.physiology.model import FloatArray


@dataclass(frozen=True, slots=True)
class InsulinAction:
    """The curve of one kind of insulin.

    Attributes:
        duration_min: Minutes until a dose has acted in full.
        peak_min: Minutes from the dose to the peak of its action.

    Raises:
        ValueError: If the peak is not above 0 and below half the duration, beyond which the
            curve does not exist.
    """

    duration_min: float
    peak_min: float

    def __post_init__(self) -> None:
        if not 0.0 < 2.0 * self.peak_min < self.duration_min < math.inf:
            raise ValueError(
                "expected a peak above 0 and below half the duration, "
                f"found {self.peak_min:g} and {self.duration_min:g} min"
            )

    def _constants(self) -> tuple[float, float, float]:
        td, share = self.duration_min, self.peak_min / self.duration_min
        tau = self.peak_min * (1.0 - share) / (1.0 - 2.0 * share)
        a = 2.0 * tau / td
        return tau, a, 1.0 / (1.0 - a + (1.0 + a) * math.exp(-td / tau))

    def activity(self, minutes: npt.ArrayLike) -> FloatArray:
        """Return the share of a dose that acts in a minute, 1/min, at times since the dose."""
        t = np.asarray(minutes, dtype=np.float64)
        tau, _, scale = self._constants()
        acting = scale / tau**2 * t * (1.0 - t / self.duration_min) * np.exp(-t / tau)
        return np.where((t > 0.0) & (t < self.duration_min), acting, 0.0)

    def remaining(self, minutes: npt.ArrayLike) -> FloatArray:
        """Return the share of a dose that is still to act: 1 at its start, 0 at the duration."""
        t = np.asarray(minutes, dtype=np.float64)
        td = self.duration_min
        tau, a, scale = self._constants()
        bracket = (t**2 / (tau * td * (1.0 - a)) - t / tau - 1.0) * np.exp(-t / tau) + 1.0
        return np.where(t <= 0.0, 1.0, np.where(t >= td, 0.0, 1.0 - scale * (1.0 - a) * bracket))


@compiled
def on_board(curve: FloatArray, doses_U: FloatArray) -> float:
    """Return the sum of minute doses, each weighted by a curve at its age.

    Args:
        curve: Shape (m,): weight of a dose that is ``k + 1/2`` minutes old, at index ``k``.
        doses_U: Shape (n,): doses of the minutes up to now, oldest first, U; those older than
            the curve is long count nothing.
    """
    total = 0.0
    newest = len(doses_U) - 1
    for age in range(min(len(curve), len(doses_U))):  # in this order on every machine
        total += curve[age] * doses_U[newest - age]
    return total
