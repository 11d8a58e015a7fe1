"""What the loader says of names, and what it does not say twice."""

from __future__ import annotations

import pytest
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.scenario import ScenarioError, parse_scenario


def _told(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "day.toml", MITIGATIONS, METRICS)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("section", "line"),
    [
        (
            '[patient]\ncohort = "adultz"',
            'day.toml:3: patient.cohort: expected a cohort, found "adultz", did you mean "adults"?',
        ),
        (
            '[patient]\nprofile = "typicl"',
            'day.toml:3: patient.profile: expected a profile, found "typicl", '
            'did you mean "typical"?',
        ),
        (
            '[link]\nchannel = "aead-countr"',
            'day.toml:3: link.channel: expected a channel, found "aead-countr", '
            'did you mean "aead-counter"?',
        ),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest_right_one(section: str, line: str) -> None:
    """A name that only a setting knows gets the nearest right one, in a union of types too."""
    assert _told(f'title = "A day"\n{section}\n') == [line]


def test_a_list_of_which_all_items_are_bad_is_not_called_too_short() -> None:
    """Where the only step is a wrong one, the step is told of, and not the list."""
    text = 'title = "A day"\n[attacker]\nplace = "cafe"\n[[attacker.step]]\ndo = "remote-bollus"\n'
    (line,) = _told(text)
    assert line.startswith("day.toml:5: attacker.step[1].do: expected one of")
    assert line.endswith('did you mean "remote-bolus"?')


def test_shares_of_one_whole_are_at_most_one_whole() -> None:
    """Shares of alerts answered fast and never that exceed one together are an error."""
    text = (
        'title = "A day"\n[patient]\n'
        "behaviour.answered_fast = 0.9\nbehaviour.never_answered = 0.3\n"
    )
    (line,) = _told(text)
    assert line.startswith("day.toml:4: patient.behaviour.never_answered: expected answered_fast")


def test_a_wrong_place_is_told_beside_another_error_of_its_section() -> None:
    """A place that does not exist is told of even if the attacker's step is wrong too."""
    text = 'title = "A day"\n[attacker]\nplace = "moon"\n[[attacker.step]]\ndo = "remote-bollus"\n'
    assert [line.split(": ")[1] for line in _told(text)] == [
        "attacker.place",
        "attacker.step[1].do",
    ]
