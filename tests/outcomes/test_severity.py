"""How severe a run is."""

from __future__ import annotations

import pytest
from testbed.outcomes import METRICS
from testbed.outcomes.severity import SEVERITIES, severity_of
from testbed.scenario.judging import SCALES, WORDS

STEPS = {
    "lbgi": {"minor": 2.5, "serious": 5.0, "critical": 10.0},
    "longest_below_40_min": {"catastrophic": 240.0},
}


@pytest.mark.parametrize(
    ("lbgi", "below", "word"),
    [
        (0.0, 0.0, "negligible"),
        (2.49, 239.0, "negligible"),
        (2.5, 0.0, "minor"),
        (9.9, 0.0, "serious"),
        (11.0, 100.0, "critical"),
        (0.0, 240.0, "catastrophic"),
    ],
)
def test_the_most_severe_word_of_any_metric_counts(lbgi: float, below: float, word: str) -> None:
    """A threshold counts from its value on, and the worst of all metrics is the run's."""
    measured = {"lbgi": lbgi, "longest_below_40_min": below}
    found = severity_of(measured, STEPS)
    assert found is not None
    assert SEVERITIES[found] == word


@pytest.mark.parametrize("measured", [{"lbgi": 20.0}, {"lbgi": None, "longest_below_40_min": 1.0}])
def test_what_is_not_known_is_not_negligible(measured: dict[str, float | None]) -> None:
    """A metric that is missing, or not defined, leaves the severity open."""
    assert severity_of(measured, STEPS) is None


def test_a_word_that_there_is_not_is_an_error() -> None:
    """A scale speaks in the five words."""
    with pytest.raises(ValueError, match='found "mild"'):
        severity_of({"lbgi": 1.0}, {"lbgi": {"mild": 1.0}})


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_is_of_metrics_of_which_more_is_worse(name: str) -> None:
    """A named scale measures by registered metrics, and by none of which less is worse."""
    scale = SCALES[name]
    assert scale.source
    for metric, thresholds in scale.thresholds.items():
        assert METRICS[metric].worse == "higher"
        assert set(thresholds.steps) <= set(WORDS) == set(SEVERITIES[1:])


def test_tidepools_scores_are_those_that_it_published() -> None:
    """Scores 2, 3 and 4 begin at an LBGI of 2.5, 5 and 10, and at 8, 14 and 21 h."""
    steps = {name: each.steps for name, each in SCALES["tidepool"].thresholds.items()}
    assert list(steps["lbgi"].values()) == [2.5, 5.0, 10.0]
    assert list(steps["dka_index_h"].values()) == [8.0, 14.0, 21.0]
    assert steps["longest_below_40_min"] == {"catastrophic": 240.0}
