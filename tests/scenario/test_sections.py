"""The rules of checking a document against the settings classes."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from testbed.scenario.document import Document, parse_document
from testbed.scenario.errors import Problem, ScenarioError
from testbed.scenario.sections import MAX_PROBLEMS, Item, problem, validate
from testbed.settings import ClockTime, Duration, Settings

quick = settings(derandomize=True, deadline=None)


class Bearer(Enum):
    """Who carries a precaution out."""

    WEARER = "wearer"
    CLINIC = "clinic"


class Pump(Settings):
    """A pump."""

    remote_bolus: bool = False
    max_bolus_U: Annotated[float, Field(ge=0.1, le=25)] = 10
    basal: float | None = Field(default=None, gt=0)
    retries: int = Field(default=3, ge=0)
    bearer: Bearer = Bearer.WEARER
    channel: Literal["plaintext", "aead-counter"] = "plaintext"
    rates: tuple[float, ...] = Field(default=(), max_length=2)
    span: tuple[float, float] = (0, 1)
    name: str = Field(default="x", min_length=1, max_length=8)
    share: float = Field(default=0.5, gt=0, lt=1)

    @field_validator("name")
    @classmethod
    def _no_digits(cls, name: str) -> str:
        if any(character.isdigit() for character in name):
            raise ValueError("the name must have no digits")
        return name

    @field_validator("retries")
    @classmethod
    def _odd(cls, retries: int) -> int:
        if retries % 2 == 0:
            raise PydanticCustomError("odd", "expected an odd number")
        return retries

    @model_validator(mode="after")
    def _room(self) -> Pump:
        if self.basal is not None and self.basal > self.max_bolus_U:
            raise ValueError("expected basal below max_bolus_U, found it above")
        return self


class Meal(Settings):
    """A meal."""

    at: ClockTime
    carbs_g: float = Field(ge=1, le=300)
    from_: ClockTime | None = Field(default=None, alias="from")


class Overhear(Settings):
    """A step."""

    do: Literal["overhear-pairing"]
    seconds: float = 1


class Bolus(Settings):
    """Another step."""

    do: Literal["remote-bolus"]
    after: Duration
    units: float = Field(default=1, ge=0)


class Attacker(Settings):
    """An attacker."""

    step: tuple[Annotated[Overhear | Bolus, Field(discriminator="do")], ...] = ()
    first: Overhear | Bolus | None = Field(default=None, discriminator="do")


class Story(Settings):
    """A scenario for these tests."""

    title: str = Field(default="t", min_length=1)
    cohort: Literal["adults", "all"] | tuple[str, ...] = "all"
    level: float = Field(default=0.5, ge=0, le=1)
    pump: Pump = Pump()
    meal: tuple[Meal, ...] = ()
    attack: list[Annotated[Overhear | Bolus, Field(discriminator="do")]] = Field(default=[])
    attacker: Attacker | None = None
    arms: dict[str, tuple[str, ...]] = Field(default={})
    people: dict[str, Meal] = Field(default={})


class Strict(Settings):
    """A scenario that needs its parts."""

    title: str
    pump: Pump
    meal: list[Meal] = Field(min_length=1)
    when: ClockTime
    level: float = Field(ge=0, le=1)


def told(text: str, model: type[Settings] = Story) -> list[str]:
    """Return what is said of a text, in the order of its lines, without the file's name."""
    _, problems = validate(parse_document(text, "f.toml"), model)
    return [str(each).removeprefix("f.toml:") for each in ScenarioError(problems).problems]


def test_good_sections_come_back_checked() -> None:
    """A good file gives the settings of each section and no problems."""
    text = """
        title = "x"
        cohort = ["ann"]
        pump = {max_bolus_U = 3, bearer = "clinic", rates = [1, 2.5], span = [0, 2]}
        meal = [{at = 12:30:00, carbs_g = 70, from = "11:00"}]
        attack = [{do = "remote-bolus", after = "1h"}, {do = "overhear-pairing"}]
        arms.none = []
    """
    values, problems = validate(parse_document(text, "f.toml"), Story)
    assert problems == []
    assert values["pump"].max_bolus_U == 3.0
    assert values["pump"].bearer is Bearer.CLINIC
    assert values["pump"].rates == (1.0, 2.5)
    assert values["cohort"] == ("ann",)
    assert values["arms"] == {"none": ()}
    (meal,) = values["meal"]
    assert meal.index == 0
    assert meal.value.at == 12.5 * 3600e6
    assert meal.value.from_ == 11 * 3600e6
    assert [type(item.value) for item in values["attack"]] == [Bolus, Overhear]


def test_sections_left_out_have_their_defaults() -> None:
    """A section that is not in the file is there with its default."""
    values, problems = validate(parse_document("title = 'x'", "f.toml"), Story)
    assert problems == []
    assert values["pump"] == Pump()
    assert values["meal"] == ()
    assert values["attacker"] is None
    assert set(values) == set(Story.model_fields)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pump.remote_bolus = 1", "pump.remote_bolus: expected true or false, found 1"),
        ('pump.remote_bolus = "yes"', 'pump.remote_bolus: expected true or false, found "yes"'),
        (
            'pump.remote_bolus = "true"',
            'pump.remote_bolus: expected true or false, found "true", write it without quotes',
        ),
        (
            "pump.max_bolus_U = true",
            "pump.max_bolus_U: expected a number from 0.1 to 25, found true",
        ),
        (
            'pump.max_bolus_U = "ten"',
            'pump.max_bolus_U: expected a number from 0.1 to 25, found "ten"',
        ),
        (
            'pump.max_bolus_U = "10"',
            'pump.max_bolus_U: expected a number from 0.1 to 25, found "10", '
            "write it without quotes",
        ),
        ("pump.max_bolus_U = 26", "pump.max_bolus_U: expected a number from 0.1 to 25, found 26"),
        (
            "pump.max_bolus_U = nan",
            "pump.max_bolus_U: expected a finite number from 0.1 to 25, found nan",
        ),
        ("pump.basal = 0", "pump.basal: expected a number above 0, found 0"),
        ("pump.share = 1", "pump.share: expected a number above 0 and below 1, found 1"),
        ("pump.retries = 1.0", "pump.retries: expected a whole number at least 0, found 1.0"),
        ("pump.retries = -1", "pump.retries: expected a whole number at least 0, found -1"),
        ("pump.retries = 2", "pump.retries: expected an odd number, found 2"),
        (
            'pump.name = ""',
            'pump.name: expected text with at least 1 character and at most 8 characters, found ""',
        ),
        ('pump.name = "a1"', 'pump.name: the name must have no digits, found "a1"'),
        (
            'pump.channel = "aead-conter"',
            'pump.channel: expected one of "plaintext", "aead-counter", found "aead-conter", '
            'did you mean "aead-counter"?',
        ),
        (
            'pump.bearer = "clinics"',
            'pump.bearer: expected one of "wearer", "clinic", found "clinics", '
            'did you mean "clinic"?',
        ),
        ("pump.bearer = 3", 'pump.bearer: expected one of "wearer", "clinic", found 3'),
        ("pump.rates = 3", "pump.rates: expected a list of numbers with at most 2 items, found 3"),
        ('pump.rates = [1, "2"]', 'pump.rates[2]: expected a number, found "2", write it without'),
        ("pump.rates = [1, 2, 3]", "pump.rates: expected a list of numbers with at most 2 items"),
        ("pump.span = [1]", "pump.span[2]: expected a number, found nothing"),
        ("pump.basal = 20", "pump: expected basal below max_bolus_U, found it above"),
        ("pump = 3", "pump: expected a table, found 3"),
        ("pump.max_bolus = 3", "pump.max_bolus: unknown key, did you mean max_bolus_U?"),
        ("pmp = {}", "pmp: unknown key, did you mean pump?"),
        ("zebra = 1", "zebra: unknown key, expected one of title, cohort, level, pump, meal"),
        ("title = 3", "title: expected text with at least 1 character, found 3"),
        ("title = 2022-09-20", "title: expected text with at least 1 character, found 2022-09-20"),
        ("level = inf", "level: expected a finite number from 0 to 1, found inf"),
        ("cohort = 3", 'cohort: expected one of "adults", "all" or a list of text, found 3'),
        ('cohort = ["a", 3]', "cohort[2]: expected text, found 3"),
        ("meal = 3", "meal: expected a list of tables, found 3"),
        ("[meal]\nat = 3", "meal: expected a list of tables, found {at = 3}, write [[meal]]"),
        ("[[meal]]\nat = '12:10'", "meal[1].carbs_g: expected a number from 1 to 300, found"),
        (
            "[[meal]]\ncarbs_g = 9",
            'meal[1].at: expected a clock time such as "12:10", found nothing',
        ),
        (
            "[[meal]]\ncarbs_g = 9\nat = 'noon'",
            'meal[1].at: expected a clock time such as "12:10", found "noon"',
        ),
        (
            "[[meal]]\ncarbs_g = 9\nat = '12:10'\nfrom_ = '12:10'",
            "meal[1].from_: unknown key, did you mean from?",
        ),
        ("meal = [3]", "meal[1]: expected a table, found 3"),
        (
            'attack = [{do = "remote-bolos"}]',
            'attack[1].do: expected one of "overhear-pairing", "remote-bolus", '
            'found "remote-bolos", did you mean "remote-bolus"?',
        ),
        (
            "attack = [{}]",
            'attack[1].do: expected one of "overhear-pairing", "remote-bolus", found nothing',
        ),
        (
            "attack = [{do = 3}]",
            'attack[1].do: expected one of "overhear-pairing", "remote-bolus", found 3',
        ),
        ("attack = [3]", "attack[1]: expected a table, found 3"),
        (
            'attack = [{do = "remote-bolus"}]',
            'attack[1].after: expected a duration such as "24h", "90s" or "1h 30min", '
            "found nothing",
        ),
        (
            'attack = [{do = "overhear-pairing", second = 1}]',
            "attack[1].second: unknown key, did you mean seconds?",
        ),
        (
            'attacker.step = [{do = "remote-bolus", after = "1h", units = -1}]',
            "attacker.step[1].units: expected a number at least 0, found -1",
        ),
        (
            'attacker.first = {do = "overhear-pairing", units = 1}',
            "attacker.first.units: unknown key, expected one of do, seconds",
        ),
        ("arms.a = [1]", "arms.a[1]: expected text, found 1"),
        ("arms.'a b' = 1", 'arms."a b": expected a list of text, found 1'),
        ("people.ann.at = 12:10:00", "people.ann.carbs_g: expected a number from 1 to 300, found"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(text: str, says: str) -> None:
    """A wrong value is told once, by its key, its expectation and what was found."""
    (line,) = told(text)
    assert line.partition(" ")[2].startswith(says)


def test_a_needed_section_that_is_missing_is_told() -> None:
    """Every section a scenario needs and lacks is told with what it expects."""
    assert told("level = 2", Strict) == [
        "1: title: expected text, found nothing",
        "1: pump: expected a table, found nothing",
        "1: meal: expected a list of tables with at least 1 item, found nothing",
        '1: when: expected a clock time such as "12:10", found nothing',
        "1: level: expected a number from 0 to 1, found 2",
    ]


def test_a_list_that_is_too_short_is_told() -> None:
    """A list of tables that must not be empty is told when it is."""
    assert "1: meal: expected a list of tables with at least 1 item, found 0 items" in told(
        "meal = []", Strict
    )


def test_all_problems_are_told_with_their_lines() -> None:
    """Every problem of a file is told at once, each on its own line of the file."""
    text = """\
title = 3
[pump]
remote_bolus = 1
max_bolus = 3
[[meal]]
at = "12:30"
carbs_g = 70
[[meal]]
at = "12:3"
carbs_g = 0
[attacker]
[[attacker.step]]
do = "remote-bolus"
after = 3
"""
    lines = told(text)
    assert [line.split(": ")[:2] for line in lines] == [
        ["1", "title"],
        ["3", "pump.remote_bolus"],
        ["4", "pump.max_bolus"],
        ["9", "meal[2].at"],
        ["10", "meal[2].carbs_g"],
        ["14", "attacker.step[1].after"],
    ]


def test_one_bad_item_hides_no_others() -> None:
    """Good items of a list come back with their place in the file, the bad ones left out."""
    text = "meal = [{at = '12:30', carbs_g = 1}, {at = 3}, {at = '13:30', carbs_g = 2}]"
    values, problems = validate(parse_document(text, "f.toml"), Story)
    assert [(item.index, item.value.carbs_g) for item in values["meal"]] == [(0, 1.0), (2, 2.0)]
    assert len(problems) == 2


def test_one_bad_section_hides_no_others() -> None:
    """A bad section is left out of the values and the good ones stay."""
    text = "title = 3\nlevel = 0.25"
    values, _ = validate(parse_document(text, "f.toml"), Story)
    assert "title" not in values
    assert values["level"] == 0.25


def test_a_part_of_a_document_is_checked_by_its_path() -> None:
    """A table inside the document is checked alone, with the keys of the whole file."""
    document = parse_document("[attacker]\n[[attacker.step]]\ndo = 'x'", "f.toml")
    values, problems = validate(document, Attacker, ("attacker",))
    assert values == {"step": (), "first": None}
    assert [each.key for each in problems] == ["attacker.step[1].do"]
    _, (missing,) = validate(document, Attacker, ("nobody",))
    assert missing.key == "nobody"
    assert missing.expected == "a table"


def test_a_cross_check_tells_its_problem_by_path() -> None:
    """A check written elsewhere gets file, line and dotted key from the path."""
    document = parse_document("[[stay]]\nplace = 'x'", "f.toml")
    assert problem(document, ("stay", 0, "place"), "a place", '"x"', "hint") == Problem(
        "f.toml", 2, "stay[1].place", "a place", '"x"', "hint"
    )


def test_a_flood_of_problems_is_counted() -> None:
    """Of very many problems some are told and the rest are counted."""
    text = "".join(f"key{number} = 1\n" for number in range(MAX_PROBLEMS + 50))
    lines = told(text)
    assert len(lines) == MAX_PROBLEMS + 1
    assert lines[-1] == " and 50 more problems"


def test_a_number_beyond_floats_in_a_duration_is_told() -> None:
    """A duration too large for the machine is a problem, not a traceback."""
    digits = "9" * 400
    text = f'attack = [{{do = "remote-bolus", after = "{digits}h"}}]'
    (line,) = told(text)
    assert line.startswith("1: attack[1]")


def test_a_check_of_the_whole_class_runs_last() -> None:
    """A validator of the class itself runs once its fields are good, and may refuse."""

    class Pair(Settings):
        low: float
        high: float

        @model_validator(mode="after")
        def _order(self) -> Pair:
            if self.low > self.high:
                raise ValueError("low must not be above high")
            return self

    assert told("low = 1\nhigh = 2", Pair) == []
    assert told("low = 2\nhigh = 1", Pair) == ["1: low must not be above high"]
    assert told("low = 2\nhigh = '1'", Pair)[0].startswith("2: high: expected a number")


def test_a_validators_words_are_made_printable() -> None:
    """What a validator says of a hostile value cannot act on the terminal."""

    class Loud(Settings):
        name: str

        @field_validator("name")
        @classmethod
        def _loud(cls, name: str) -> str:
            raise ValueError(f"no {name}" + "x" * 10_000)

    (line,) = told('name = "\\u001b[2J"', Loud)
    assert line.isprintable()
    assert len(line) < 400


@quick
@given(st.floats(0.1, 25))
def test_numbers_arrive_to_the_last_digit(number: float) -> None:
    """A number in range comes back as the very number that was written."""
    values, _ = validate(Document("f", {"pump": {"max_bolus_U": number}}), Story)
    assert values["pump"].max_bolus_U == number


KEYS = ["title", "cohort", "level", "pump", "meal", "attack", "attacker", "arms", "people"]
KEYS += ["remote_bolus", "max_bolus_U", "rates", "at", "carbs_g", "from", "do", "after", "step"]
anything = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text()
    | st.sampled_from(["12:10", "1h", "remote-bolus", "overhear-pairing", "all", "wearer"])
    | st.times()
    | st.dates()
    | st.datetimes(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner)
    ),
    max_leaves=20,
)


@quick
@given(st.dictionaries(st.sampled_from(KEYS) | st.text(), anything))
@example({"attack": [{"do": "remote-bolus", "after": "1h", "remote-bolus": 1}]})
@example({"meal": [{"from": None}], "cohort": {"str": 1}})
def test_any_data_gives_values_or_problems(data: dict[str, Any]) -> None:
    """Whatever the data, each section has a value or a problem, and nothing is raised."""
    values, problems = validate(Document("f.toml", data), Story)
    assert set(values) <= set(Story.model_fields)
    assert all(isinstance(item, Item) for item in (*values.get("meal", ()),))
    assert str(ScenarioError(problems)).replace("\n", "").isprintable()
    for name in set(Story.model_fields) - set(values):
        assert any(each.key.startswith(name) for each in problems)
    if not problems:
        assert set(values) == set(Story.model_fields)


@quick
@given(st.integers(-50, 50) | st.floats(-50, 50) | st.booleans() | st.text())
def test_a_number_in_range_is_all_that_passes(value: object) -> None:
    """A number field takes whole and broken numbers in its range and nothing else."""
    good = type(value) in (int, float) and 0.1 <= value <= 25  # type: ignore[operator]
    _, problems = validate(Document("f", {"pump": {"max_bolus_U": value}}), Story)
    assert good is (not problems)


def test_json_carries_numbers_exactly() -> None:
    """Checking goes through JSON, which must not move the edge of a float."""
    edge = math.nextafter(25.0, 26.0)
    assert json.loads(json.dumps(edge)) == edge
    _, problems = validate(Document("f", {"pump": {"max_bolus_U": edge}}), Story)
    assert len(problems) == 1
