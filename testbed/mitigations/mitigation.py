"""What a mitigation is: a patch on a scenario, and what it claims to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from testbed.scenario.model import Scenario


@dataclass(frozen=True, slots=True)
class Mitigation:
    """One precaution.

    The simulator never asks whether a mitigation is on: it only sees the settings.

    Attributes:
        name: The name in scenario files.
        advice: The advice in our own words.
        bearer: Who carries it out.
        source: The public source of the advice.
        moves: Metrics that it should move where its attack is tried.
        keeps: Metrics or paths that it must not move, in words.
        changes: New TOML values by dotted key.
    """

    name: str
    advice: str
    bearer: Literal["wearer", "clinic", "maker"]
    source: str
    moves: tuple[str, ...]
    keeps: str
    changes: Mapping[str, Any]

    def apply(self, scenario: Scenario) -> Scenario:
        """Return the scenario with the precaution taken."""
        return scenario.patched(self.changes)
