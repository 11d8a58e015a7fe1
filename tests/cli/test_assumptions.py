"""The table of assumptions: complete, read, and open to scenario files."""

from __future__ import annotations

import re
from typing import Any

import pytest
from testbed.cli.catalogue import CATALOGUE
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.scenario import Scenario, parse_scenario
from testbed.scenario.shapes import field_shape, fields
from testbed.units import parse_clock, parse_duration

ROWS = CATALOGUE["assumptions"]()
_PART = re.compile(r"([a-z_A-Z0-9]+)(\[\])?(?:\(([^)]*)\))?")


def toml(row: dict[str, Any], value: float) -> Any:
    """Return a row's value as a scenario file writes it."""
    if row["written"] == "duration":
        return f"{value:.9g}{row['unit']}"
    if row["written"] == "clock time":
        return value
    return value if field_shape(info_of(row["name"])).kind is float else int(value)


def info_of(name: str) -> Any:
    """Return the field at a dotted key of the table."""
    model: Any = Scenario
    *tables, last = _PART.findall(name)
    for key, is_list, choice in tables:
        shape = field_shape(fields(model)[key][1])
        shape = shape.item() if is_list else shape
        model = (shape.tagged[choice] if choice else shape).model
    return fields(model)[last[0]][1]


NEEDED: dict[str, dict[str, Any]] = {
    "place": {"name": "den", "public": False},
    "meal": {"at": "12:00", "carbs_g": 50},
    "attacker": {"place": "home", "distance_m": 1.0, "capabilities": ["antenna", "touch", "host"]},
}
"""What else has to stand in a table for it to be one."""
OTHER_STEPS: dict[str, dict[str, Any]] = {
    "remote-bolus": {"units": 1.0},
    "split-doses": {"units": 1.0, "times": 2},
    "false-meter-reading": {"mgdl": 100},
    "false-cgm-reading": {"mgdl": 100},
    "host-software": {"max_bolus_U": 1.0},
}


def patch(name: str, value: Any) -> dict[str, Any]:
    """Return a scenario, as TOML values, that sets one row."""
    written: dict[str, Any] = {"title": "one row"}
    table = written
    *tables, last = _PART.findall(name)
    for key, is_list, choice in tables:
        inside: dict[str, Any] = dict(NEEDED.get(key, {}))
        if choice:
            inside = {"name": choice} if key == "therapy" else {"do": choice}
            inside |= OTHER_STEPS.get(choice, {})
        if key in table and isinstance(table[key], dict):
            inside = table[key]
        table[key] = [inside] if is_list else inside
        table = inside
    table[last[0]] = value
    return written


def value_at(scenario: Scenario, name: str) -> Any:
    """Return what a scenario has at a dotted key of the table."""
    value: Any = scenario
    for key, is_list, _choice in _PART.findall(name):
        value = getattr(value, key)
        if is_list:
            value = value[0]
    return value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))
@pytest.mark.parametrize("end", ["low", "high"])
def test_a_scenario_may_override_every_row(row: dict[str, Any], end: str) -> None:
    """Both ends of each row's range are accepted in a scenario, and are what it then has."""
    # Two factors of an autoregression are bound by a rule of their own: below 1 together.
    bound = end == "high" and row["name"].endswith(("_ar1", "_ar2"))
    value = toml(row, row["default"] - 0.001 if bound else row[end])
    scenario = Scenario.from_written(patch(row["name"], value), "row")
    found = value_at(scenario, row["name"])
    parsed = {"duration": parse_duration, "clock time": parse_clock}.get(row["written"])
    assert found == (value if parsed is None else parsed(value))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))
def test_every_row_is_read_somewhere(row: dict[str, Any]) -> None:
    """No row stands in the table that no module consults."""
    assert row["used_in"]


def test_a_duration_beyond_its_range_is_told() -> None:
    """A duration that is too long is refused with its key."""
    text = 'title = "x"\n[pump]\nalert_repeat = "99h"\n'
    with pytest.raises(Exception, match=r"x.toml:3: pump.alert_repeat: expected a duration.*99h"):
        parse_scenario(text, "x.toml", MITIGATIONS, METRICS)
