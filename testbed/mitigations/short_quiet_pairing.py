"""Short and quiet pairing: a window opened on the pump, brief, and heard only near."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="short-quiet-pairing",
    advice="Open pairing on the pump only, close it within half a minute, and speak softly "
    "meanwhile.",
    bearer="maker",
    source="no published source; a design option",
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
    keeps="a listener near enough, or with an antenna good enough, for what is said softly",
    price=("unlinked_h", *CHECKED),
    changes={"link.pairing_window": "30s", "link.pairing_softer_by_dB": 20.0},
)
