"""Keep serial numbers private: an attacker does not know whom to address beforehand."""

from testbed.mitigations.metric_groups import ATTACKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="keep-serial-private",
    advice="Do not share the serial numbers of the pump and its devices with anyone but your care "
    "provider, distributors and the maker.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("known-serial",),
    moves=ATTACKED,
    keeps="attackers who hear the devices' addresses on the air, which are as good",
    shares={"patient.behaviour.shares_serials": 0.0},
)
