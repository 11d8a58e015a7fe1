"""A limit on insulin on board: a bolus over the air that would exceed it is refused."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="limit-on-board",
    advice="Refuse a bolus over the air that would bring insulin on board above a limit.",
    bearer="maker",
    source="no published source; a design option",
    against=("remote-bolus", "replay", "split-doses", "prompt-flooding"),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="a single dose within the limit while little is on board",
    price=CHECKED,
    changes={"pump.foresight.limits_on_board": True},
)
