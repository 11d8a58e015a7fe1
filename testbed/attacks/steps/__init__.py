"""The steps of attacks, one module each.

A step elsewhere joins by an entry point in the group ``testbed.attacks`` that names a
function returning a subclass of :class:`~testbed.attacks.step.Step`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.attacks.step import Step
from testbed.attacks.steps.false_cgm_reading import FalseCgmReading
from testbed.attacks.steps.false_meter_reading import FalseMeterReading
from testbed.attacks.steps.halt_delivery import HaltDelivery
from testbed.attacks.steps.host_software import HostSoftware
from testbed.attacks.steps.jam import Jam
from testbed.attacks.steps.known_serial import KnownSerial
from testbed.attacks.steps.learn_code import LearnCode
from testbed.attacks.steps.link_unattended import LinkUnattended
from testbed.attacks.steps.overhear_command import OverhearCommand
from testbed.attacks.steps.overhear_pairing import OverhearPairing
from testbed.attacks.steps.prompt_flooding import PromptFlooding
from testbed.attacks.steps.remote_bolus import RemoteBolus
from testbed.attacks.steps.replay import Replay
from testbed.attacks.steps.request_link import RequestLink
from testbed.attacks.steps.see_code import SeeCode
from testbed.attacks.steps.split_doses import SplitDoses
from testbed.attacks.steps.stand_between import StandBetween
from testbed.attacks.steps.take_part import TakePart
from testbed.attacks.steps.third_party_device import ThirdPartyDevice
from testbed.registry import registry


def step_name(step: type[Step]) -> str:
    """Return the name by which scenario files call a step."""
    return str(step.model_fields["do"].default)


STEPS: Final[Mapping[str, type[Step]]] = registry(
    "testbed.attacks",
    (
        OverhearPairing,
        OverhearCommand,
        SeeCode,
        LearnCode,
        TakePart,
        StandBetween,
        LinkUnattended,
        RequestLink,
        PromptFlooding,
        KnownSerial,
        ThirdPartyDevice,
        RemoteBolus,
        SplitDoses,
        HaltDelivery,
        FalseMeterReading,
        FalseCgmReading,
        Replay,
        Jam,
        HostSoftware,
    ),
    key=step_name,
)
"""Every step by its name."""
