"""No unauthorised software: nothing else runs on the computer that the USB link is in."""

from testbed.mitigations.metric_groups import GLUCOSE
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="no-unauthorised-software",
    advice="Do not use software that the maker has not authorised as safe for use with the pump.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("host-software",),
    moves=("extra_U", *GLUCOSE),
    keeps="whatever comes over the air",
    shares={"patient.behaviour.runs_unauthorised_software": 0.0},
)
