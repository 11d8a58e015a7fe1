"""Seek medical help: at symptoms of a severe low, in a deep low, and in a high that stays."""

from testbed.mitigations.metric_groups import GLUCOSE, LIVED
from testbed.mitigations.mitigation import ANY, Mitigation

MITIGATION = Mitigation(
    name="seek-medical-help",
    advice="Get medical help immediately when experiencing symptoms of severe hypoglycemia or of "
    "diabetic ketoacidosis.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=(ANY,),
    moves=GLUCOSE,
    keeps="everything before the low or the high: whether a command is accepted, delivered and "
    "noticed; ketones, which no model here knows",
    unmoved=("time_to_notice_min",),
    price=LIVED,
    shares={
        "patient.behaviour.calls_for_help": 1.0,
        "patient.behaviour.calls_at_symptoms": 1.0,
        "patient.behaviour.calls_at_highs": 1.0,
    },
)
