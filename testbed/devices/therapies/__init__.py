"""The therapies, one module each: how the pump's basal follows the sensor.

A therapy elsewhere joins by an entry point in the group ``testbed.therapies`` that names a
function returning a subclass of :class:`~testbed.devices.therapies.therapy.Therapy`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from testbed.devices.therapies.hybrid_closed_loop import HybridClosedLoop
from testbed.devices.therapies.open_loop import OpenLoop
from testbed.devices.therapies.suspend_before_low import SuspendBeforeLow
from testbed.devices.therapies.suspend_on_low import SuspendOnLow
from testbed.devices.therapies.therapy import PROGRAMME, Reading, Seen, Therapy
from testbed.registry import registry
from testbed.settings import OneOf


def therapy_name(therapy: type[Therapy]) -> str:
    """Return the name by which scenario files call a therapy."""
    return str(therapy.model_fields["name"].default)


THERAPIES: Final[Mapping[str, type[Therapy]]] = registry(
    "testbed.therapies",
    (OpenLoop, SuspendOnLow, SuspendBeforeLow, HybridClosedLoop),
    key=therapy_name,
)
"""Every therapy by its name."""


def _named(value: Any) -> Any:
    """Take a name that stands alone for a therapy with all its settings as they are."""
    if not isinstance(value, str | dict | Therapy):
        raise PydanticCustomError("therapy", "expected the name of a therapy or a table with it")
    return {"name": value} if isinstance(value, str) else value


_Table: Any = Annotated[
    functools.reduce(operator.or_, THERAPIES.values()), Field(discriminator="name")
]
AnyTherapy: Any = Annotated[
    _Table,
    BeforeValidator(
        _named, json_schema_input_type=Annotated[str, OneOf("a therapy", THERAPIES)] | _Table
    ),
]
"""One therapy of any kind: its name, or a table with its name and settings."""

__all__ = [
    "PROGRAMME",
    "THERAPIES",
    "AnyTherapy",
    "OpenLoop",
    "Reading",
    "Seen",
    "Therapy",
    "therapy_name",
]
