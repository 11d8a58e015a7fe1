"""The program as a library: load a scenario, simulate a run, run a study."""

from __future__ import annotations

import os

from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.report.explained import Run
from testbed.report.progress import NotebookProgress
from testbed.scenario import Scenario, load_scenario
from testbed.study import Study, open_study, run_study


def load(path: str | os.PathLike[str]) -> Scenario:
    """Return the scenario of a TOML file, checked.

    Raises:
        ScenarioError: With every problem of the file, each with line and key.
    """
    return load_scenario(path, MITIGATIONS, METRICS)


def simulate(
    scenario: Scenario, arm: str | None = None, replicate: int = 0, attack: bool = True
) -> Run:
    """Return one run, with ``.trace``, ``.glucose``, ``.outcome`` and ``.explain()``.

    Args:
        scenario: What :func:`load` returned.
        arm: Name of one of its arms; the baseline if left out.
        replicate: Which person and which dice, from 0.
        attack: Whether the attacker is there; without it the run is the twin.

    Raises:
        UnknownArmError: If the scenario has no such arm.
        ValueError: If ``replicate`` is negative.
    """
    return Run(scenario, arm or scenario.study.baseline, replicate, attack)


__all__ = [
    "NotebookProgress",
    "Run",
    "Scenario",
    "Study",
    "load",
    "open_study",
    "run_study",
    "simulate",
]
