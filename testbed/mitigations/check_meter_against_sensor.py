"""Meter against sensor: a meter reading far from the sensor's needs a second one to count."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="check-meter-against-sensor",
    advice="Take a meter reading that is far from the sensor's for doses and calibrations "
    "only when a second one bears it out.",
    bearer="maker",
    source="no published source; a design option",
    against=("false-meter-reading",),
    moves=("extra_U",),
    keeps="a false reading near the sensor's, or one that is sent twice",
    price=("finger_sticks", *CHECKED),
    changes={"pump.plausibility.on": True},
)
