"""Monitor glucose closely: after something suspicious measure for hours, and treat what shows."""

from testbed.mitigations.metric_groups import GLUCOSE, LIVED
from testbed.mitigations.mitigation import ANY, Mitigation

MITIGATION = Mitigation(
    name="monitor-glucose-closely",
    advice="When a bolus was not yours, monitor your glucose closely.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=(ANY,),
    moves=("extra_U", *GLUCOSE),
    keeps="what the attacker's commands deliver, and how soon they are noticed",
    unmoved=("time_to_notice_min",),
    price=(*LIVED, "finger_sticks"),
    shares={
        "patient.behaviour.stick_after_suspicion": 1.0,
        "patient.behaviour.correct_after_suspicion": 1.0,
    },
)
