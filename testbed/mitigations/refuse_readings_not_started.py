"""Refuse readings not started: none is taken for true, calibrated with or dosed on."""

from testbed.mitigations.metric_groups import GLUCOSE, LIVED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="refuse-readings-not-started",
    advice="Do not accept, calibrate with, or bolus on a blood glucose reading that you did not "
    "start.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("false-meter-reading", "replay"),
    moves=("extra_U", "miscued_U", *GLUCOSE),
    keeps="commands over the air, and sensor readings, which nobody is asked about",
    price=(*LIVED, "finger_sticks"),
    shares={
        "patient.behaviour.accept_unasked_reading": 0.0,
        "patient.behaviour.calibrate_with_unasked": 0.0,
        "patient.behaviour.correct_on_unasked_reading": 0.0,
    },
)
