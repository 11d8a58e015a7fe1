"""A study and a pair of traces made by hand, as a real one might look."""

from __future__ import annotations

import math

import numpy as np
import pytest
from testbed.outcomes import METRICS
from testbed.study.results import Study
from testbed.study.row import Row
from testbed.trace import (
    Acted,
    Alerted,
    Attacked,
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    Event,
    FrameSent,
    Noticed,
    Recorder,
    RunStarted,
    Trace,
)
from testbed.units import US_PER_MIN, to_nanounits

ARMS = ("as-shipped", "remote-bolus-off", "pair-in-private", "heed-alerts", "all-advice")
MINUTES = 1440


def _values(rng: np.random.Generator, attacked: bool, arm: str) -> dict[str, float | None]:
    hit = attacked and arm in ("as-shipped", "heed-alerts") and rng.random() < 0.7
    dose = 0.0 if not hit else 10.0 if arm == "as-shipped" else float(rng.uniform(1, 6))
    noticed = float(rng.uniform(0.5, 12)) if hit and rng.random() < 0.5 else None
    made = {
        "unauthorised_U": dose,
        "remote_origin_U": dose + 4.2,
        "extra_U": dose * 0.95,
        "lowest_mgdl": 88.0 - 5 * dose + float(rng.normal(0, 6)),
        "below_70_min": max(0.0, 30 * dose + float(rng.normal(0, 20))),
        "below_54_min": 17 * dose,
        "above_180_min": 200 + float(rng.normal(0, 40)),
        "above_250_min": max(0.0, float(rng.normal(5, 10))),
        "tir_pct": 80.0 - dose + float(rng.normal(0, 3)),
        "hypo_1_events": float(rng.integers(0, 2)) + float(dose > 0),
        "hypo_2_events": float(dose > 0),
        "hypo_3_proxy": float(dose > 9),
        "lbgi": 0.9 + 0.8 * dose,
        "hbgi": 3.0 + float(rng.normal(0, 0.5)),
        "time_to_notice_min": noticed,
        "unsafe_dose": float(dose > 2),
        "tbr_2_pct": 1.2 * dose,
        "tbr_1_pct": 2.0 * dose,
        "tar_1_pct": 14.0 + float(rng.normal(0, 3)),
        "tar_2_pct": max(0.0, float(rng.normal(0.4, 0.7))),
        "gri": 14.0 + 6.0 * dose,
        "mean_mgdl": 150.0 - 3 * dose,
        "cv_pct": 24.0 + dose,
        "gmi_pct": 6.9 - 0.07 * dose,
        "stage_accepted": float(hit),
        "stage_delivered": float(hit),
        "stage_unnoticed": float(hit and noticed is None),
    }
    assert set(made) <= set(METRICS)
    return {name: made.get(name, 0.0) for name in METRICS}


def a_study() -> Study:
    """Return five arms of sixty replicates over ten patients; ``pair-in-private`` does nothing."""
    rows = []
    for arm in ARMS:
        for replicate in range(60):
            same = "as-shipped" if arm == "pair-in-private" else arm
            rng = np.random.default_rng(replicate)
            attacked = _values(rng, True, same)
            twin = _values(np.random.default_rng(replicate), False, same)
            rows.append(Row(arm, replicate, f"adult#{replicate % 10:03}", attacked, twin))
    return Study(
        title="Linking a meter in a cafe, remote bolus left on",
        scenario="cafe",
        baseline="as-shipped",
        arms=ARMS,
        rows=tuple(rows),
        seed=20220920,
        replicates=60,
    )


@pytest.fixture(scope="session")
def study() -> Study:
    """Five arms of sixty replicates over ten patients; ``pair-in-private`` does nothing."""
    return a_study()


class Day:
    """A day from 06:00 with three meals, and an attacker's bolus in the afternoon or not."""

    def __init__(self, attacked: bool) -> None:
        self.log = Recorder()
        self.insulin = np.zeros(MINUTES, dtype=np.int64)
        self.drop = np.zeros(MINUTES + 1)
        self.log.record(RunStarted(0, -1, "adult#001", 6 * 60 * US_PER_MIN, MINUTES, 10.0, 40.0))
        for meal, units in ((60, 4.0), (390, 6.0), (780, 7.5)):
            act = self._at(Acted(meal * US_PER_MIN, -1, "wearer", "ask-bolus", units))
            if meal == 390:
                act = self._at(FrameSent(meal * US_PER_MIN + 1, act, "meter", b""))
            self._bolus(meal, units, units, act, 0.0)
        if attacked:
            step = self._at(Attacked(450 * US_PER_MIN, -1, "remote-bolus", "in-range", True))
            sent = self._at(FrameSent(450 * US_PER_MIN, step, "attacker", b""))
            bolus = self._bolus(450, 10.0, 6.0, sent, 9.0)
            alert = self._at(Alerted(450 * US_PER_MIN, bolus, "pump", "bolus-started"))
            self._at(Noticed(453 * US_PER_MIN, alert, "wearer", "bolus-started", False))
        for minute in range(MINUTES):
            self.insulin[minute] += 15_000_000
            self._at(BasalDelivered(minute * US_PER_MIN, -1, 15_000_000))

    def _at(self, event: Event) -> int:
        return self.log.record(event)

    def _bolus(
        self, minute: int, asked: float, given_units: float, cause: int, weight: float
    ) -> int:
        start = self._at(BolusStarted(minute * US_PER_MIN, cause, to_nanounits(asked), "remote"))
        length = math.ceil(given_units / 1.5)
        why = "completed" if asked == given_units else "cancelled"
        given = to_nanounits(given_units)
        self._at(BolusEnded((minute + length) * US_PER_MIN, start, given, why))
        self.insulin[minute : minute + length] += given // length
        self.insulin[minute] += given - given // length * length
        t = np.arange(MINUTES + 1) - minute
        self.drop += np.where(t > 0, weight * given_units * (t / 90) * np.exp(1 - t / 90), 0.0)
        return start

    def trace(self) -> Trace:
        """Return the day as a trace."""
        t = np.arange(MINUTES + 1)
        plasma = 130 - self.drop
        for meal, grams in ((60, 45), (390, 70), (780, 80)):
            after = np.maximum(t - meal, 0) / 70
            plasma += 1.3 * grams * after * np.exp(1 - after) - 0.5 * grams * (after > 0) * (
                1 - np.exp(-after / 2)
            ) * np.exp(-after / 6)
        carbs = np.zeros(MINUTES)
        carbs[[60, 390, 780]] = 45, 70, 80
        return Trace(self.log.events(), plasma, self.insulin, carbs)


@pytest.fixture(scope="session")
def attacked() -> Trace:
    """A day on which an attacker's bolus is cancelled part way."""
    return Day(attacked=True).trace()


@pytest.fixture(scope="session")
def twin() -> Trace:
    """The same day without an attacker."""
    return Day(attacked=False).trace()
