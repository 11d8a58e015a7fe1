"""Keep devices under control: the pump is never out of its owner's sight."""

from testbed.mitigations.metric_groups import ATTACKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="keep-devices-under-control",
    advice="Keep the pump and the devices linked with it within your control at all times.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("link-unattended",),
    moves=ATTACKED,
    keeps="anything that needs no hand on a device: what is heard, sent or asked over the air",
    shares={"patient.behaviour.keeps_devices_in_sight": 1.0},
)
