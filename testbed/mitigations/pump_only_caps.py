"""Caps that only the pump's buttons change: a bolus, two hours, a day, and a bolus over the air."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="pump-only-caps",
    advice="Cap a bolus, one over the air, two hours and a day of them, by settings that "
    "only the pump's own buttons change; refuse and alert beyond.",
    bearer="maker",
    source="compensating controls of CISA ICSMA-16-279-01",
    against=(
        "remote-bolus",
        "replay",
        "split-doses",
        "prompt-flooding",
        "host-software",
        "false-meter-reading",
        "false-cgm-reading",
    ),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="doses within the caps, and that commands are taken at all",
    price=CHECKED,
    changes={"pump.caps.on": True},
)
