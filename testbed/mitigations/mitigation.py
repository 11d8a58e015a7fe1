"""What a mitigation is: a patch on a scenario, and what it claims to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from testbed.markup import html_table
from testbed.scenario.model import Scenario

ANY: Final = "any"
"""Among the steps that a mitigation is against: whatever the attacker does."""


@dataclass(frozen=True, slots=True)
class Mitigation:
    """One precaution.

    The simulator never asks whether a mitigation is on: it only sees the settings.

    Attributes:
        name: The name in scenario files.
        advice: The advice in our own words.
        bearer: Who carries it out.
        source: The public source of the advice.
        against: Steps of attacks (``testbed list attacks``) that it stops or softens, or
            :data:`ANY`.  An attack without any of them goes exactly as without it on a day that
            it does not change by itself; on any other exactly as much is delivered, unless
            devices are linked later.  ``docs/numbers.md`` says what may move then.
        moves: Metrics that it should move where its attack is tried.
        keeps: Metrics or paths that it must not move, in words.
        unmoved: Metrics that it must not move in any scenario, exactly.
        price: Metrics in which it may cost something when nobody attacks; no other moves then.
        changes: New TOML values by dotted key, for whoever takes the precaution.
        shares: By dotted key of a share, such as how often prompts are confirmed unread, what
            it is for somebody who takes the precaution every time.
    """

    name: str
    advice: str
    bearer: Literal["wearer", "clinic", "maker"]
    source: str
    against: tuple[str, ...]
    moves: tuple[str, ...]
    keeps: str
    unmoved: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        """Return what it is as an HTML table, for notebooks."""
        changes = {**self.changes, **self.shares}
        rows = [
            ("advice", self.advice),
            ("who carries it out", self.bearer),
            ("against", ", ".join(self.against) or "nothing"),
            ("moves", ", ".join(self.moves) or "nothing"),
            ("keeps", self.keeps),
            ("may cost in", ", ".join(self.price) or "nothing"),
            ("changes", "\n".join(f"{key} = {value}" for key, value in changes.items())),
            ("source", self.source),
        ]
        return html_table(self.name, rows)

    @property
    def touches(self) -> frozenset[str]:
        """The dotted keys of the settings that it changes."""
        return frozenset((*self.changes, *self.shares))

    def is_against(self, steps: frozenset[str]) -> bool:
        """Return whether an attack of some steps can be changed by it at all."""
        return bool(steps) and (ANY in self.against or not steps.isdisjoint(self.against))

    def apply(self, scenario: Scenario, adherence: float = 1.0) -> Scenario:
        """Return the scenario of somebody who takes the precaution.

        Args:
            scenario: Without it.
            adherence: How often it is taken, from 0 to 1: shares move so far towards what
                they are for somebody who always takes it.  What is not a share is changed or
                not, and so is left alone where the adherence is 0.
        """
        if not adherence:
            return scenario
        mixed = {key: _mixed(scenario, key, to, adherence) for key, to in self.shares.items()}
        return scenario.patched({**self.changes, **mixed})


def _mixed(scenario: Scenario, dotted: str, to: float, adherence: float) -> float:
    """Return a share of the scenario, moved towards ``to``."""
    if adherence == 1.0:
        return to
    value: float = scenario.setting(dotted)
    return value + adherence * (to - value)
