"""What an error model of a continuous glucose monitor is: a gain and an offset a reading."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np

from testbed.physiology.model import FloatArray
from testbed.settings import Settings


class ErrorSeries(NamedTuple):
    """The errors of consecutive readings of one sensor: it shows gain x glucose + offset.

    Attributes:
        gain: Shape (readings,), dimensionless; 1 is right.
        offset_mgdl: Shape (readings,), mg/dL; 0 is right.
    """

    gain: FloatArray
    offset_mgdl: FloatArray


class ErrorModel(Settings):
    """Base of the error models; the fields of a model are its parameters.

    A further model is a subclass in a file of its own and its name in the registry beside it.
    """

    name: ClassVar[str]
    """What scenario files call it."""
    about: ClassVar[str]
    """What it is, in a line, with its source."""

    @abstractmethod
    def series(self, generator: np.random.Generator, readings: int, period_min: int) -> ErrorSeries:
        """Return the errors of consecutive readings, the first at time 0 of the sensor.

        The generator is asked for numbers in the order of time, so asking for more readings
        from a generator in the same state does not change the earlier ones.

        Args:
            generator: Where the dice come from; its state moves on.
            readings: How many, 0 or more.
            period_min: Minutes between two readings, 1 or more.

        Raises:
            ValueError: If a number is out of range.
        """


def check_readings(readings: int) -> None:
    """Raise ``ValueError`` unless that many readings can be asked for."""
    if readings < 0:
        raise ValueError(f"readings: expected 0 or more, found {readings}")
