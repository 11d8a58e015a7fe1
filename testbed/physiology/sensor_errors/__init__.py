"""How far a continuous glucose monitor is off: published error models, one file each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.physiology.sensor_errors.base import ErrorModel, ErrorSeries
from testbed.physiology.sensor_errors.breton_kovatchev import BretonKovatchev
from testbed.physiology.sensor_errors.facchinetti_2014 import Facchinetti2014
from testbed.physiology.sensor_errors.perfect import Perfect
from testbed.physiology.sensor_errors.vettoretti_2019 import Vettoretti2019
from testbed.registry import registry

ERROR_MODELS: Final[Mapping[str, type[ErrorModel]]] = registry(
    "testbed.sensor_errors", (BretonKovatchev, Facchinetti2014, Vettoretti2019, Perfect)
)
"""Every error model by its name."""

__all__ = [
    "ERROR_MODELS",
    "BretonKovatchev",
    "ErrorModel",
    "ErrorSeries",
    "Facchinetti2014",
    "Perfect",
    "Vettoretti2019",
]
