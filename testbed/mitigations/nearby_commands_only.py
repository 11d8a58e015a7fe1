"""Nearby commands only: a command over the air has to arrive as strongly as from the body."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="nearby-commands-only",
    advice="Take commands over the air only where they arrive as strongly as from a device "
    "on the body.",
    bearer="maker",
    source="Li, Raghunathan and Jha, Hijacking an insulin pump, HEALTHCOM 2011, on body-"
    "coupled communication",
    against=(
        "remote-bolus",
        "replay",
        "split-doses",
        "prompt-flooding",
        "halt-delivery",
        "host-software",
    ),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="an attacker near enough, or with an antenna good enough",
    price=CHECKED,
    changes={"pump.nearness.on": True},
)
