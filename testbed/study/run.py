"""One run: an arm, a replicate, with or without the attacker, and what came of it."""

from __future__ import annotations

from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from testbed.markup import html_table
from testbed.mitigations import apply_arm, arms_of
from testbed.outcomes import METRICS, Metric, measure
from testbed.scenario.model import Scenario
from testbed.study.context import context_of
from testbed.study.estimate import number_text
from testbed.trace import Trace
from testbed.world import live, patient_of


class UnknownArmError(KeyError):
    """A scenario has no arm of that name."""

    def __init__(self, arm: str, arms: tuple[str, ...]) -> None:
        super().__init__(arm)
        self.arm = arm
        self.arms = arms

    def __str__(self) -> str:
        return f"no arm {self.arm!r}; the scenario has {', '.join(self.arms)}"


class Run:
    """One replicate of one arm, simulated when it is first looked at.

    Args:
        scenario: The scenario, as loaded.
        arm: Name of one of its arms.
        replicate: Which person and which dice, from 0.
        attack: Whether the attacker is there; without it the run is the twin.

    Raises:
        UnknownArmError: If the scenario has no such arm.
        ValueError: If ``replicate`` is negative.
    """

    def __init__(self, scenario: Scenario, arm: str, replicate: int, attack: bool = True) -> None:
        arms = arms_of(scenario.study)
        if arm not in arms:
            raise UnknownArmError(arm, tuple(arms))
        if replicate < 0:
            raise ValueError(f"replicate: expected 0 or more, found {replicate}")
        self.scenario = scenario
        self.arm = arm
        self.replicate = replicate
        self.attack = attack

    @cached_property
    def _patched(self) -> Scenario:
        return apply_arm(self.scenario, self.arm, self.replicate)

    @property
    def patient(self) -> str:
        """Name of the virtual patient who lives this replicate."""
        return patient_of(self.scenario, self.replicate).name

    @cached_property
    def trace(self) -> Trace:
        """Everything that happened."""
        return live(self._patched, self.replicate, attack=self.attack)

    @cached_property
    def twin(self) -> Self:
        """The same run without the attacker; a run without one is its own twin."""
        return type(self)(self.scenario, self.arm, self.replicate, False) if self.attack else self

    @property
    def glucose(self) -> NDArray[np.float64]:
        """Plasma glucose at every minute, shape (minutes + 1,), mg/dL."""
        return self.trace.plasma_mgdl

    @cached_property
    def outcome(self) -> dict[str, float | None]:
        """Every metric of this run against its twin, by name."""
        return measure(self.trace, self.twin.trace, context_of(self._patched))

    def _repr_html_(self) -> str:
        """Return the run's usual metrics beside its twin's as an HTML table, for notebooks.

        A run that has not been simulated yet is, and so is its twin.
        """
        before = self.twin.outcome
        rows = [
            (
                f"{name} ({METRICS[name].unit})",
                *(_shown(METRICS[name], v) for v in (value, before[name])),
            )
            for name, value in self.outcome.items()
            if not METRICS[name].on_request
        ]
        who = f"replicate {self.replicate} of {self.arm} ({self.patient})"
        heads = ("metric", "attacked" if self.attack else "not attacked", "its twin")
        return html_table(f"{self.scenario.title}: {who}", rows, heads)

    def __repr__(self) -> str:
        twin = "" if self.attack else ", attack=False"
        return f"Run({self.scenario.name!r}, {self.arm!r}, replicate={self.replicate}{twin})"


def _shown(metric: Metric, value: float | None) -> str:
    return "none" if value is None else number_text(value, metric.decimals)
