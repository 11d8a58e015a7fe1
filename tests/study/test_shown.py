"""Of a factorial's many arms tables show the leading ones, say so, and show others when asked."""

from __future__ import annotations

import json

import pytest
from testbed.mitigations import MITIGATIONS
from testbed.scenario import Scenario
from testbed.study import run_study
from testbed.study.funnel import funnel
from testbed.study.results import Study
from testbed.study.run import UnknownArmError
from testbed.study.shown import MANY, MOST, left_out, main_harm

from .conftest import WRITTEN

ADVICE = [each.name for each in MITIGATIONS.values() if each.bearer == "wearer"][:5]
LIMITS = {"pump.max_bolus_U": [10.0, 2.0, 1.0, 0.5]}


@pytest.fixture(scope="module")
def few() -> Study:
    """A study of two arms."""
    return run_study(Scenario.from_written(WRITTEN, "short"))


@pytest.fixture(scope="module")
def many() -> Study:
    """A full factorial of 128 arms."""
    study = {"seed": 3, "replicates": 3, "factors": {"mitigations": ADVICE, "settings": LIMITS}}
    return run_study(Scenario.from_written({**WRITTEN, "study": study}, "short"))


def test_few_arms_are_all_shown(few: Study) -> None:
    """Up to a screenful of arms every one has its column, and nothing is said to be left out."""
    assert few.shown == few.distinct == few.arms
    assert left_out(few) == []


def test_arms_that_leave_least_are_shown_first(many: Study) -> None:
    """Of many arms the baseline and those with the least harm are shown, least harm first."""
    assert len(many.arms) == 1 + 2 ** len(ADVICE) * 4 > MANY  # one for the baseline
    assert MOST + 1 < len(many.distinct) < len(many.arms)
    assert many.shown[0] == many.baseline
    assert len(many.shown) == MOST + 1
    assert main_harm(many) == "unauthorised_U"
    means = {
        arm: many.summary()[arm].metrics["unauthorised_U"].mean or 0.0 for arm in many.distinct
    }
    least = [means[arm] for arm in many.shown[1:]]
    assert least == sorted(least)
    rest = [arm for arm in many.distinct if arm not in many.shown]
    assert min(means[arm] for arm in rest) >= least[-1]
    taken = [arm.count("+") for arm in many.shown[1:] if means[arm] == least[0]]
    assert taken == sorted(taken)


def test_files_have_every_arm_that_came_out_differently(many: Study) -> None:
    """What tables do not show is in the files, each arm there or the same as one that is."""
    told = many.as_json()
    assert tuple(told["arms"]) == many.distinct
    assert set(told["alike"]) == set(many.arms)
    assert set(told["alike"].values()) <= set(many.arms)
    assert {line.split(",")[0] for line in many.as_csv().splitlines()[1:]} == set(many.distinct)


def test_what_is_shown_changes_no_number(many: Study) -> None:
    """With other arms shown files have the same bytes, and p-values are corrected over all."""
    other = many.show("3")
    assert json.dumps(other.as_json()) == json.dumps(many.as_json())
    assert len(other.shown) == 4


def test_arms_are_shown_as_asked(many: Study, few: Study) -> None:
    """By name, by number, or all: always the baseline first, each once."""
    last = many.arms[-1]
    assert many.show(last).shown == (many.baseline, last)
    asked = f"{last}, {many.baseline},{many.arms[3]}"
    assert many.show(asked).shown == (many.baseline, last, many.arms[3])
    assert set(many.show("all").shown) == set(many.distinct)
    assert many.show("0").shown == (many.baseline,)
    assert many.show("2").shown == many.shown[:3]
    assert few.show("remote-bolus-off").shown == few.arms
    assert few.show("as-shipped").shown == ("as-shipped",)
    with pytest.raises(UnknownArmError):
        many.show(f"{last},nobody")


def test_what_is_not_shown_is_said(many: Study, few: Study) -> None:
    """A line says how many arms are not shown, where they are, and how to see them."""
    (line,) = left_out(many)
    assert f"Tables and plots show {MOST + 1} of {len(many.arms)} arms." in line
    assert f"{len(many.distinct)} came out differently" in line
    assert "least unauthorised_U" in line
    assert "--arms" in line
    assert "testbed export" in line
    (line,) = left_out(few.show("as-shipped"))
    assert "1 of 2 arms" in line
    assert "least" not in line


def test_funnel_is_of_the_arms_that_came_out_differently(many: Study) -> None:
    """Counts of stages, which files have, are of one arm for all that came out alike."""
    assert tuple(dict.fromkeys(each.arm for each in funnel(many))) == many.distinct
