"""The pump's menu for calibrating a sensor with what a meter says."""

from __future__ import annotations

from collections.abc import Callable

from testbed.devices.endpoint import Endpoint
from testbed.protocol.payloads import Calibration


class CalibrationMenu:
    """Shows a meter reading that came over the air, and sends it to the sensor if told to.

    Args:
        endpoint: The pump's.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._on_reading: Callable[[int, int], None] | None = None
        self._on_doubt: Callable[[int, int], None] | None = None

    def when_shown(self, call: Callable[[int, int], None]) -> None:
        """Have ``call`` called with value in mg/dL and cause when a reading is on the screen."""
        self._on_reading = call

    def when_doubted(self, call: Callable[[int, int], None]) -> None:
        """Have ``call`` called likewise when the screen wants another reading to bear one out."""
        self._on_doubt = call

    def doubt(self, mgdl: int, cause: int) -> None:
        """Ask on the screen for a second reading."""
        if self._on_doubt is not None:
            self._on_doubt(mgdl, cause)

    def show(self, mgdl: int, cause: int) -> None:
        """Put a meter reading on the screen."""
        if self._on_reading is not None:
            self._on_reading(mgdl, cause)

    def press(self, mgdl: int, cause: int) -> bool:
        """Enter a meter reading as a calibration; return whether there is a sensor to tell."""
        link = self._endpoint.link_with("cgm")
        if link is not None:
            self._endpoint.send(link, Calibration(mgdl), cause)
        return link is not None
