"""Attend to alerts: notice them as soon, and as surely, as published answers come to."""

from testbed.mitigations.metric_groups import GLUCOSE, LIVED
from testbed.mitigations.mitigation import ANY, Mitigation

MITIGATION = Mitigation(
    name="attend-to-alerts",
    advice="Be attentive to the pump's notifications, alarms and alerts.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=(ANY,),
    moves=("time_to_notice_min", "unauthorised_U", "extra_U", *GLUCOSE),
    keeps="whether a command is accepted, and what is done about an alert that was noticed",
    price=LIVED,
    # The ends of the rows' ranges, so that nobody becomes less attentive by it.
    shares={
        "patient.behaviour.answered_fast": 0.95,
        "patient.behaviour.never_answered": 0.0,
        "patient.behaviour.wakes_to_alert": 0.55,
        "patient.behaviour.feels_vibration_awake": 1.0,
        "patient.behaviour.feels_vibration_asleep": 1.0,
    },
)
