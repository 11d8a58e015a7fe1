"""``hybrid-closed-loop``: the basal is set anew at every reading; meals are the wearer's.

A stand-in with the published law of the OpenAPS reference design (oref0, ``determine-basal``;
Lewis, Leibrand and the OpenAPS community, JDST 2016;10:1411), without its meal assistance, its
microboluses and its sensitivity detection.  With G the sensor glucose, ISF the correction
factor, IOB the insulin on board beyond the programme's, and basal the programme's rate:

    BGI         = -(units acting in five minutes) ISF
    deviation   = 30/5 (mean change in five minutes - BGI)
    eventual G  = G - IOB ISF + deviation
    required    = (eventual G - target)/ISF            above the target, at most max IOB - IOB
    required    = 2 (eventual G - target)/ISF          below it
    rate        = basal + 2 required                   half an hour's worth of what is required

It gives nothing while G is below a limit of its own, and never more than the lesser of the
pump's largest basal and a multiple of the programme's rate.
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from testbed.devices.therapies.therapy import Seen, Therapy
from testbed.settings import assumption
from testbed.units import US_PER_MIN, US_PER_S

_OREF0: Final = "oref0, determine-basal (OpenAPS reference design)"


class HybridClosedLoop(Therapy):
    """Set the basal by where glucose is heading, within limits."""

    name: Literal["hybrid-closed-loop"] = "hybrid-closed-loop"
    """The therapy's name."""
    target_mgdl: float = assumption(
        110.0,
        ge=90.0,
        le=160.0,
        unit="mg/dL",
        source="between the 100 usual with oref0 and the 120 of commercial systems; not confirmed",
        description="Glucose that the loop steers to.",
    )
    stop_below_mgdl: float = assumption(
        75.0,
        ge=60.0,
        le=100.0,
        unit="mg/dL",
        source=f"{_OREF0}: target - (target - 40)/2, for a target of 110",
        description="Sensor glucose below which the loop gives nothing.",
    )
    deviation_min: float = assumption(
        30.0,
        ge=0.0,
        le=60.0,
        unit="min",
        source=_OREF0,
        description="How far ahead the unexplained part of a change is taken to go on.",
    )
    trend_min: float = assumption(
        15.0,
        ge=5.0,
        le=45.0,
        unit="min",
        source=f"{_OREF0}: average change over about a quarter of an hour",
        description="Over how long the change of glucose is averaged.",
    )
    delivery_per_h: float = assumption(
        2.0,
        ge=0.5,
        le=4.0,
        unit="1/h",
        source=f"{_OREF0}: what is required, given within 30 minutes",
        description="How fast the loop gives what it takes to be required.",
    )
    caution_below: float = assumption(
        2.0,
        ge=1.0,
        le=4.0,
        unit="1",
        source=f"{_OREF0}: below the target the reduction is doubled",
        description="How much stronger the loop takes away than it gives.",
    )
    max_iob_U: float = assumption(
        3.0,
        ge=0.0,
        le=20.0,
        unit="U",
        source="set by each user; oref0 ships 0, its documents start basal-only users low",
        description="Insulin on board above which the loop gives nothing beyond the programme.",
    )
    most_times_basal: float = assumption(
        4.0,
        ge=1.0,
        le=6.0,
        unit="1",
        source=f"{_OREF0}: current_basal_safety_multiplier",
        description="The most the loop gives, as a multiple of the programme's rate.",
    )

    listens: ClassVar[bool] = True
    counts_insulin: ClassVar[bool] = True

    def order(self, seen: Seen) -> float | None:
        """Return the basal rate in U/h that the law above gives."""
        mgdl = float(seen.readings[-1].mgdl)
        target, factor = self.target_mgdl, seen.correction_factor_mgdl_per_U
        if mgdl < self.stop_below_mgdl:
            return 0.0
        surplus = self._mgdl_per_min(seen) + seen.acting_U_per_min * factor
        eventual = mgdl - seen.iob_U * factor + self.deviation_min * surplus
        required = (eventual - target) / factor
        if required > 0.0:
            required = max(0.0, min(required, self.max_iob_U - seen.iob_U))
        else:
            required *= self.caution_below
        rate = seen.scheduled_U_per_h + self.delivery_per_h * required
        most = min(seen.most_U_per_h, self.most_times_basal * seen.scheduled_U_per_h)
        return min(max(rate, 0.0), most)

    def _mgdl_per_min(self, seen: Seen) -> float:
        """Return the mean change of the last readings, 0 where there is only one."""
        # A second's grace: a reading takes a while on the air.
        since = seen.now - self.trend_min * US_PER_MIN - US_PER_S
        first = next(each for each in seen.readings if each.t >= since)
        last = seen.readings[-1]
        if last.t == first.t:
            return 0.0
        return (last.mgdl - first.mgdl) * US_PER_MIN / (last.t - first.t)
