"""Remote bolus off: the pump takes no bolus from the air."""

from testbed.mitigations.metric_groups import BOLUSING, LIVED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="remote-bolus-off",
    advice="Turn the pump's remote bolus feature off, even if you have never used it.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("remote-bolus", "replay", "split-doses", "prompt-flooding"),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="readings, suspends and requests on the pump's screen go through as before",
    price=(*LIVED, *BOLUSING),
    changes={"pump.remote_bolus": False},
)
