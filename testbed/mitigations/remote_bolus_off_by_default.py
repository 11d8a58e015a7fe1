"""Remote bolus off by default: on only for who turns it on, who is then exposed."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="remote-bolus-off-by-default",
    advice="Ship the pump with remote bolus off, so that only those have it who turn it on.",
    bearer="maker",
    source="CISA ICSMA-18-219-02, of remotes that were off by default, beside ICSMA-22-263-01",
    against=("remote-bolus", "replay", "split-doses", "prompt-flooding"),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="those who turn it on",
    price=CHECKED,
    changes={"pump.remote_bolus_as_shipped": False},
)
