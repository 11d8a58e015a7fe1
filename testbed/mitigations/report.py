"""Report: tell the maker of anything suspicious, which helps others, and later."""

from testbed.mitigations.metric_groups import ATTACKED, GLUCOSE
from testbed.mitigations.mitigation import ANY, Mitigation

MITIGATION = Mitigation(
    name="report",
    advice="Report an unexpected bolus, or a change of settings or delivery, to the maker and to "
    "MedWatch.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=(ANY,),
    moves=(),
    keeps="everything about the wearer who reports; what it does for others is a result of its own",
    unmoved=(
        *ATTACKED,
        "remote_origin_U",
        "time_to_notice_min",
        *GLUCOSE,
        "miscued_U",
        "missed_U",
        "stage_delivered",
        "time_to_detect_min",
    ),
    shares={"patient.behaviour.reports": 1.0},
)
