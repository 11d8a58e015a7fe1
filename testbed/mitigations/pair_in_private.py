"""Pair in private: link devices only where strangers do not come."""

from testbed.mitigations.metric_groups import BOLUSING, LIVED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="pair-in-private",
    advice="Link devices with the pump only in a place that is not public.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("overhear-pairing", "take-part", "stand-between", "see-code", "learn-code"),
    moves=("unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="anything that happens after a linking that was heard",
    price=(*LIVED, *BOLUSING, "unlinked_h", "no_reading_h"),
    shares={"patient.behaviour.pair_in_private": 1.0},
)
