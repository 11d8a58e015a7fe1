"""``suspend-before-low``: the basal stops when the sensor is about to read low.

Stops when glucose is predicted below 80 mg/dL in 30 minutes, or is below 70 now; resumes once
glucose rises or is predicted above 80; at most 2 hours in any 2.5 (the Basal-IQ feature as its
maker's support page describes it; its trial: Forlenza et al., Diabetes Care 2018;41:2155).  The
prediction is a least-squares line through the last readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from testbed.devices.therapies.therapy import PROGRAMME, Reading, Seen, Therapy
from testbed.settings import Duration, assumed_duration, assumption
from testbed.units import US_PER_MIN

_PUBLISHED: Final = "maker's support page on Basal-IQ; Forlenza et al., Diabetes Care 2018;41:2155"


def extrapolated(readings: Sequence[Reading], ahead: int) -> tuple[float, float]:
    """Return glucose ``ahead`` microseconds on, mg/dL, and its slope, mg/dL/min.

    The least-squares line through the readings; through one reading it is level.
    """
    now = readings[-1].t
    minutes = [(each.t - now) / US_PER_MIN for each in readings]
    mean_t = sum(minutes) / len(minutes)
    mean = sum(each.mgdl for each in readings) / len(readings)
    spread = sum((t - mean_t) ** 2 for t in minutes)
    products = zip(minutes, readings, strict=True)
    slope = sum((t - mean_t) * (r.mgdl - mean) for t, r in products) / spread if spread else 0.0
    return mean + slope * (ahead / US_PER_MIN - mean_t), slope


class SuspendBeforeLow(Therapy):
    """Stop the basal before a predicted low, and resume when glucose rises."""

    name: Literal["suspend-before-low"] = "suspend-before-low"
    """The therapy's name."""
    predicted_mgdl: float = assumption(
        80.0,
        ge=60.0,
        le=110.0,
        unit="mg/dL",
        source=_PUBLISHED,
        description="Predicted glucose below which the basal stops.",
    )
    suspend_below_mgdl: float = assumption(
        70.0,
        ge=50.0,
        le=90.0,
        unit="mg/dL",
        source=_PUBLISHED,
        description="Sensor glucose below which the basal stops whatever is predicted.",
    )
    horizon: Duration = assumed_duration(
        "30min",
        ge="10min",
        le="90min",
        unit="min",
        source=_PUBLISHED,
        description="How far ahead the line is drawn.",
    )
    readings: int = assumption(
        4,
        ge=2,
        le=12,
        unit="1",
        source="general knowledge of the published algorithm; not confirmed",
        description="Through how many of the last readings the line is drawn.",
    )
    at_most: Duration = assumed_duration(
        "2h",
        ge="10min",
        le="6h",
        unit="min",
        source=_PUBLISHED,
        description="How long the basal is stopped at most in each window.",
    )
    window: Duration = assumed_duration(
        "2h 30min",
        ge="20min",
        le="12h",
        unit="min",
        source=_PUBLISHED,
        description="The length of the window that rolls on.",
    )

    listens: ClassVar[bool] = True

    def order(self, seen: Seen) -> float | None:
        """Return 0 U/h while a low is coming, the programme otherwise."""
        since = seen.now - self.horizon
        recent = [each for each in seen.readings if each.t >= since]
        predicted, slope = extrapolated(recent[-self.readings :], self.horizon)
        rises = slope > 0.0 and len(recent) > 1
        low = seen.readings[-1].mgdl < self.suspend_below_mgdl or predicted < self.predicted_mgdl
        if not low or rises or seen.stopped_within(self.window) >= self.at_most:
            return PROGRAMME
        return 0.0
