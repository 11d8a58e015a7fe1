"""Settings of the link: which pairing method and which channel the system uses."""

from __future__ import annotations

from typing import Annotated

from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.settings import Duration, OneOf, Settings
from testbed.units import US_PER_MIN


class LinkSettings(Settings):
    """How the devices link, and how they speak once linked."""

    pairing: Annotated[str, OneOf("a pairing method", PAIRINGS)] = "serial-derived"
    """The stand-in pairing method of every device."""
    channel: Annotated[str, OneOf("a channel", CHANNELS)] = "aead-counter"
    """How payloads are protected on an established link."""
    pairing_window: Duration = 2 * US_PER_MIN
    """How long a device stays in pairing mode before it gives up."""
