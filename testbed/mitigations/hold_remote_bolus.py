"""Holding a remote bolus: it waits and alerts, so that it can be cancelled unstarted."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="hold-remote-bolus",
    advice="Let a bolus over the air wait for a minute and a half before it starts, with an "
    "alert, so that it can be cancelled.",
    bearer="maker",
    source="compensating controls of CISA ICSMA-16-279-01, on vibrating at a remote bolus so"
    " that it can be cancelled; for the wait no published source; a design option",
    against=("remote-bolus", "replay", "split-doses", "prompt-flooding"),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="a bolus that nobody notices, or cancels, in that time",
    price=CHECKED,
    changes={"pump.hold_remote_bolus_for": "90s"},
)
