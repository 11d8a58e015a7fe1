"""No third-party devices: none of another maker is linked with the pump."""

from testbed.mitigations.metric_groups import ATTACKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="no-third-party-devices",
    advice="Do not connect third-party devices to the pump, or allow them to be connected.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("third-party-device",),
    moves=ATTACKED,
    keeps="whatever comes by way of the maker's own devices",
    price=("no_app_h",),
    shares={"patient.behaviour.uses_third_party_device": 0.0},
)
