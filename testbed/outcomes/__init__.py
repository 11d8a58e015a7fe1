"""What a run comes to: metrics as pure functions of its trace and of its twin's."""

from testbed.outcomes.catalogue import METRICS, measure
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
    "Metric",
    "Origin",
    "boluses",
    "check_conservation",
    "measure",
    "origin_of",
    "units_by_origin",
]
