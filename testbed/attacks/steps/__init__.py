"""The steps of attacks, one module each.

A step elsewhere joins by an entry point in the group ``testbed.attacks`` that names a
function returning a subclass of :class:`~testbed.attacks.step.Step`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.attacks.step import Step
from testbed.attacks.steps.learn_code import LearnCode
from testbed.attacks.steps.link_unattended import LinkUnattended
from testbed.attacks.steps.overhear_command import OverhearCommand
from testbed.attacks.steps.overhear_pairing import OverhearPairing
from testbed.attacks.steps.remote_bolus import RemoteBolus
from testbed.attacks.steps.replay import Replay
from testbed.attacks.steps.see_code import SeeCode
from testbed.attacks.steps.stand_between import StandBetween
from testbed.attacks.steps.take_part import TakePart
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
        RemoteBolus,
        Replay,
    ),
    key=step_name,
)
"""Every step by its name."""
