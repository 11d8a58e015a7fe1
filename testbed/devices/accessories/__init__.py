"""Further devices that a pump can be linked with, one module each.

A device elsewhere joins by an entry point in the group ``testbed.devices`` that names a function
returning a subclass of :class:`~testbed.devices.accessories.accessory.Accessory`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import Field, create_model

from testbed.devices.accessories.accessory import Accessory
from testbed.devices.accessories.follower import Follower
from testbed.devices.endpoint import Takes
from testbed.protocol.payloads import Payload
from testbed.registry import registry
from testbed.settings import Settings

ACCESSORIES: Final[Mapping[str, type[Accessory]]] = registry(
    "testbed.devices", (Follower,), unique=("letters",)
)
"""Every further device by its name."""


def accessory_key(name: str) -> str:
    """Return the table of ``[device]`` that sets a device up."""
    return name.replace("-", "_")


_TABLES: Final[dict[str, Any]] = {
    accessory_key(name): (kind, Field(default=kind(), description=f"{kind.about.capitalize()}."))
    for name, kind in ACCESSORIES.items()
}
AccessorySettings: Any = create_model(
    "AccessorySettings",
    __base__=Settings,
    __doc__="Further devices, a table each.",
    **_TABLES,
)
"""The settings class with a table for each further device."""


def owned(settings: Any) -> Iterator[Accessory]:
    """Yield the further devices that the person has, of ``AccessorySettings``."""
    for name in ACCESSORIES:
        accessory: Accessory = getattr(settings, accessory_key(name))
        if accessory.owned:
            yield accessory


def also_from_accessories(
    takes: Mapping[tuple[str, type[Payload]], Any],
) -> dict[tuple[str, type[Payload]], Any]:
    """Return whom a pump has take what further devices ask: who takes it from its own devices.

    Args:
        takes: Who takes what, by kind of device and type of payload.
    """
    by_payload: Takes = {payload: take for (_, payload), take in takes.items()}
    return {
        (name, payload): by_payload[payload]
        for name, kind in ACCESSORIES.items()
        for payload in kind.asks
    }


__all__ = [
    "ACCESSORIES",
    "Accessory",
    "AccessorySettings",
    "accessory_key",
    "also_from_accessories",
    "owned",
]
