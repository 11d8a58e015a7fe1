"""Who is near the wearer at times and looks after them, and how."""

from __future__ import annotations

from pydantic import Field

from testbed.people.noticing import Noticing
from testbed.settings import NO_PUBLISHED_RATE, ClockTime, Settings, assumption
from testbed.units import US_PER_DAY


class Presence(Settings):
    """A time of the day at which the care partner is near the wearer."""

    from_: ClockTime = Field(alias="from")
    """Clock time from which."""
    until: ClockTime
    """Clock time until which; the same as ``from`` for the whole day."""

    def covers(self, clock: int) -> bool:
        """Return whether a clock time is within."""
        length = (self.until - self.from_) % US_PER_DAY or US_PER_DAY
        return (clock - self.from_) % US_PER_DAY < length


_EVENING_TO_MORNING = Presence.model_validate({"from": "17:00", "until": "08:00"})


class CarePartnerSettings(Noticing):
    """A care partner: when near, and how they answer what the pump tells."""

    present: tuple[Presence, ...] = (_EVENING_TO_MORNING,)
    """When near the wearer."""
    places: tuple[str, ...] = ("home",)
    """Only where the wearer is at one of these places."""
    wakes_to_alert: float = assumption(
        0.37,
        ge=0.05,
        le=0.8,
        unit="1",
        source="parents woke to 37 % of alarms, Buckingham 2005, DTT 7:440",
        description="Share of alerts noticed while asleep.",
    )
    treats_lows: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of low-glucose alerts noticed that the partner treats.",
    )
    rescue_carbs_g: float = assumption(
        15.0,
        ge=0.0,
        le=40.0,
        unit="g",
        source="15 g rule for treating hypoglycaemia, ADA Standards of Care, section 6",
        description="Carbohydrate that the partner gives.",
    )
    cancel_unexpected_bolus: float = assumption(
        0.5,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed boluses of nobody's asking that the partner cancels.",
    )
    cancel_takes_s: float = assumption(
        0.0,
        ge=0.0,
        le=300.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time from noticing such a bolus to having it cancelled.",
    )
    calls_for_help: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of lows seen below the wearer's help_below_mgdl in which the partner "
        "calls for help.",
    )
