"""Settings of the link: which pairing method and which channel the system uses."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import SIX_DIGITS
from testbed.settings import (
    NO_PUBLISHED_RATE,
    Duration,
    HowOften,
    OneOf,
    Settings,
    assumed_duration,
    assumption,
)

_STAND_IN: Final = "a rule of the stand-in protocol; no real device's"


class LinkSettings(Settings):
    """How the devices link, and how they speak once linked."""

    pairing: Annotated[str, OneOf("a pairing method", PAIRINGS)] = "serial-derived"
    """The stand-in pairing method of every device."""
    channel: Annotated[str, OneOf("a channel", CHANNELS)] = "aead-counter"
    """How payloads are protected on an established link."""
    codes: int = Field(default=SIX_DIGITS, ge=2, le=2**24)
    """How many different codes devices show: a million for six digits, 2^n to study n bits."""
    reuse_code: bool = False
    """Whether the pump shows one code all its life, as if printed on it."""
    lockout_after: int = Field(default=5, ge=0, le=1_000_000)
    """After how many failed pairings in a row a device refuses to pair; 0 for never."""
    lockout_for: Duration = assumed_duration(
        "10min",
        ge="1s",
        le="24h",
        unit="min",
        source=_STAND_IN,
        description="How long a device that has seen too many failures refuses to pair.",
    )
    rotate_keys_every: HowOften = 0
    """How often the pump agrees on a new key with every linked device; "0s" for never."""
    pairing_window: Duration = assumed_duration(
        "2min",
        ge="1s",
        le="1h",
        unit="min",
        source=_STAND_IN,
        description="How long a device stays in pairing mode before it gives up.",
    )
    pairing_softer_by_dB: float = assumption(
        0.0,
        ge=0.0,
        le=40.0,
        unit="dB",
        source=f"a choice of the maker; {NO_PUBLISHED_RATE}",
        description="How much more softly devices speak while they are being linked.",
    )
