"""The pump as somebody sees and handles it who is not its owner."""

from __future__ import annotations

from collections.abc import Callable

from testbed.devices import Pump
from testbed.people import LeftAlone
from testbed.protocol.roles import Ask
from testbed.radio import Medium, Position


class SeenPump:
    """A pump's screen and buttons, and whether its owner has it in sight: nothing else of it.

    Args:
        pump: The pump.
        medium: Where it is.
        left_alone: When its owner has it out of sight.
    """

    def __init__(self, pump: Pump, medium: Medium, left_alone: LeftAlone) -> None:
        self._pump = pump
        self._medium = medium
        self._left_alone = left_alone

    @property
    def position(self) -> Position | None:
        """Where it is; None where it is nowhere."""
        return self._medium.position_of(self._pump.endpoint)

    @property
    def unattended(self) -> bool:
        """Whether its owner has it out of sight."""
        return self._left_alone.unattended

    @property
    def asks(self) -> Ask[bytes] | None:
        """What its screen asks, None for nothing."""
        return self._pump.endpoint.pairing.asks

    def when_asking(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that its screen comes to ask something."""
        self._pump.endpoint.pairing.watch(call)

    def when_left(self, call: Callable[[], None]) -> None:
        """Have ``call`` called each time that its owner leaves it."""
        self._left_alone.when_left(call)

    def press_link(self, kind: str, cause: int) -> None:
        """Choose "link a device" in the menu, for a device of one kind."""
        self._pump.press_link(kind, cause)

    def answer(self, value: bytes, cause: int) -> None:
        """Answer what the screen asks, or hold to it the device that ``value`` comes from."""
        self._pump.endpoint.pairing.answer(value, cause)
