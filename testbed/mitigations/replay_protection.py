"""Replay protection: each message is encrypted, authenticated and counts once."""

from testbed.mitigations.metric_groups import BOLUSING, LIVED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="replay-protection",
    advice="Protect each message with authenticated encryption and a counter, so that none "
    "counts twice.",
    bearer="maker",
    source="Li, Raghunathan and Jha, Hijacking an insulin pump, HEALTHCOM 2011, on rolling "
    "codes; CISA ICSMA-16-279-01",
    against=(
        "replay",
        "overhear-command",
        "known-serial",
        "remote-bolus",
        "split-doses",
        "halt-delivery",
        "false-meter-reading",
        "false-cgm-reading",
    ),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="a message of somebody who has the key",
    price=(*LIVED, *BOLUSING),
    changes={"link.channel": "aead-counter"},
)
