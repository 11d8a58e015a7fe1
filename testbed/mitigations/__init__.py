"""The mitigations, one file each: every one a patch on a scenario.

A mitigation elsewhere joins by an entry point in the group ``testbed.mitigations`` that
names a function returning a :class:`Mitigation`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from testbed.mitigations import cancel_unexpected_bolus, pair_in_private, remote_bolus_off
from testbed.mitigations.mitigation import Mitigation
from testbed.registry import registry
from testbed.scenario.model import ADVICE_GROUP, Scenario

MITIGATIONS: Final[Mapping[str, Mitigation]] = registry(
    "testbed.mitigations",
    (
        remote_bolus_off.MITIGATION,
        pair_in_private.MITIGATION,
        cancel_unexpected_bolus.MITIGATION,
    ),
)
"""Every mitigation by its name."""


def expand(names: Iterable[str]) -> tuple[Mitigation, ...]:
    """Return the mitigations that an arm names, groups expanded, each once.

    Raises:
        KeyError: If a name is unknown.
    """
    found: dict[str, Mitigation] = {}
    for name in names:
        if name == ADVICE_GROUP:
            wearers = (each for each in MITIGATIONS.values() if each.bearer == "wearer")
            found.update((each.name, each) for each in wearers)
        else:
            found[name] = MITIGATIONS[name]
    return tuple(found.values())


def apply_arm(scenario: Scenario, arm: str) -> Scenario:
    """Return the scenario as one of its arms has it.

    Raises:
        KeyError: If the scenario has no such arm.
    """
    for mitigation in expand(scenario.study.arms[arm]):
        scenario = mitigation.apply(scenario)
    return scenario


__all__ = ["MITIGATIONS", "Mitigation", "apply_arm", "expand"]
