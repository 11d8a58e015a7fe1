"""What determines a run's result, as a hash: the same key, the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import entry_points
from typing import Any, Final

import msgspec

from testbed.mitigations import Arm
from testbed.outcomes import METRICS
from testbed.scenario.model import Scenario

RESULT_VERSION: Final = 3
"""Raised by whoever changes what runs come to, so that no store mixes old numbers and new.

``tests/fingerprints.py`` compares traces and metrics with those of the version before, and
accepts others only with a higher number here.
"""

_FOR_PEOPLE: Final = frozenset({"title", "about", "sources", "expect", "study", "severity"})
_ENTRY_POINTS: Final = "testbed."


def resolved(scenario: Scenario, sections: set[str] | None = None) -> dict[str, Any]:
    """Return every setting that a run of a scenario may consult, defaults filled in.

    Times are in microseconds.  Left out are what is there for people, and the plan of the
    study but for its seed: which arms and how many replicates there are changes no run.

    Args:
        scenario: The scenario.
        sections: Which sections beside the seed; all if left out.
    """
    # A step of an attack is of its own class, with keys that the annotation does not know.
    values = scenario.model_dump(
        mode="json", serialize_as_any=True, include=sections, exclude=set(_FOR_PEOPLE)
    )
    return {**values, "study": {"seed": scenario.study.seed}}


def settings_of(arm: Arm) -> dict[str, Any]:
    """Return every setting that a run of an arm may consult, with what only some wearers do."""
    values = resolved(arm.base)
    if arm.partly:
        values["partly"] = [
            {"adherence": each.adherence, "settings": resolved(each.mitigation.apply(arm.base))}
            | {"name": each.mitigation.name}
            for each in arm.partly
        ]
    return values


def world_key(arm: Arm) -> str:
    """Return a hash of all that determines a run, but for the number of the replicate.

    Two arms that come to the same settings have one key, and need one run between them.

    Returns:
        SHA-256 in hexadecimal.
    """
    return key_of(settings_of(arm))


def key_of(settings: Mapping[str, Any]) -> str:
    """Return the key of a world whose settings are given, as they are or as JSON."""
    return _digest({"scenario": settings})


def dice_key(scenario: Scenario) -> str:
    """Return a hash of all besides settings that determines a run: the program and the seed.

    Args:
        scenario: The scenario as loaded.
    """
    return _digest({"seed": scenario.study.seed})


def study_key(scenario: Scenario) -> str:
    """Return a hash that stays the same while a study grows by arms and replicates.

    Args:
        scenario: The scenario as loaded.

    Returns:
        SHA-256 in hexadecimal.
    """
    return _digest({"name": scenario.name, "scenario": resolved(scenario)})


def _digest(values: dict[str, Any]) -> str:
    program = {
        "result_version": RESULT_VERSION,
        "metrics": list(METRICS),
        "from_elsewhere": _from_elsewhere(),
    }
    return sha256(msgspec.json.encode({**program, **values}, order="deterministic")).hexdigest()


@cache
def _from_elsewhere() -> tuple[str, ...]:
    """Return what other packages add to this one, with their versions."""
    groups = sorted(group for group in entry_points().groups if group.startswith(_ENTRY_POINTS))
    points = [point for group in groups for point in entry_points(group=group)]
    return tuple(
        sorted(
            f"{point.group} {point.name} {point.value} {point.dist.version if point.dist else ''}"
            for point in points
        )
    )
