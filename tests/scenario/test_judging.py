"""What a scenario says of how its runs are judged, and what it is told when that is wrong."""

from __future__ import annotations

import pytest
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.scenario import ScenarioError, parse_scenario
from testbed.scenario.judging import SCALES

STORY = 'title = "A day"\n'


def problems(text: str) -> list[str]:
    """Return what a scenario with a text at its end is told."""
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(STORY + text, "day.toml", MITIGATIONS, METRICS)
    return str(caught.value).splitlines()


def test_a_scale_is_chosen_by_its_name_or_brought() -> None:
    """Without a word it is Tidepool's; own thresholds stand in its place."""
    plain = parse_scenario(STORY, "day.toml", MITIGATIONS, METRICS)
    assert plain.severity.name == "tidepool"
    assert plain.severity.steps["lbgi"] == {"minor": 2.5, "serious": 5.0, "critical": 10.0}
    text = STORY + "[severity.thresholds.below_54_min]\nserious = 15\ncatastrophic = 60\n"
    own = parse_scenario(text, "day.toml", MITIGATIONS, METRICS).severity
    assert own.name == "own"
    assert own.steps == {"below_54_min": {"serious": 15.0, "catastrophic": 60.0}}


@pytest.mark.parametrize("name", SCALES)
def test_every_scale_can_be_chosen(name: str) -> None:
    """The names that the error tells of are names that work."""
    text = f'{STORY}[severity]\nscale = "{name}"\n'
    scenario = parse_scenario(text, "day.toml", MITIGATIONS, METRICS)
    assert set(scenario.severity.steps) == set(SCALES[name].thresholds)


BAD = {
    "unknown scale": (
        '[severity]\nscale = "tidepol"\n',
        'day.toml:3: severity.scale: expected a scale of severity, found "tidepol", '
        'did you mean "tidepool"?',
    ),
    "not increasing": (
        "[severity.thresholds.lbgi]\nminor = 5\nserious = 5\n",
        "day.toml:4: severity.thresholds.lbgi.serious: expected a number above 5, that of minor, "
        "found 5",
    ),
    "falling, with a word left out between": (
        "[severity.thresholds.lbgi]\nminor = 5\ncatastrophic = 1.5\n",
        "day.toml:4: severity.thresholds.lbgi.catastrophic: expected a number above 5, that of "
        "minor, found 1.5",
    ),
    "no threshold": (
        "[severity.thresholds.lbgi]\n",
        "day.toml:2: severity.thresholds.lbgi: expected a threshold of minor, serious, critical, "
        "catastrophic, found none",
    ),
    "unknown word": (
        "[severity.thresholds.lbgi]\nminr = 5\n",
        "day.toml:3: severity.thresholds.lbgi.minr: unknown key, did you mean minor?",
    ),
    "unknown metric": (
        "[severity.thresholds.lbg]\nminor = 5\n",
        'day.toml:2: severity.thresholds.lbg: expected a metric, found "lbg", did you mean lbgi?',
    ),
    "both": (
        '[severity]\nscale = "tidepool"\n[severity.thresholds.lbgi]\nminor = 5\n',
        "day.toml:3: severity.scale: expected either a scale or own thresholds, found both",
    ),
    "limit out of range": (
        "[unsafe]\nmost_in_2h_U = 0\n",
        "day.toml:3: unsafe.most_in_2h_U: expected a number from 1 to 100, found 0",
    ),
}


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_told_with_its_line(text: str, expected: str) -> None:
    """Every mistake of a scale or a limit is one error with line, key and what was expected."""
    assert problems(text) == [expected]
