"""Refuse unexpected requests: confirm nothing on the pump that is not of one's own doing."""

from testbed.mitigations.metric_groups import ATTACKED, LIVED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="refuse-unexpected-requests",
    advice="Do not confirm a connection request, or any other remote action, that neither you nor "
    "your care partner started.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=(
        "remote-bolus",
        "replay",
        "split-doses",
        "request-link",
        # Whoever says hello to a pump that takes requests has it show one.
        "take-part",
        "stand-between",
        "learn-code",
        "link-unattended",
        "prompt-flooding",
    ),
    moves=ATTACKED,
    keeps="commands about which the pump asks nothing",
    price=(*LIVED, "own_refused", "bolus_delay_min", "prompts"),
    shares={"patient.behaviour.refuses_unexpected": 1.0},
)
