"""Disconnect the USB link: the stick is in the computer only for a download."""

from testbed.mitigations.metric_groups import GLUCOSE, LIVED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="disconnect-usb",
    advice="Disconnect the USB device from the computer when you are not downloading pump data.",
    bearer="wearer",
    source="FDA safety communication, 2022-09-20; CISA ICSMA-22-263-01",
    against=("host-software",),
    moves=("extra_U", *GLUCOSE),
    keeps="whatever comes over the air; software that runs while a download is under way",
    price=LIVED,
    shares={"patient.behaviour.unplugs_after_download": 1.0},
)
