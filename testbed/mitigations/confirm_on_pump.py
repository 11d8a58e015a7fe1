"""Confirmation on the pump: no command over the air without a yes, and no flood of questions."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="confirm-on-pump",
    advice="Have every command over the air confirmed on the pump, by a question of its own "
    "look that shows the dose; limit how often it asks, and stop asking after refusals.",
    bearer="maker",
    source="FDA, Cybersecurity in Medical Devices (premarket guidance of 2026); for "
    "limits no published source; a design option",
    against=(
        "remote-bolus",
        "replay",
        "split-doses",
        "prompt-flooding",
        "request-link",
        # Whoever says hello to a pump that takes requests has it show one.
        "take-part",
        "stand-between",
        "learn-code",
        "link-unattended",
        "halt-delivery",
        "host-software",
    ),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="a person who confirms whatever is asked",
    price=CHECKED,
    changes={
        "pump.confirm_remote_bolus": True,
        "pump.confirm_remote_commands": True,
        "pump.prompts.limited": True,
        "pump.prompts.look_alike": 0.8,
    },
)
