"""Pairing by an authenticated key exchange: a linking that is overheard tells nobody the key."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="pairing-pake",
    advice="Link devices by a key exchange that a code shown on the pump authenticates, with"
    " one guess a try.",
    bearer="maker",
    source="FDA, Cybersecurity in Medical Devices (premarket guidance of 2026), on "
    "authenticated key agreement",
    against=(
        "overhear-pairing",
        "take-part",
        "stand-between",
        "see-code",
        "learn-code",
        "link-unattended",
        "request-link",
        "prompt-flooding",
    ),
    moves=("unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="what is said on a link that an attacker has by other means; a code that is seen",
    price=("unlinked_h", *CHECKED),
    changes={"link.pairing": "pake"},
)
