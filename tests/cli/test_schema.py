"""``testbed schema``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.cafe import SMALL

from .conftest import Command

SCENARIOS = sorted(Path(__file__).parents[2].glob("scenarios/*.toml"))


@pytest.fixture
def schema(testbed: Command) -> dict[str, Any]:
    """The schema as the command prints it."""
    told: dict[str, Any] = json.loads(testbed("schema").out)
    return told


def test_schema_is_one(schema: dict[str, Any]) -> None:
    """What is printed is a JSON Schema of the draft that it names, with a title."""
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_fit_the_schema(schema: dict[str, Any], path: Path) -> None:
    """Every scenario file that is shipped is valid by the schema."""
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("max_bolus_U  = 10", "max_bolus  = 10"),
        ("max_bolus_U  = 10", 'max_bolus_U  = "ten"'),
        ("max_bolus_U  = 10", "max_bolus_U  = 99"),
        ('at     = "12:10"', 'at     = "25:10"'),
        ('device = "meter"', 'device = "metre"'),
        ('do = "overhear-pairing"', 'do = "overhear"'),
    ],
)
def test_schema_refuses_what_the_program_refuses(
    schema: dict[str, Any], right: str, wrong: str
) -> None:
    """Unknown keys, wrong types, ranges and names are invalid by the schema too."""
    jsonschema.validate(tomllib.loads(SMALL), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(SMALL.replace(right, wrong)), schema)


def test_assumption_has_unit_and_source_in_the_schema(schema: dict[str, Any]) -> None:
    """A key that is an assumption says so, with its unit and where the number is from."""
    key = schema["$defs"]["Behaviour"]["properties"]["missed_bolus"]
    assert key["assumption"] is True
    assert key["unit"] == "1"
    assert "ADA" in key["source"]
