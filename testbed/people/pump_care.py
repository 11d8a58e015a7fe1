"""What a person does about the pump's own safeguards, where it has them."""

from __future__ import annotations

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption


class PumpCare(Settings):
    """How a person lives with what a maker built in; read only where it is turned on."""

    turns_remote_bolus_on: float = assumption(
        0.3,
        ge=0.0,
        le=1.0,
        unit="1",
        source=f"as remote_bolus_use; {NO_PUBLISHED_RATE}",
        description="Share of people who turn remote bolus on where a pump comes with it off.",
    )
    reviews_links: float = assumption(
        0.5,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed reminders at which the person looks through the list of "
        "links and removes what is none of their devices.",
    )
    repeats_doubted_stick: float = assumption(
        0.8,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of own finger-sticks that the pump doubts which the person repeats.",
    )
