"""How many runs a full factorial takes where runs that cannot differ are not done.

Usage: ``python benchmarks/factorial.py [SCENARIO] [--replicates N] [--workers W] [--factors F]``.

The factors are all registered mitigations; if they are fewer than F, settings of the scenario are
added that two levels are made of, so that there are 2 to the F arms.  Prints one JSON object:
arms, simulations done and saved, seconds of planning and of everything, and an estimate of the
seconds that all simulations would take one after the other (a tenth of a minute of them is timed).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from testbed.api import load, run_study
from testbed.mitigations import MITIGATIONS
from testbed.scenario import Scenario
from testbed.study.arms import Arms
from testbed.study.sharing import each_by_itself
from testbed.study.store import Store

CAFE = Path(__file__).parents[1] / "scenarios" / "cafe_pairing.toml"
SETTINGS = {
    "pump.confirm_remote_bolus": [False, True],
    "pump.remote_suspend": [True, False],
    "pump.remote_temp_basal": [True, False],
    "pump.remote_settings": [True, False],
    "pump.alert_vibrations": [1, 0],
    "pump.quick_bolus_U_per_min": [15.0, 10.0],
    "pump.temp_basal_at_most": ["24h", "1h"],
    "patient.behaviour.accept_mismatch": [0.05, 0.0],
    "patient.behaviour.accept_unexpected_prompt": [0.05, 0.005],
    "patient.behaviour.calibrate_with_unasked": [0.05, 0.0],
    "patient.behaviour.undo_unexpected_command": [0.0, 1.0],
    "patient.behaviour.report_after_h": [24.0, 1.0],
    "meter.tries": [4, 8],
    "radio.protection_dB": [3.0, 6.0],
}
TIMED_S = 6.0


def factorial(scenario: Scenario, factors: int, replicates: int) -> Scenario:
    """Return the scenario with a full factorial in place of its arms."""
    names = list(MITIGATIONS)[:factors]
    settings = dict(list(SETTINGS.items())[: factors - len(names)])
    return scenario.patched(
        {
            "study.arms": {"as-shipped": []},
            "study.factors": {"mitigations": names, "settings": settings},
            "study.replicates": replicates,
            "expect": [],
        }
    )


def seconds_a_run(arms: Arms) -> float:
    """Return how long a run and its twin take, measured over some arms and replicates."""
    list(each_by_itself(arms, 0, [0]))  # compiles
    began, runs = time.perf_counter(), 0
    while time.perf_counter() - began < TIMED_S:
        list(each_by_itself(arms, runs % 20, [runs % len(arms.names)]))
        runs += 1
    return (time.perf_counter() - began) / runs


def main() -> None:
    """Run the factorial and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("scenario", nargs="?", default=str(CAFE))
    parser.add_argument("--replicates", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--factors", type=int, default=14)
    given = parser.parse_args()
    scenario = factorial(load(given.scenario), given.factors, given.replicates)
    began = time.perf_counter()
    arms = Arms(scenario)
    planned = time.perf_counter() - began
    each = seconds_a_run(arms)
    with Store() as store:
        began = time.perf_counter()
        study = run_study(scenario, workers=given.workers, store=store)
        ran = time.perf_counter() - began
        done = store.simulated(given.replicates)
    began = time.perf_counter()
    shown = len(study.distinct)
    study.as_json()
    told = time.perf_counter() - began
    total = len(arms.names) * given.replicates
    print(
        json.dumps(
            {
                "scenario": scenario.name,
                "arms": len(arms.names),
                "replicates": given.replicates,
                "arms_that_came_out_differently": shown,
                "runs_done": done,
                "runs_saved": total - done,
                "seconds_to_plan": round(planned, 2),
                "seconds_of_study": round(ran, 2),
                "seconds_of_tables": round(told, 2),
                "seconds_a_run": round(each, 4),
                "hours_if_all_were_run": round(total * each / 3600, 2),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
