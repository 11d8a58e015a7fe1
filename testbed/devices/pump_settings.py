"""How a pump is set up."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from testbed.settings import ClockTime, Duration, Settings, assumption
from testbed.units import US_PER_MIN, US_PER_S

_MANUAL: Final = "user guide of a consumer pump, as cited for 1.5 U/min delivery"


class BasalRate(Settings):
    """One segment of a basal profile."""

    at: ClockTime
    """Clock time from which the rate holds, every day."""
    U_per_h: float = Field(ge=0.0, le=35.0)
    """Basal rate in U/h."""


class PumpSettings(Settings):
    """The pump as it is set up."""

    remote_bolus: bool = True
    """Whether a linked meter may start a bolus (on by default, as shipped)."""
    confirm_remote_bolus: bool = False
    """Whether the pump asks on its screen before it starts a bolus that a meter asked for."""
    prompt_timeout: Duration = 60 * US_PER_S
    """How long the pump waits for an answer on its screen."""
    max_bolus_U: float = assumption(
        10.0,
        ge=0.1,
        le=25.0,
        unit="U",
        source="common default of consumer pumps, settable from 0 to 25 U; not confirmed",
        description="Largest single bolus that the pump gives.",
    )
    bolus_U_per_min: float = assumption(
        1.5,
        ge=0.5,
        le=15.0,
        unit="U/min",
        source=_MANUAL,
        description="How fast a bolus flows.",
    )
    low_alert_mgdl: int = assumption(
        70,
        ge=50,
        le=100,
        unit="mg/dL",
        source="level 1 hypoglycaemia, Battelino et al., Diabetes Care 2019;42:1593",
        description="Sensor glucose below which the pump alerts.",
    )
    low_alert_repeat: Duration = 30 * US_PER_MIN
    """How long after a low alert the next one may come."""
    no_signal_after: Duration = 30 * US_PER_MIN
    """How long without a sensor reading until the pump alerts."""
    basal: tuple[BasalRate, ...] = ()
    """Basal profile; the patient's own steady basal rate where empty."""
