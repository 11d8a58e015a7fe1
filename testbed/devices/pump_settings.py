"""How a pump is set up."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from testbed.devices.safeguards.caps import CapSettings
from testbed.devices.safeguards.foresight import ForesightSettings
from testbed.devices.safeguards.habit import HabitSettings
from testbed.devices.safeguards.nearness import NearnessSettings
from testbed.devices.safeguards.plausibility import PlausibilitySettings
from testbed.devices.safeguards.prompts import PromptSettings
from testbed.devices.safeguards.watchdog import WatchdogSettings
from testbed.devices.therapies import AnyTherapy, OpenLoop
from testbed.settings import (
    NO_PUBLISHED_RATE,
    ClockTime,
    Duration,
    HowOften,
    Settings,
    assumed_duration,
    assumption,
)

_MANUAL: Final = "user guide of a consumer pump, as cited for 1.5 U/min delivery"
_GENERAL: Final = "general knowledge of consumer pumps; not confirmed"
_LOOPKIT: Final = "adult preset of LoopKit's ExponentialInsulinModel"


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
    remote_bolus_as_shipped: bool = True
    """Whether the pump comes with that on; else it is on only for who turns it on."""
    remote_suspend: bool = False
    """Whether a linked meter may suspend and resume the pump."""
    remote_temp_basal: bool = False
    """Whether a linked meter may set and end a temporary basal."""
    remote_settings: bool = False
    """Whether a linked USB link may change the largest bolus and basal and the low alert."""
    link_requests: bool = False
    """Whether a device that is not linked may ask to be while the pump is not in pairing mode."""
    link_requests_by_address: bool = False
    """Whether such a request has to be for this pump, not for any pump that hears it."""
    same_request_for: Duration = assumed_duration(
        "60s",
        ge="5s",
        le="10min",
        unit="s",
        source="a rule of the stand-in protocol; no real device's",
        description="How long a request equal to the last one is taken for that one, sent again.",
    )
    confirm_remote_bolus: bool = False
    """Whether the pump asks on its screen before it starts a bolus that a meter asked for."""
    confirm_remote_commands: bool = False
    """Whether it asks likewise before it suspends or resumes, sets a temporary basal or changes a
    setting that a linked device asked for."""
    prompts: PromptSettings = PromptSettings()
    """How often it asks, and what its questions look like."""
    caps: CapSettings = CapSettings()
    """Caps on boluses that only the pump's own buttons change."""
    foresight: ForesightSettings = ForesightSettings()
    """Which boluses over the air are refused for the insulin that is on board already."""
    habit: HabitSettings = HabitSettings()
    """Which boluses over the air are unlike the person's own, and asked about."""
    nearness: NearnessSettings = NearnessSettings()
    """How strongly a command over the air has to arrive."""
    watchdog: WatchdogSettings = WatchdogSettings()
    """What becomes of a stop of delivery that was commanded over the air."""
    plausibility: PlausibilitySettings = PlausibilitySettings()
    """Which meter readings are used only when borne out by a second one."""
    hold_remote_bolus_for: Duration = assumed_duration(
        "0s",
        ge="0s",
        le="10min",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long a bolus over the air waits before it starts, unless it was "
        "confirmed on the pump.",
    )
    review_links_every: HowOften = assumed_duration(
        "0s",
        ge="0s",
        le="168h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="How often the pump asks for a look at the list of its links; 0 for never.",
    )
    prompt_timeout: Duration = assumed_duration(
        "60s",
        ge="1s",
        le="30min",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long the pump waits for an answer on its screen.",
    )
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
        description="How fast a bolus flows at the standard speed.",
    )
    quick_bolus_U_per_min: float = assumption(
        15.0,
        ge=10.0,
        le=20.0,
        unit="U/min",
        source=_GENERAL,
        description="How fast a bolus flows at the quick speed.",
    )
    bolus_speed: Literal["standard", "quick"] = "standard"
    """At which of the two speeds boluses flow."""
    bolus_step_U: float = assumption(
        0.05,
        ge=0.01,
        le=0.5,
        unit="U",
        source=_GENERAL,
        description="The step in which doses are dialled, and to which the calculator rounds.",
    )
    max_basal_U_per_h: float = assumption(
        2.0,
        ge=0.1,
        le=35.0,
        unit="U/h",
        source="common default of consumer pumps, settable up to 35 U/h; not confirmed",
        description="Largest basal rate that the pump gives, whoever asks.",
    )
    temp_basal_at_most: Duration = assumed_duration(
        "24h",
        ge="30min",
        le="72h",
        unit="h",
        source=_GENERAL,
        description="How long a temporary basal may last.",
    )
    reservoir_U: float = assumption(
        300.0,
        ge=0.0,
        le=315.0,
        unit="U",
        source=f"180 to 300 U, {_GENERAL}",
        description="What the reservoir holds at the start, and each new one.",
    )
    low_reservoir_U: float = assumption(
        20.0,
        ge=0.0,
        le=50.0,
        unit="U",
        source=_GENERAL,
        description="What is left in the reservoir when the pump alerts.",
    )
    low_alert_mgdl: int = assumption(
        70,
        ge=50,
        le=100,
        unit="mg/dL",
        source="level 1 hypoglycaemia, Battelino et al., Diabetes Care 2019;42:1593",
        description="Sensor glucose below which the pump alerts.",
    )
    low_alert_repeat: Duration = assumed_duration(
        "30min",
        ge="1min",
        le="4h",
        unit="min",
        source=_GENERAL,
        description="How long after a low alert the next one may come.",
    )
    alert_rings: int = assumption(
        3,
        ge=1,
        le=12,
        unit="1",
        source="chosen so that 29 % of single alarms come to about the 66 % of events of half an "
        "hour that Buckingham 2005 (DTT 7:440) reports; no published number of a pump",
        description="How often an alert rings that nobody acknowledges.",
    )
    alert_repeat: Duration = assumed_duration(
        "10min",
        ge="10s",
        le="2h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long after a ring the next one comes.",
    )
    alert_vibrations: int = assumption(
        1,
        ge=0,
        le=12,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="How many of an alert's first rings only vibrate.",
    )
    no_signal_after: Duration = assumed_duration(
        "30min",
        ge="5min",
        le="24h",
        unit="min",
        source=_GENERAL,
        description="How long without a sensor reading until the pump alerts.",
    )
    basal: tuple[BasalRate, ...] = ()
    """Basal profile; the patient's own steady basal rate where empty."""
    therapy: AnyTherapy = OpenLoop()
    """How the basal follows the sensor: a name, or a table with ``name`` and its settings."""
    carb_ratio_g_per_U: float | None = Field(default=None, gt=0.0, le=200.0)
    """Carbohydrate that one unit covers; the patient's own where left out."""
    correction_factor_mgdl_per_U: float | None = Field(default=None, gt=0.0, le=500.0)
    """Glucose that one unit takes away; the patient's own where left out."""
    target_mgdl: float = assumption(
        110.0,
        ge=80.0,
        le=160.0,
        unit="mg/dL",
        source="fasting target of 80 to 130 mg/dL, ADA Standards of Care, section 6; not confirmed",
        description="Glucose that the pump's bolus calculator corrects to.",
    )
    insulin_duration_min: float = assumption(
        360.0,
        ge=300.0,
        le=420.0,
        unit="min",
        source=_LOOPKIT,
        description="How long the pump takes a dose to act.",
    )
    insulin_peak_min: float = assumption(
        75.0,
        ge=45.0,
        le=120.0,
        unit="min",
        source=_LOOPKIT,
        description="When the pump takes a dose to act most.",
    )
    glucose_counts_for: Duration = assumed_duration(
        "15min",
        ge="5min",
        le="60min",
        unit="min",
        source=_GENERAL,
        description="How old a reading may be for the pump's bolus calculator to correct by it.",
    )

    @model_validator(mode="after")
    def _profile_within_limit(self) -> Self:
        over = [rate.U_per_h for rate in self.basal if rate.U_per_h > self.max_basal_U_per_h]
        if over:
            raise ValueError(
                f"expected basal rates of at most max_basal_U_per_h = {self.max_basal_U_per_h:g}, "
                f"found {over[0]:g}"
            )
        return self
