"""Hypoglycaemic events against the consensus definition and an independent package."""

from __future__ import annotations

import warnings

import iglu_python  # type: ignore[import-untyped,unused-ignore]
import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from testbed.outcomes import METRICS
from testbed.outcomes.events import hypoglycaemic_events, longest_below, runs
from testbed.outcomes.facts import Facts
from testbed.physiology import PATIENT_NAMES, patient, simulate
from tests.outcomes.conftest import Script

Series = NDArray[np.float64]

STRETCHES = st.lists(
    st.tuples(st.sampled_from([40.0, 53.9, 54.0, 60.0, 69.9, 70.0, 90.0]), st.integers(1, 40)),
    min_size=1,
    max_size=25,
)
deterministic = settings(derandomize=True, deadline=None, max_examples=60)


def series(*stretches: tuple[float, int]) -> Series:
    """Return glucose that holds each value for so many minutes."""
    return np.concatenate([np.full(minutes, mgdl) for mgdl, minutes in stretches])


def plainly(mgdl: Series, threshold: float) -> int:
    """Count events by walking through the minutes: the definition, word by word."""
    events, inside, low, fine = 0, False, 0, 0
    for value in mgdl:
        low = low + 1 if value < threshold else 0
        fine = fine + 1 if value >= 70 else 0
        if not inside and low == 15:
            inside, events = True, events + 1
        elif inside and fine == 15:
            inside = False
    return events


def by_iglu(mgdl: Series) -> dict[str, int]:
    """Return the number of hypoglycaemic events by level as iglu counts them."""
    times = pd.date_range("2020-01-01", periods=len(mgdl), freq="1min")
    frame = pd.DataFrame({"id": "one", "time": times, "gl": mgdl})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The grid as in the data: no interpolation, which would smooth the thresholds away.
        found = iglu_python.episode_calculation(frame, dt0=1)
    low = found[found["type"] == "hypo"]
    return {level: int(low[low["level"] == level]["total_episodes"].iloc[0]) for level in low.level}


@pytest.mark.parametrize(
    ("mgdl", "level_1", "level_2"),
    [
        (series((100, 60)), 0, 0),
        (series((100, 20), (65, 14), (100, 20)), 0, 0),
        (series((100, 20), (65, 15), (100, 20)), 1, 0),
        (series((100, 20), (65, 10), (50, 15), (65, 10), (100, 20)), 1, 1),
        # 14 minutes at 70 or above end nothing; 15 do.
        (series((100, 20), (65, 20), (100, 14), (65, 20), (100, 20)), 1, 0),
        (series((100, 20), (65, 20), (100, 15), (65, 20), (100, 20)), 2, 0),
        # Between 54 and 70 a level 2 event goes on.
        (series((100, 20), (50, 20), (60, 30), (50, 20), (100, 20)), 1, 1),
        (series((100, 20), (50, 20), (70, 15), (50, 20), (100, 20)), 2, 2),
        # 54 and 70 are not below themselves.
        (series((54, 60)), 1, 0),
        (series((70, 60)), 0, 0),
        # From the first minute to the last.
        (series((50, 60)), 1, 1),
        (series((50, 14)), 0, 0),
    ],
)
def test_events_are_those_of_the_consensus(mgdl: Series, level_1: int, level_2: int) -> None:
    """15 min below the threshold begin an event and 15 min at 70 mg/dL or above end it."""
    assert hypoglycaemic_events(mgdl, 70) == level_1
    assert hypoglycaemic_events(mgdl, 54) == level_2


@deterministic
@given(STRETCHES)
def test_events_are_counted_as_by_hand(stretches: list[tuple[float, int]]) -> None:
    """The count is that of a walk through the minutes, and level 2 is within level 1."""
    mgdl = series(*stretches)
    assert hypoglycaemic_events(mgdl, 70) == plainly(mgdl, 70)
    assert hypoglycaemic_events(mgdl, 54) == plainly(mgdl, 54)
    assert hypoglycaemic_events(mgdl, 54) <= hypoglycaemic_events(mgdl, 70)


def _compare(mgdl: Series) -> None:
    theirs = by_iglu(mgdl)
    assert hypoglycaemic_events(mgdl, 70) == theirs["lv1"]
    # iglu ends a level 2 event at 54 mg/dL and not at 70, so it may count one as several.
    assert (hypoglycaemic_events(mgdl, 54) > 0) == (theirs["lv2"] > 0)
    assert hypoglycaemic_events(mgdl, 54) <= theirs["lv2"]


@settings(derandomize=True, deadline=None, max_examples=25)
@given(STRETCHES)
def test_events_of_random_series_agree_with_iglu(stretches: list[tuple[float, int]]) -> None:
    """Level 1 events are iglu's; level 2 events are iglu's or fewer, by their end."""
    _compare(series((100.0, 30), *stretches, (100.0, 1440 - 30)))


@pytest.mark.parametrize("name", PATIENT_NAMES[::15])
@pytest.mark.parametrize("dose_U", [1.0, 3.0, 9.0])
def test_events_of_simulated_days_agree_with_iglu(name: str, dose_U: float) -> None:
    """So they are on days in which a virtual patient gets insulin that nobody needs, twice."""
    insulin = np.full(1440, patient(name).basal_U_per_min)
    insulin[[300, 900]] += dose_U
    _compare(simulate(name, np.zeros(1440), insulin)[:-1])


@deterministic
@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10))
def test_runs_are_the_long_stretches(mask: list[bool], least: int) -> None:
    """A run is a stretch of true values that is as long as asked for, with its ends."""
    begins, ends = runs(np.array(mask, dtype=bool), least)
    text = "".join("x" if each else "." for each in mask)
    for begin, end in zip(begins, ends, strict=True):
        assert text[begin:end] == "x" * (end - begin)
        assert end - begin >= least
        assert not text[:begin].endswith("x")
        assert not text[end:].startswith("x")
    assert len(begins) == sum(len(each) >= least for each in text.split("."))


@pytest.mark.parametrize(
    ("minutes", "mgdl", "expected"), [(14, 39.9, 0.0), (15, 39.9, 1.0), (40, 40.0, 0.0)]
)
def test_the_proxy_for_level_3_is_a_stretch_below_40(
    script: Script, minutes: int, mgdl: float, expected: float
) -> None:
    """The proxy is 1 from 15 consecutive minutes below 40 mg/dL on, and says what it is."""
    values = np.full(61, 120.0)
    values[5 : 5 + minutes] = mgdl
    values[50:55] = 30.0  # minutes that are not consecutive with the others do not count
    run = Facts(script.trace(values))
    assert METRICS["hypo_3_proxy"].of(run, run) == expected
    assert "PROXY" in METRICS["hypo_3_proxy"].definition
    assert "no published rule" in METRICS["hypo_3_proxy"].source


def test_longest_stretch_of_nothing_is_0() -> None:
    """Where glucose is never below, the longest stretch is 0 minutes."""
    assert longest_below(np.full(10, 40.0), 40) == 0
