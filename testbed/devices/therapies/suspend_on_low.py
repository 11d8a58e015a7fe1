"""``suspend-on-low``: the basal stops when the sensor reads low.

The published feature stops basal insulin for up to two hours once sensor glucose is at or below
a threshold (Garg et al., Diabetes Technol Ther 2012;14:205; Bergenstal et al., N Engl J Med
2013;369:224, both at 70 mg/dL).  This stand-in also resumes by itself on a recovery.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.devices.therapies.therapy import PROGRAMME, Seen, Therapy
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumption
from testbed.units import US_PER_HOUR


class SuspendOnLow(Therapy):
    """Stop the basal at a threshold, and resume on recovery or when the time is up."""

    name: Literal["suspend-on-low"] = "suspend-on-low"
    """The therapy's name."""
    suspend_at_mgdl: float = assumption(
        70.0,
        ge=50.0,
        le=90.0,
        unit="mg/dL",
        source="Bergenstal et al., N Engl J Med 2013;369:224; Garg et al., DTT 2012;14:205",
        description="Sensor glucose at or below which the basal stops.",
    )
    resume_at_mgdl: float = assumption(
        90.0,
        ge=70.0,
        le=130.0,
        unit="mg/dL",
        source=f"the published feature waits for the person or the time limit; {NO_PUBLISHED_RATE}",
        description="Sensor glucose at or above which a stopped basal resumes.",
    )
    at_most: Duration = 2 * US_PER_HOUR
    """How long the basal stays stopped at most."""
    then_runs_for: Duration = 4 * US_PER_HOUR
    """How long the basal runs, low or not, after it was stopped for as long as it may be."""

    listens: ClassVar[bool] = True

    def order(self, seen: Seen) -> float | None:
        """Return 0 U/h while low, the programme otherwise."""
        mgdl = seen.readings[-1].mgdl
        since = seen.stopped_since
        if since is not None:
            recovered = mgdl >= max(self.resume_at_mgdl, self.suspend_at_mgdl + 1.0)
            return PROGRAMME if recovered or seen.now - since >= self.at_most else 0.0
        if mgdl > self.suspend_at_mgdl:
            return PROGRAMME
        for begin, end in seen.stops:
            if end - begin >= self.at_most and seen.now - end < self.then_runs_for:
                return PROGRAMME
        return 0.0
