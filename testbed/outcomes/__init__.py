"""What a run comes to: metrics as pure functions of its trace and of its twin's."""

from testbed.outcomes.catalogue import METRICS, measure, measure_both
from testbed.outcomes.context import Context
from testbed.outcomes.metric import Metric
from testbed.outcomes.origins import (
    Bolus,
    ConservationError,
    Origin,
    boluses,
    check_conservation,
    origin_of,
    units_by_origin,
)

__all__ = [
    "METRICS",
    "Bolus",
    "ConservationError",
    "Context",
    "Metric",
    "Origin",
    "boluses",
    "check_conservation",
    "measure",
    "measure_both",
    "origin_of",
    "units_by_origin",
]
