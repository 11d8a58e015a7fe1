"""``testbed verify``."""

from __future__ import annotations

import json
import re

from .conftest import Command


def test_a_table_says_what_holds_and_charts_say_how_it_breaks(testbed: Command) -> None:
    """Each number in the tables has its chart, in characters and for Mermaid."""
    told = testbed("verify", "just-works", "--ability", "active").out
    assert re.search(
        r"^active +broken (\d+) +broken \1 +broken \1 +holds +no code +[\d,]+$", told, re.M
    )
    numbers = {int(number) for number in re.findall(r"broken (\d+)", told)}
    assert numbers == {
        int(number) for number in re.findall(r"^Attack (\d+)\. ", told, re.MULTILINE)
    }
    assert told.count("```mermaid\nsequenceDiagram\n") == len(numbers)
    assert re.search(r"^ +device +attacker +pump$", told, re.MULTILINE)


def test_json_has_the_same_verdicts_and_attacks(testbed: Command) -> None:
    """For programs: rows with verdicts, and the attack that each number is of."""
    told = json.loads(testbed("verify", "serial-derived", "--format", "json").out)
    by_ability = {row["ability"]: row for row in told["rows"]}
    assert by_ability["serial"]["goals"]["key secrecy"] == {"verdict": "holds", "attack": None}
    broken = by_ability["passive"]["goals"]["key secrecy"]
    assert broken["verdict"] == "broken"
    (attack,) = (each for each in told["attacks"] if each["number"] == broken["attack"])
    assert attack["steps"][-1] == {"at": "pump", "to": None, "text": "is linked"}
    assert {"row": "serial-derived, passive", "goal": "key secrecy"} in attack["breaks"]


def test_a_search_cut_short_never_says_holds(testbed: Command) -> None:
    """Where the bound is hit before all was looked at, nothing is said to hold."""
    told = json.loads(
        testbed("verify", "oob", "--ability", "active", "--states", "5", "--format", "json").out
    )
    (row,) = told["rows"]
    says = {each["verdict"] for each in row["goals"].values()}
    for goals in row["channels"].values():
        says |= {each["verdict"] for each in goals.values()}
    assert says <= {"not exhausted", "broken"}
    assert not row["exhausted"]


def test_an_unknown_name_is_refused_with_the_nearest_right_one(testbed: Command) -> None:
    """A method or an ability that does not exist is named, with what was meant perhaps."""
    wrong = testbed("verify", "paskey")
    assert wrong.code == 2
    assert wrong.err == 'expected a pairing method, found "paskey", did you mean passkey?\n'
    wrong = testbed("verify", "passkey", "--ability", "activ")
    assert wrong.code == 2
    assert wrong.err == 'expected an ability, found "activ", did you mean active?\n'
