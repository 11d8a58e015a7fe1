"""Key rotation: a key that was learned once is soon of no use."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="rotate-keys",
    advice="Agree on a new key with every linked device each hour, by a fresh exchange.",
    bearer="maker",
    source="no published source; a design option",
    against=(
        "overhear-pairing",
        "stand-between",
        "take-part",
        "link-unattended",
        "request-link",
        "prompt-flooding",
        "third-party-device",
        "replay",
        "halt-delivery",
        "host-software",
    ),
    moves=("unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="an attacker that takes part in the exchange, or acts before it",
    price=CHECKED,
    changes={"link.rotate_keys_every": "1h"},
)
