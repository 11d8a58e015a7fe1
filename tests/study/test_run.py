"""One run and its twin, looked at when asked for."""

from __future__ import annotations

import numpy as np
import pytest
from testbed.api import simulate
from testbed.outcomes import METRICS, measure
from testbed.scenario import Scenario
from testbed.study.context import context_of
from testbed.study.run import Run, UnknownArmError
from testbed.trace import Attacked

SCENARIO = Scenario.from_written(
    {
        "title": "A short story",
        "time": {"start": "11:50", "duration": "2h"},
        "meal": [{"at": "12:30", "carbs_g": 60}],
        "stay": [{"from": "11:55", "place": "cafe"}],
        "pairing": [{"device": "meter", "at": "12:00"}],
        "patient": {"cohort": ["adult#001", "child#002"]},
        "radio": {"shadowing_sd_dB": 0.0},
        "attacker": {
            "place": "cafe",
            "step": [
                {"do": "overhear-pairing"},
                {"do": "remote-bolus", "after": "50min", "units": 3.0},
            ],
        },
        "study": {
            "seed": 3,
            "arms": {"as-shipped": [], "remote-bolus-off": ["remote-bolus-off"]},
        },
    },
    "short",
)


def test_outcome_is_the_run_measured_against_its_twin() -> None:
    """The outcome has every metric, from the attacked trace and the trace of the twin."""
    run = Run(SCENARIO, "as-shipped", 0)
    assert list(run.outcome) == list(METRICS)
    assert run.outcome == measure(run.trace, run.twin.trace, context_of(SCENARIO))
    assert run.outcome["unauthorised_U"] == 3.0


def test_the_twin_is_the_run_without_the_attacker() -> None:
    """The twin shares scenario, arm and replicate, has no attacker, and is its own twin."""
    run = Run(SCENARIO, "as-shipped", 1)
    twin = run.twin
    assert (twin.scenario, twin.arm, twin.replicate) == (SCENARIO, "as-shipped", 1)
    assert not twin.attack
    assert twin.twin is twin
    assert any(isinstance(event, Attacked) for event in run.trace)
    assert not any(isinstance(event, Attacked) for event in twin.trace)
    assert twin.outcome["unauthorised_U"] == twin.outcome["extra_U"] == 0


def test_a_run_has_the_mitigations_of_its_arm() -> None:
    """The run of an arm is of the patched scenario, and the scenario stays as loaded."""
    before = SCENARIO.written
    run = Run(SCENARIO, "remote-bolus-off", 0)
    assert run.outcome["remote_origin_U"] == 0
    assert run.scenario is SCENARIO
    assert SCENARIO.written == before


def test_a_run_is_simulated_once() -> None:
    """Trace, twin and outcome are the same objects however often they are looked at."""
    run = Run(SCENARIO, "as-shipped", 0)
    assert run.trace is run.trace
    assert run.twin is run.twin
    assert run.outcome is run.outcome
    assert np.shares_memory(run.glucose, run.trace.plasma_mgdl)


def test_the_patient_is_known_without_a_run() -> None:
    """Replicates go round the cohort."""
    patients = [Run(SCENARIO, "as-shipped", replicate).patient for replicate in range(4)]
    assert patients == ["adult#001", "child#002"] * 2


def test_an_unknown_arm_is_refused_with_the_known_ones() -> None:
    """A name that is no arm raises UnknownArmError, a KeyError that lists the arms."""
    with pytest.raises(UnknownArmError) as raised:
        Run(SCENARIO, "as-shiped", 0)
    assert isinstance(raised.value, KeyError)
    assert raised.value.arm == "as-shiped"
    assert str(raised.value) == (
        "no arm 'as-shiped'; the scenario has as-shipped, remote-bolus-off"
    )


def test_a_negative_replicate_is_refused() -> None:
    """A replicate below 0 raises ValueError with the number."""
    with pytest.raises(ValueError, match="expected 0 or more, found -1"):
        Run(SCENARIO, "as-shipped", -1)


def test_simulate_takes_the_baseline_by_default() -> None:
    """Without an arm the library runs the baseline, replicate 0, with the attacker."""
    run = simulate(SCENARIO)
    assert (run.arm, run.replicate, run.attack) == ("as-shipped", 0, True)
    assert repr(run) == "Run('short', 'as-shipped', replicate=0)"
    assert repr(simulate(SCENARIO, attack=False)).endswith("attack=False)")
