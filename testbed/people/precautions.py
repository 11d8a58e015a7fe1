"""Precautions: what a person does to keep the system out of others' reach, and what it costs."""

from __future__ import annotations

from typing import Final

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption

_MITRAKOU: Final = (
    "symptoms at about 51 to 58 mg/dL in healthy people (Mitrakou et al., Am J Physiol "
    "1991;260:E67), lower where awareness is reduced; not confirmed"
)


class Precautions(Settings):
    """How closely a person keeps the system to themselves, and the mistakes that come of it.

    A mistake is made by somebody who takes the precaution, about something of their own; so its
    chance is the share of each that is written here, times how closely the precaution is kept.
    """

    unplugs_after_download: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of the times that the USB stick is plugged in at which the person "
        "takes it out once the history is downloaded.",
    )
    unplug_after_min: float = assumption(
        2.0,
        ge=0.5,
        le=30.0,
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long such a download takes, from plugging the stick in to taking it out.",
    )
    keeps_devices_in_sight: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of the times at which a device would be out of its owner's sight "
        "that do not come about.",
    )
    runs_unauthorised_software: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of people on whose computer software gets to run that the pump's "
        "maker has not authorised, where an attacker has some to be run there.",
    )
    uses_third_party_device: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of people who have another maker's device linked with the pump, where a "
        "scenario has one.",
    )
    refuses_unexpected: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of the prompts of nobody's asking that would be confirmed, by habit "
        "too, which the person refuses after all.",
    )
    rejects_own_by_mistake: float = assumption(
        0.0,
        ge=0.0,
        le=0.2,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of prompts after own doing that a person who refuses unexpected ones "
        "takes for such a one; times refuses_unexpected.",
    )
    cancels_own_by_mistake: float = assumption(
        0.0,
        ge=0.0,
        le=0.2,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of own boluses asked for on the meter that a person who cancels "
        "unexpected ones takes for such a one; times cancel_unexpected_bolus.",
    )
    accept_unasked_reading: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed meter results of nobody's asking that the person takes "
        "for true; others are thrown away on the pump, and are suspicious.",
    )
    correct_on_unasked_reading: float = assumption(
        0.05,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of those taken for true on which the person acts: with a correction "
        "by the calculator above high_mgdl, with carbohydrate below low_mgdl.",
    )
    discards_own_by_mistake: float = assumption(
        0.0,
        ge=0.0,
        le=0.2,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of own meter results that a person who throws unasked ones away "
        "takes for such a one; times the share of those that are thrown away.",
    )
    misses_without_remote: float = assumption(
        0.0,
        ge=0.0,
        le=0.5,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of boluses wanted on the meter and refused, as the feature is off, "
        "that the person then leaves.",
    )
    delay_without_remote_min: float = assumption(
        0.0,
        ge=0.0,
        le=60.0,
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="Time until the person has the pump in hand for a bolus that the meter "
        "would not do.",
    )
    correct_after_suspicion: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of high results of finger-sticks after something suspicious that are "
        "corrected; correct_highs where that is more.",
    )
    calls_at_symptoms: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of lows in which a person who is awake and feels symptoms calls for "
        "help.",
    )
    symptoms_below_mgdl: float = assumption(
        50.0,
        ge=40.0,
        le=60.0,
        unit="mg/dL",
        source=_MITRAKOU,
        description="Glucose below which a person feels that they need help.",
    )
    symptoms_after_min: float = assumption(
        10.0,
        ge=5.0,
        le=30.0,
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How often a person pays heed to how they feel.",
    )
