"""Review of links: the pump has its list looked through, and what nobody knows is removed."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="review-links",
    advice="Remind the person every twelve hours to look through the linked devices and "
    "remove unknown ones.",
    bearer="maker",
    source="no published source; a design option",
    against=("take-part", "stand-between", "link-unattended", "request-link", "prompt-flooding"),
    moves=("unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="an attacker that speaks in the name of a device of the person's own",
    price=CHECKED,
    changes={"pump.review_links_every": "12h"},
)
