"""``open-loop``: the basal follows the programme whatever the sensor says."""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.devices.therapies.therapy import PROGRAMME, Seen, Therapy


class OpenLoop(Therapy):
    """The programme, whatever the sensor says."""

    name: Literal["open-loop"] = "open-loop"
    """The therapy's name."""

    listens: ClassVar[bool] = False

    def order(self, seen: Seen) -> float | None:
        """Return the programme."""
        return PROGRAMME
