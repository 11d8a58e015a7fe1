"""The rules that every group of settings keeps."""

from __future__ import annotations

from datetime import UTC, time
from typing import Any

import pytest
from pydantic import ValidationError
from testbed.settings import (
    NO_PUBLISHED_RATE,
    ClockTime,
    Duration,
    Settings,
    assumption,
)
from testbed.units import US_PER_HOUR, US_PER_MIN, US_PER_S


class Day(Settings):
    """Settings for these tests."""

    wakes: ClockTime = 0
    """When the person wakes."""

    naps: Duration = 0

    accepts: float = assumption(
        0.1,
        ge=0,
        le=0.5,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of prompts accepted without reading.",
    )


def complaint(**given: Any) -> str:
    """Return the message of the only thing wrong with the settings."""
    with pytest.raises(ValidationError) as caught:
        Day(**given)
    (error,) = caught.value.errors()
    return error["msg"]


@pytest.mark.parametrize("value", ["06:30", "06:30:00", time(6, 30)])
def test_a_clock_time_is_kept_as_microseconds(value: object) -> None:
    """A clock time, with or without quotes, is microseconds since midnight."""
    day = Day.model_validate({"wakes": value})
    assert day.wakes == 6 * US_PER_HOUR + 30 * US_PER_MIN


@pytest.mark.parametrize("value", ["6:30", "", 630, None, True, ["06:30"], time(6, tzinfo=UTC)])
def test_what_is_no_clock_time_is_told(value: object) -> None:
    """Anything else is refused in words that show a clock time."""
    assert complaint(wakes=value) == 'expected a clock time such as "12:10"'


def test_a_duration_is_kept_as_microseconds() -> None:
    """A duration is a whole number of microseconds."""
    assert Day.model_validate({"naps": "90s"}).naps == 90 * US_PER_S


@pytest.mark.parametrize("value", ["90", "", 90, 1.5, None, True, {"s": 90}, time(1, 30)])
def test_what_is_no_duration_is_told(value: object) -> None:
    """Anything else is refused in words that show a duration."""
    assert complaint(naps=value) == 'expected a duration such as "24h", "90s" or "1h 30min"'


def test_an_unknown_key_is_refused() -> None:
    """A key the settings do not know is an error, never ignored."""
    assert "not permitted" in complaint(naps_per_day="1h")


@pytest.mark.parametrize("value", [-0.01, 0.51, float("nan"), float("inf")])
def test_an_assumption_keeps_its_range(value: float) -> None:
    """A number outside the range of its assumption is refused."""
    complaint(accepts=value)


def test_settings_cannot_be_changed() -> None:
    """Settings are frozen: a patch makes new ones."""
    with pytest.raises(ValidationError, match="frozen"):
        Day().naps = 1


def test_an_assumption_stands_in_the_schema() -> None:
    """Value, range, unit, source and meaning of an assumption are in the JSON Schema."""
    row = Day.model_json_schema()["properties"]["accepts"]
    assert row["assumption"] is True
    assert row["default"] == 0.1
    assert (row["minimum"], row["maximum"]) == (0, 0.5)
    assert row["unit"] == "1"
    assert row["source"] == NO_PUBLISHED_RATE
    assert row["description"] == "Share of prompts accepted without reading."


def test_times_are_text_in_the_schema() -> None:
    """Clock times and durations are text to who writes a file, with their help."""
    properties = Day.model_json_schema()["properties"]
    assert properties["wakes"]["type"] == "string"
    assert properties["wakes"]["description"] == "When the person wakes."
    assert properties["naps"]["type"] == "string"
