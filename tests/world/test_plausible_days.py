"""Days without an attacker look like days of people with a pump, as far as the models go.

Published bands.  Layne et al., Diabetes 2019;68(Suppl 1):1043-P: 8,020 adults with type 1 diabetes
on a pump without automation had 50.2 +/- 17.3 % of time in range, 5.9 +/- 5.0 % below 70 mg/dL,
43.4 +/- 18.7 U a day and 4.7 +/- 2.2 boluses a day.  The consensus asks for more than 70 % and less
than 4 % (Battelino et al., Diabetes Care 2019;42:1593).  A day's insulin is 0.4 to 1.0 U/kg in
adults (ADA Standards of Care, section 9) and up to 1.5 U/kg in puberty (MSD Manual, diabetes
mellitus in children and adolescents).

The bands here are wide, and on one side for a reason: virtual people have settings that fit them,
the same meals every day, no exercise, stress, illness or blocked catheter, so they are in range
more and take fewer boluses; and neither model has counter-regulation or a dawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from testbed.outcomes.lack import dka_index_h
from testbed.physiology import patient
from testbed.scenario import Scenario
from testbed.trace import BolusStarted
from testbed.units import NANOUNITS_PER_UNIT, to_units
from testbed.world import live, patient_of

COHORTS = [
    ("s2008", "adults", (45, 70, 80), 20),
    ("s2008", "adolescents", (45, 70, 80), 20),
    ("s2008", "children", (30, 45, 50), 20),
    ("hovorka", "sampled", (45, 70, 80), 40),
]
TIMES = ("07:30", "12:30", "18:30")
DAYS = 3


def days_of(model: str, cohort: str, grams: tuple[int, ...]) -> Scenario:
    """Return three days at home with three meals each, of a typical person."""
    meals = [{"at": at, "carbs_g": carbs} for at, carbs in zip(TIMES, grams, strict=True)]
    return Scenario.from_written(
        {
            "title": "Days",
            "patient": {"model": model, "cohort": cohort},
            "time": {"duration": f"{24 * DAYS}h"},
            "meal": meals,
            "pump": {"max_bolus_U": 25.0, "max_basal_U_per_h": 10.0},
            "study": {"seed": 5, "arms": {"as-shipped": []}},
        },
        "days",
    )


@pytest.mark.parametrize(("model", "cohort", "grams", "people"), COHORTS)
def test_a_cohorts_days_are_in_published_bands(
    model: str, cohort: str, grams: tuple[int, ...], people: int
) -> None:
    """Means of a cohort lie in the bands, and everybody is a person one may have met.

    In range: from the mean of those 8,020 adults to three of their deviations above it, and for
    each person at least a fifth of the time.  Below 70 mg/dL: mean within two deviations of
    theirs.  Boluses: within one deviation.  Insulin: 0.3 to 1.0 U/kg on average, and of adults
    within one deviation of theirs; each person 0.15 to 1.6 U/kg.
    """
    scenario = days_of(model, cohort, grams)
    in_range, below, boluses, daily, by_weight = [], [], [], [], []
    for replicate in range(people):
        trace = live(scenario, replicate, attack=False)
        glucose = trace.plasma_mgdl
        in_range.append(100 * ((glucose >= 70) & (glucose <= 180)).mean())
        below.append(100 * (glucose < 70).mean())
        boluses.append(sum(1 for _ in trace.of(BolusStarted)) / DAYS)
        daily.append(to_units(int(trace.insulin_nU.sum())) / DAYS)
        by_weight.append(daily[-1] / patient_of(scenario, replicate).weight_kg)
    assert 50.2 <= np.mean(in_range) <= 100.0 * min(1.0, (50.2 + 3 * 17.3) / 100)
    assert min(in_range) >= 20.0
    assert 0.0 < np.mean(below) <= 5.9 + 2 * 5.0
    assert 4.7 - 2.2 <= np.mean(boluses) <= 4.7 + 2.2
    assert 0.3 <= np.mean(by_weight) <= 1.0
    assert 0.15 <= min(by_weight) <= max(by_weight) <= 1.6
    if cohort in ("adults", "sampled"):
        assert 43.4 - 18.7 <= np.mean(daily) <= 43.4 + 18.7


def stopped(model: str, cohort: str) -> Scenario:
    """Return a day without meals on which no insulin flows from the start."""
    return Scenario.from_written(
        {
            "title": "No insulin",
            "patient": {"model": model, "cohort": cohort},
            "pump": {"basal": [{"at": "00:00", "U_per_h": 0.0}]},
            "study": {"arms": {"as-shipped": []}},
        },
        "stopped",
    )


@pytest.mark.parametrize(("model", "cohort", "people"), [(m, c, n // 2) for m, c, _, n in COHORTS])
def test_a_full_stop_runs_the_published_course(model: str, cohort: str, people: int) -> None:
    """Two hours without insulin do little, eight do much, at about the published speed.

    Klonoff et al., J Diabetes Sci Technol 2024 (10.1177/19322968241280386), estimate 37 mg/dL an
    hour once it rises, and 300 mg/dL after 5.8 h; in their strata of 100 simulated adults it took
    4.75 to 9.25 h.  Bounds: the median person rises at most twice and at least half as fast, by
    less than 40 mg/dL in two hours and by more than 100 in eight.
    """
    courses = np.array(
        [live(stopped(model, cohort), r, attack=False).plasma_mgdl for r in range(people)]
    )
    fastest = 60 * np.diff(courses, axis=1).max(axis=1)
    assert 37 / 2 <= np.median(fastest) <= 37 * 2
    assert 0 < np.median(courses[:, 120] - courses[:, 0]) < 40
    assert np.median(courses[:, 480] - courses[:, 0]) > 100
    if model == "hovorka":
        reached = [int(np.argmax(each > 300)) / 60 for each in courses if each.max() > 300]
        assert 4.75 <= np.median(reached) <= 9.25


@pytest.mark.parametrize("hours", [4, 6, 8])
@pytest.mark.parametrize("name", ["adult#001", "child#004", "adolescent#003"])
def test_the_index_of_a_stop_is_its_length(name: str, hours: int) -> None:
    """In a whole run Tidepool's DKA index of a full stop of four hours or more is its length."""
    person = patient(name)
    rate = person.basal_U_per_min * 60
    basal: list[dict[str, Any]] = [
        {"at": "00:00", "U_per_h": rate},
        {"at": "08:00", "U_per_h": 0.0},
        {"at": f"{8 + hours:02}:00", "U_per_h": rate},
    ]
    scenario = stopped("s2008", "all").patched(
        {"patient.cohort": [name], "pump.basal": basal, "pump.max_basal_U_per_h": 10.0}
    )
    trace = live(scenario, 0, attack=False)
    index = dka_index_h(trace.insulin_nU / NANOUNITS_PER_UNIT, person.basal_U_per_min)
    assert index == pytest.approx(hours, abs=0.1)
