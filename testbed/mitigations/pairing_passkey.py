"""Pairing by passkey: a linking that is overheard tells nobody the key."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="pairing-passkey",
    advice="Link devices by a code of six digits that the pump shows and a person types.",
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
    keeps="what is said on a link that an attacker has by other means; a code that is seen "
    "or typed again",
    price=("unlinked_h", *CHECKED),
    changes={"link.pairing": "passkey"},
)
