"""The rules of clock times, durations and doses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.units import (
    NANOUNITS_PER_UNIT,
    US_PER_DAY,
    US_PER_HOUR,
    US_PER_MIN,
    US_PER_MS,
    US_PER_S,
    format_clock,
    format_duration,
    parse_clock,
    parse_duration,
    to_nanounits,
    to_units,
)

quick = settings(derandomize=True, deadline=None)


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("00:00", 0),
        ("12:10", 12 * US_PER_HOUR + 10 * US_PER_MIN),
        ("23:59:59", US_PER_DAY - US_PER_S),
    ],
)
def test_a_clock_time_is_read(text: str, us: int) -> None:
    """A clock time is kept as microseconds since midnight."""
    assert parse_clock(text) == us


@pytest.mark.parametrize(
    "text", ["", "24:00", "12:60", "12:10:60", "9:00", "12.10", "12:10 ", " 12:10", "noon", "-1:00"]
)
def test_what_is_no_clock_time_is_refused(text: str) -> None:
    """Anything but HH:MM or HH:MM:SS on a 24-hour clock is refused."""
    with pytest.raises(ValueError, match="a clock time"):
        parse_clock(text)


@quick
@given(st.integers(0, US_PER_DAY // US_PER_S - 1))
def test_every_second_of_a_day_can_be_written_and_read(second: int) -> None:
    """Reading what was written gives the same second."""
    assert parse_clock(format_clock(second * US_PER_S)[:8]) == second * US_PER_S


def test_a_clock_time_counts_from_the_start_and_past_midnight() -> None:
    """A simulated time is shown on the clock of the scenario, with the days passed."""
    start = parse_clock("06:00")
    assert format_clock(0, start) == "06:00:00.000"
    assert format_clock(90 * US_PER_S + 5 * US_PER_MS, start) == "06:01:30.005"
    assert format_clock(18 * US_PER_HOUR, start) == "00:00:00.000 +1d"
    assert format_clock(2 * US_PER_DAY, start) == "06:00:00.000 +2d"


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("0s", 0),
        ("24h", US_PER_DAY),
        ("90s", 90 * US_PER_S),
        ("1h 30min", 90 * US_PER_MIN),
        ("1h30m", 90 * US_PER_MIN),
        ("1.5h", 90 * US_PER_MIN),
        ("2d", 2 * US_PER_DAY),
        ("250ms", 250 * US_PER_MS),
        ("1m 1ms", US_PER_MIN + US_PER_MS),
        (" 5 min ", 5 * US_PER_MIN),
    ],
)
def test_a_duration_is_read(text: str, us: int) -> None:
    """A duration is kept as microseconds."""
    assert parse_duration(text) == us


@pytest.mark.parametrize(
    "text", ["", "   ", "24", "h", "-1h", "1 hour", "1h,30min", ".5h", "1.h", "1e3s", "1H", "inf s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Anything but numbers with units d, h, min, s and ms is refused."""
    with pytest.raises(ValueError, match="a duration"):
        parse_duration(text)


@quick
@given(st.integers(0, 400 * US_PER_DAY // US_PER_MS))
def test_every_duration_can_be_written_and_read(ms: int) -> None:
    """Reading what was written gives the same duration."""
    assert parse_duration(format_duration(ms * US_PER_MS)) == ms * US_PER_MS


def test_a_duration_is_written_in_the_largest_units() -> None:
    """A duration is written as people do."""
    assert format_duration(90 * US_PER_MIN) == "1h 30min"
    assert format_duration(US_PER_DAY + US_PER_MS) == "1d 1ms"


@quick
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever the text, a reader answers with a whole number or a ValueError."""
    for read in (parse_clock, parse_duration):
        try:
            answer = read(text)
        except ValueError:
            continue
        assert answer >= 0


@quick
@given(st.integers(0, 10**15))
def test_a_dose_survives_as_units(nanounits: int) -> None:
    """Nanounits shown as units and taken back are the same nanounits."""
    assert to_nanounits(to_units(nanounits)) == nanounits


@quick
@given(st.lists(st.integers(0, 10**6)))
def test_doses_add_up_exactly(hundredths: list[int]) -> None:
    """Doses in steps of 0.01 U add up to the last nanounit."""
    step = NANOUNITS_PER_UNIT // 100
    assert sum(to_nanounits(each / 100) for each in hundredths) == sum(hundredths) * step
