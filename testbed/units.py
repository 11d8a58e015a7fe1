"""Clock times, durations and doses: how they are written, and how they are kept.

Inside the simulation time is a whole number of microseconds since the scenario's start
and insulin is a whole number of nanounits.  Whole numbers add up exactly, so "units by
origin sum to what was delivered" is an equality, and two runs tie in the same order on
every machine.
"""

from __future__ import annotations

import re
from typing import Final

US_PER_MS: Final = 1_000
US_PER_S: Final = 1_000_000
US_PER_MIN: Final = 60 * US_PER_S
US_PER_HOUR: Final = 60 * US_PER_MIN
MIN_PER_DAY: Final = 24 * 60
US_PER_DAY: Final = MIN_PER_DAY * US_PER_MIN

NANOUNITS_PER_UNIT: Final = 1_000_000_000
"""Nanounits in one international unit (U) of insulin."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s*(d|h|min|ms|us|m|s)\s*", re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_UNIT_US: Final = {
    "d": US_PER_DAY,
    "h": US_PER_HOUR,
    "min": US_PER_MIN,
    "m": US_PER_MIN,
    "s": US_PER_S,
    "ms": US_PER_MS,
    "us": 1,
}


def parse_clock(text: str) -> int:
    """Return the microseconds since midnight of a clock time such as ``12:10``.

    Raises:
        ValueError: If ``text`` is not ``HH:MM`` or ``HH:MM:SS`` on a 24-hour clock.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f'a clock time such as "12:10", found "{text}"')
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * 3600 + minutes * 60 + seconds) * US_PER_S


def is_between(clock_us: int, since_us: int, until_us: int) -> bool:
    """Return whether a clock time is in a span of the day, which may go over midnight.

    Args:
        clock_us: The clock time, microseconds since midnight.
        since_us: The clock time at which the span begins; it is in it.
        until_us: The clock time at which the span ends; it is not in it.
    """
    if since_us <= until_us:
        return since_us <= clock_us < until_us
    return clock_us >= since_us or clock_us < until_us


def parse_duration(text: str) -> int:
    """Return the microseconds of a duration such as ``24h``, ``90s`` or ``1h 30min``.

    Raises:
        ValueError: If ``text`` is not a sequence of numbers with units d, h, min, s, ms or us.
    """
    stripped = text.strip()
    if _DURATION.fullmatch(stripped) is None:
        raise ValueError(f'a duration such as "24h", "90s" or "1h 30min", found "{text}"')
    total = sum(float(number) * _UNIT_US[unit] for number, unit in _PART.findall(stripped))
    return round(total)


def format_clock(us: int, start_us: int = 0) -> str:
    """Return ``HH:MM:SS.mmm`` for a simulated time, with a ``+Nd`` suffix after midnight.

    Args:
        us: Microseconds since the scenario's start.
        start_us: Clock time of the start, in microseconds since midnight.
    """
    days, rest = divmod(us + start_us, US_PER_DAY)
    milliseconds = rest // US_PER_MS
    seconds, ms = divmod(milliseconds, 1000)
    minutes, s = divmod(seconds, 60)
    h, m = divmod(minutes, 60)
    suffix = f" +{days}d" if days else ""
    return f"{h:02}:{m:02}:{s:02}.{ms:03}{suffix}"


def format_duration(us: int) -> str:
    """Return a duration as people write it, in the largest units that fit (``1h 30min``)."""
    if us == 0:
        return "0s"
    parts = []
    for unit in ("d", "h", "min", "s", "ms"):
        count, us = divmod(us, _UNIT_US[unit])
        if count:
            parts.append(f"{count}{unit}")
    if us:
        parts.append(f"{us}us")
    return " ".join(parts)


def to_nanounits(units: float) -> int:
    """Return the whole nanounits nearest to ``units`` U of insulin."""
    return round(units * NANOUNITS_PER_UNIT)


def to_units(nanounits: int) -> float:
    """Return ``nanounits`` as U of insulin."""
    return nanounits / NANOUNITS_PER_UNIT
