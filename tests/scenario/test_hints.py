"""What the loader says of names, and what it does not say twice."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
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
            '[patient]\nmodel = "hovorca"',
            'day.toml:3: patient.model: expected a glucose-insulin model, found "hovorca", '
            'did you mean "hovorka"?',
        ),
        (
            '[patient]\nmodel = "hovorka"\ncohort = "adults"',
            'day.toml:4: patient.cohort: expected a cohort of hovorka, found "adults", '
            "one of sampled, nominal",
        ),
        (
            '[patient]\ncohort = "sampled"',
            'day.toml:3: patient.cohort: expected a cohort of s2008, found "sampled", '
            "one of adults, adolescents, children, all",
        ),
        (
            '[patient]\nmodel = "hovorka"\ncohort = ["hovorka#001", "adult#001"]',
            "day.toml:4: patient.cohort[2]: expected a virtual patient of hovorka, "
            'found "adult#001", one of hovorka#001, hovorka#002, hovorka#003, hovorka#004, '
            "hovorka#005, hovorka#006, hovorka#007, hovorka#008, hovorka#009, hovorka#010, "
            "hovorka#011, hovorka#012 and 89 more",
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
        (
            '[pump]\ntherapy = "suspend-on-lo"',
            'day.toml:3: pump.therapy: expected one of "open-loop", "suspend-on-low", '
            '"suspend-before-low", "hybrid-closed-loop", found "suspend-on-lo", '
            'did you mean "suspend-on-low"?',
        ),
        (
            '[pump.therapy]\nname = "suspend-on-low"\nsuspend_at_mgdl = 10',
            "day.toml:4: pump.therapy.suspend_at_mgdl: expected a number from 50 to 90, found 10",
        ),
        (
            "[pump]\ntherapy = 3",
            "day.toml:3: pump.therapy: expected the name of a therapy or a table with it, found 3",
        ),
        (
            '[pump]\nmax_basal_U_per_h = 1\n[[pump.basal]]\nat = "00:00"\nU_per_h = 1.5',
            "day.toml:2: pump: expected basal rates of at most max_basal_U_per_h = 1, found 1.5",
        ),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest_right_one(section: str, line: str) -> None:
    """A name that only a setting knows gets the nearest right one, in a union of types too."""
    assert _told(f'title = "A day"\n{section}\n') == [line]


@pytest.mark.parametrize(
    ("section", "first", "count"),
    [
        ("", "adult#001", 10),
        ('model = "s2008"', "adult#001", 10),
        ('model = "hovorka"', "hovorka#001", 100),
        ('model = "hovorka"\ncohort = "nominal"', "hovorka#000", 1),
        ('model = "hovorka"\ncohort = ["hovorka#005", "hovorka#000"]', "hovorka#005", 2),
    ],
)
def test_a_cohort_left_out_is_the_first_of_the_model(section: str, first: str, count: int) -> None:
    """A scenario that names no cohort is lived by the first cohort of its model."""
    text = f'title = "A day"\n[patient]\n{section}\n'
    names = parse_scenario(text, "day.toml", MITIGATIONS, METRICS).patient.names
    assert (names[0], len(names)) == (first, count)


def test_a_patch_to_a_model_without_that_cohort_is_refused() -> None:
    """In Python too, a cohort of another model is an error that names what fits."""
    text = 'title = "A day"\n[patient]\ncohort = "adults"\n'
    scenario = parse_scenario(text, "day.toml", MITIGATIONS, METRICS)
    with pytest.raises(ValidationError, match="expected a cohort of hovorka") as caught:
        scenario.patched({"patient.model": "hovorka"})
    assert caught.value.errors()[0]["ctx"]["choices"] == ["sampled", "nominal"]


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
