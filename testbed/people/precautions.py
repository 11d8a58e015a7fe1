"""What a person does, or leaves, that decides whether an attacker can begin at all."""

from __future__ import annotations

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption


class Precautions(Settings):
    """How a person keeps the system out of others' reach."""

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
