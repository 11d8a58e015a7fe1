"""Cancel unexpected boluses: stop a bolus that nobody asked for, once it is noticed."""

from testbed.mitigations.metric_groups import LIVED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="cancel-unexpected-bolus",
    advice="Cancel at once any bolus that neither you nor your care partner started.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("remote-bolus", "replay", "split-doses", "prompt-flooding"),
    moves=("unauthorised_U", "extra_U", "excess_iob_U"),
    keeps="whether the command is accepted, and how soon the bolus is noticed",
    unmoved=("time_to_notice_min",),
    price=(*LIVED, "false_cancels"),
    shares={"patient.behaviour.cancel_unexpected_bolus": 1.0},
)
