"""How a person changes the delivery of the pump: for exercise, and in a low."""

from __future__ import annotations

from typing import Final

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption

_ZAHARIEVA: Final = (
    "50 and 80 % less from 90 min before, against a suspension at the onset: Zaharieva et al., "
    "Diabetes Care 2019;42:824"
)


class DeliveryCare(Settings):
    """What a person does with basal and suspension, by the pump's buttons or on the meter."""

    eases_for_exercise: float = assumption(
        0.5,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of the times of exercise for which the person changes the delivery.",
    )
    suspends_for_exercise: float = assumption(
        0.2,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of these for which delivery is suspended from start to end; for the "
        "others a temporary basal is set beforehand.",
    )
    exercise_basal_percent: int = assumption(
        50,
        ge=20,
        le=80,
        unit="%",
        source=_ZAHARIEVA,
        description="Temporary basal for exercise, in percent of the programme's.",
    )
    ease_before_min: float = assumption(
        90.0,
        ge=0.0,
        le=120.0,
        unit="min",
        source=_ZAHARIEVA,
        description="How long before exercise its temporary basal begins.",
    )
    suspends_in_low: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of low-glucose alerts noticed awake in which the person suspends "
        "delivery for a while.",
    )
    suspended_for_min: float = assumption(
        30.0,
        ge=10.0,
        le=120.0,
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long a person leaves delivery suspended in a low.",
    )
    changes_on_meter: float = assumption(
        0.3,
        ge=0.0,
        le=0.8,
        unit="1",
        source=f"as remote_bolus_use; {NO_PUBLISHED_RATE}",
        description="Share of these changes that are asked for on a linked meter, from which a "
        "person goes to the pump's buttons if nothing comes of it.",
    )
