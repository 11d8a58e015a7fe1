"""The channels, one module each.

A channel elsewhere joins by an entry point in the group ``testbed.channels``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.protocol.channels.aead_counter import AeadCounter
from testbed.protocol.channels.base import Channel, LinkState, Refused
from testbed.protocol.channels.mac_no_counter import MacNoCounter
from testbed.protocol.channels.plaintext import Plaintext
from testbed.registry import registry

CHANNELS: Final[Mapping[str, Channel]] = registry(
    "testbed.channels", (Plaintext(), MacNoCounter(), AeadCounter())
)
"""Every channel by its name."""

__all__ = ["CHANNELS", "Channel", "LinkState", "Refused"]
