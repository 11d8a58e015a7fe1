"""Predicted-low refusal: a bolus over the air by which glucose would come out low is refused."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="predicted-low-refusal",
    advice="Refuse a bolus over the air that would take glucose below 70 mg/dL even if a "
    "large meal went with it.",
    bearer="maker",
    source="no published source; a design option",
    against=("remote-bolus", "replay", "split-doses", "prompt-flooding"),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="doses that a large meal would cover, and an attacker that also sends false sensor"
    " readings",
    price=CHECKED,
    changes={"pump.foresight.refuses_predicted_low": True},
)
