"""The rules of error messages."""

from __future__ import annotations

import copy
import pickle
from datetime import date, datetime, time
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.scenario.errors import (
    SHOWN_CHARACTERS,
    Problem,
    ScenarioError,
    did_you_mean,
    dotted,
    one_of,
    printable,
    show,
)

quick = settings(derandomize=True, deadline=None)


class Colour(Enum):
    """A choice."""

    RED = "red"


def test_a_problem_reads_as_one_line() -> None:
    """A problem names file, line, key, expectation and what was found, in that order."""
    problem = Problem("cafe.toml", 14, "pump.max_bolus_U", "a number from 0.1 to 25", '"ten"')
    assert str(problem) == (
        'cafe.toml:14: pump.max_bolus_U: expected a number from 0.1 to 25, found "ten"'
    )


def test_an_unknown_key_reads_without_an_expectation() -> None:
    """Without an expectation, what was found and the hint say it all."""
    problem = Problem(
        "cafe.toml", 22, "pump.max_bolus", "", "unknown key", "did you mean max_bolus_U?"
    )
    assert str(problem) == ("cafe.toml:22: pump.max_bolus: unknown key, did you mean max_bolus_U?")


def test_an_unknown_line_and_key_leave_no_gap() -> None:
    """A problem of the whole file has neither line nor key."""
    problem = Problem("x.toml", None, "", "a scenario file", "a directory")
    assert str(problem) == "x.toml: expected a scenario file, found a directory"


def test_problems_are_sorted_by_line() -> None:
    """An error tells its problems in the order of the lines, those without one last."""
    error = ScenarioError([Problem("f", None, "c"), Problem("f", 9, "b"), Problem("f", 2, "a")])
    assert [problem.key for problem in error.problems] == ["a", "b", "c"]
    assert str(error).splitlines() == ["f:2: a", "f:9: b", "f: c"]


def test_an_error_crosses_processes_with_its_problems() -> None:
    """An error that is pickled or copied keeps its problems."""
    error = ScenarioError([Problem("f", 1, "a", "text", "3")])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
    assert copy.copy(error).problems == error.problems


@pytest.mark.parametrize("word", ["max_bolus", "max_bolus_u", "MAX-BOLUS-U", "mx_bolus_U"])
def test_a_near_name_is_offered(word: str) -> None:
    """A slip of the pen, of case or of dash and underscore finds the right name."""
    assert did_you_mean(word, ["remote_bolus", "max_bolus_U", "cohort"]) == "max_bolus_U"


@pytest.mark.parametrize("word", ["", "zebra", "q" * 1_000_000], ids=["no", "far", "huge"])
def test_a_far_name_is_not_offered(word: str) -> None:
    """A word that is near nothing gets no suggestion."""
    assert did_you_mean(word, ["remote_bolus", "max_bolus_U"]) is None


def test_a_long_list_of_names_is_shortened() -> None:
    """At most a dozen names are listed; the rest are counted."""
    assert one_of(["a"]) == "a"
    assert one_of(["a", "b"]) == "one of a, b"
    assert one_of([f"n{i}" for i in range(20)]).endswith("n11 and 8 more")


def test_list_items_are_counted_from_one() -> None:
    """A dotted key counts list items as people do."""
    assert dotted(("meal", 1, "carbs_g")) == "meal[2].carbs_g"
    assert dotted(("study", "arms", "pair in private")) == 'study.arms."pair in private"'
    assert dotted(()) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ten", '"ten"'),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        (float("inf"), "inf"),
        (None, "nothing"),
        ([1, "a"], '[1, "a"]'),
        ({"at": "12:30", "a b": []}, '{at = "12:30", "a b" = []}'),
        (date(2022, 9, 20), "2022-09-20"),
        (datetime(2022, 9, 20, 12), "2022-09-20T12:00:00"),
        (time(12, 10), "12:10:00"),
        (Colour.RED, '"red"'),
        ('a"\\b', '"a\\"\\\\b"'),
    ],
)
def test_a_value_is_shown_as_toml_writes_it(value: object, text: str) -> None:
    """A found value is shown in the words of the file."""
    assert show(value) == text


def test_a_huge_number_is_shown_by_its_size() -> None:
    """A number with millions of digits is not written out."""
    assert show(2**4_000_000) == "a whole number of 4000001 bits"


@pytest.mark.parametrize("evil", ["\x1b[31m", "\x9b2J", "\u202e", "\u2028", "\r", "\0", "\ud800"])
def test_nothing_a_terminal_acts_on_leaks(evil: str) -> None:
    """Control characters, direction marks and half characters are written as escapes."""
    problem = Problem(f"f{evil}", 1, dotted((evil,)), evil, show(evil), evil)
    assert evil not in str(problem)
    assert str(problem).isprintable()


@quick
@given(st.text())
def test_printable_text_is_left_alone(text: str) -> None:
    """Escaping twice is escaping once, and printable text stays as it is."""
    once = printable(text)
    assert once.isprintable()
    assert printable(once) == once
    if text.isprintable():
        assert once == text


@quick
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_is_shown_short_and_printable(value: object) -> None:
    """Whatever the value is, what is shown of it is short and safe to print."""
    text = show(value)
    assert text.isprintable()
    assert len(text) <= SHOWN_CHARACTERS + len('..."')
