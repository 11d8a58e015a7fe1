"""A scenario is lived by another model's people as by those of the first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from testbed.api import Run, load, simulate
from testbed.mitigations import apply_arm
from testbed.outcomes import check_conservation
from testbed.physiology import MODELS
from testbed.scenario import Scenario
from testbed.trace import FrameSent, RunStarted
from testbed.world import live

CAFE = Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml"
REPLICATES = range(12)


def cafe(model: str) -> Scenario:
    """Return the story of the cafe, lived by the first cohort of a model."""
    cohort = next(iter(MODELS[model].cohorts))
    return load(CAFE).patched({"patient.model": model, "patient.cohort": cohort})


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """Return some replicates of the story as shipped, lived by Hovorka's people."""
    return [simulate(cafe("hovorka"), "as-shipped", replicate) for replicate in REPLICATES]


def test_each_replicate_is_lived_by_the_next_of_the_cohort(runs: list[Run]) -> None:
    """Replicate r is lived by sampled person r, who brings their own settings."""
    for run, name in zip(runs, MODELS["hovorka"].cohorts["sampled"], strict=False):
        who = MODELS["hovorka"].patient(name)
        _, started = next(run.trace.of(RunStarted))
        assert started.patient == run.patient == name
        assert started.carb_ratio_g_per_U == who.carb_ratio_g_per_U
        assert started.correction_factor_mgdl_per_U == who.correction_factor_mgdl_per_U


def test_a_day_that_nobody_attacks_is_a_plausible_day(runs: list[Run]) -> None:
    """In the twins, plasma glucose is a number in every minute, and median days are in range.

    "In range" is 70 to 180 mg/dL for at least half of the time (Battelino et al., Diabetes Care
    42:1593 (2019), ask for 70 % of people's own days).
    """
    in_range = []
    for run in runs:
        glucose = run.twin.glucose
        assert glucose[0] == pytest.approx(108.096)
        assert np.isfinite(glucose).all()
        assert glucose.min() > 0.0
        assert glucose.max() < 600.0
        in_range.append(((glucose >= 70.0) & (glucose <= 180.0)).mean())
    assert np.median(in_range) > 0.5


def test_the_attackers_insulin_lowers_glucose(runs: list[Run]) -> None:
    """Where a stranger's bolus went in, glucose falls far below that of the twin."""
    harmed = 0
    for run in runs:
        units = run.outcome["unauthorised_U"]
        assert units is not None
        assert run.twin.outcome["unauthorised_U"] == 0.0
        gap = run.twin.glucose - run.glucose
        if units > 5.0:
            harmed += 1
            assert gap.max() > 30.0
            assert run.glucose.min() < run.twin.glucose.min()
    assert harmed >= len(runs) // 2


def test_precautions_do_to_the_units_what_they_do_with_the_first_model() -> None:
    """What the stranger delivers is decided on the air, so it does not depend on the model.

    With the same dice and remote boluses off, or the linking made in private, nothing goes in.
    """
    for arm in ("remote-bolus-off", "pair-in-private"):
        for replicate in range(4):
            run = simulate(cafe("hovorka"), arm, replicate)
            assert run.outcome["unauthorised_U"] == 0.0


def test_insulin_adds_up_and_runs_repeat() -> None:
    """With any model the account by origin is exact, and a run repeats to the byte."""
    scenario = apply_arm(cafe("hovorka"), "cancel-unexpected-bolus")
    trace = live(scenario, 5, attack=True)
    check_conservation(trace)
    assert trace.jsonl() == live(scenario, 5, attack=True).jsonl()


def test_another_model_moves_nobody_elses_dice() -> None:
    """On a morning without bolus, frames go out at the same times whoever's body it is."""
    sent = []
    for model in ("s2008", "hovorka"):
        quiet = cafe(model).patched({"time.duration": "1h"})
        sent.append([event.t for _, event in live(quiet, 0, attack=False).of(FrameSent)])
    assert sent[0] == sent[1]
    assert len(sent[0]) > 10


def test_the_default_model_is_not_another_scenario() -> None:
    """Naming S2008 and its adults gives the very trace that naming nothing gives."""
    written = {key: each for key, each in load(CAFE).written.items() if key != "patient"}
    plain = Scenario.from_written(written, "cafe")
    named = Scenario.from_written(
        {**written, "patient": {"model": "s2008", "cohort": "adults"}}, "cafe"
    )
    assert live(plain, 3, attack=True).jsonl() == live(named, 3, attack=True).jsonl()
