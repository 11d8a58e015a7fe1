"""The assumptions that a scenario goes by, as numbers that can be moved over their ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from testbed.physiology import ERROR_MODELS
from testbed.scenario.assumptions import assumptions
from testbed.scenario.model import Scenario
from testbed.units import (
    US_PER_DAY,
    US_PER_HOUR,
    US_PER_MIN,
    format_clock,
    format_duration,
    parse_clock,
    parse_duration,
)

_THERAPY = re.compile(r"pump\.therapy\((.*)\)\.(.*)")
_ERROR = re.compile(r"cgm\.error\.(\w+)\..*")


class Assumed(NamedTuple):
    """One assumption of a scenario.

    Attributes:
        name: Its dotted key in scenario files.
        low: The low end of its range.
        high: The high end of its range.
        unit: Its unit; ``"1"`` for a share or a factor, ``"h"`` after midnight for a clock time.
        value: What the scenario says, in that unit.
        written_as: How scenario files write it, in the words of the list of assumptions.
        source: Where the number comes from.
        beside: What else a file must say for the key to have its place.
    """

    name: str
    low: float
    high: float
    unit: str
    value: float
    written_as: str
    source: str
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return self.written_as == "whole number"

    def changes(self, value: float) -> dict[str, Any]:
        """Return the changes to a scenario that give the assumption a value of its range."""
        return {**dict(self.beside), self.name: self.written(value)}

    def written(self, value: float) -> Any:
        """Return a number of its range as a scenario file writes it."""
        inside = min(max(value, self.low), self.high)
        if self.written_as == "clock time":
            minutes = round(inside * US_PER_HOUR / US_PER_MIN)
            return format_clock(minutes * US_PER_MIN % US_PER_DAY)[:5]
        if self.written_as == "duration":
            return format_duration(round(inside * parse_duration(f"1{self.unit}")))
        return round(inside) if self.whole else float(inside)


def assumed(scenario: Scenario) -> tuple[Assumed, ...]:
    """Return the assumptions that can move in a scenario, in the order of the list.

    Left out are those of what the scenario does not have (an attacker, a care partner, another
    therapy or sensor error model), and those of single places and steps of an attack.
    """
    return tuple(_assumed(scenario))


def _assumed(scenario: Scenario) -> Iterator[Assumed]:
    present = {
        "attacker": scenario.attacker is not None,
        "care_partner": scenario.partner is not None,
    }
    for row in assumptions(Scenario):
        name: str = row["name"]
        therapy, error = _THERAPY.fullmatch(name), _ERROR.fullmatch(name)
        if therapy is not None:
            if therapy[1] != scenario.pump.therapy.name:
                continue
            name = f"pump.therapy.{therapy[2]}"
        elif "[" in name or not present.get(name.partition(".")[0], True):
            continue
        if error is not None and error[1] != _key_of(scenario.cgm.error_model):
            continue
        value = scenario.setting(name)
        low, high, unit, written = row["low"], row["high"], row["unit"], row["written"]
        if written == "clock time":
            low, high, value = _in_hours(low, high, value)
            unit = "h"
        elif written == "duration":
            value /= parse_duration(f"1{unit}")
        yield Assumed(
            *(name, float(low), float(high), unit, float(value)),
            *(written, row["source"]),
            (("pump.therapy.name", therapy[1]),) if therapy is not None else (),
        )


def _in_hours(early: str, late: str, value_us: int) -> tuple[float, float, float]:
    """Return the ends of a range and a clock time in it, in hours after one and the same midnight.

    What is after the next midnight goes on from 24.  Any clock time is allowed; one outside of the
    range, of somebody who sleeps by day, widens it.
    """
    low, high = parse_clock(early), parse_clock(late)
    high += US_PER_DAY if high < low else 0
    value_us += US_PER_DAY if value_us < low and value_us + US_PER_DAY <= high else 0
    low, high = min(low, value_us), max(high, value_us)
    return low / US_PER_HOUR, high / US_PER_HOUR, value_us / US_PER_HOUR


def _key_of(model: str) -> str:
    return next(name for name in ERROR_MODELS if name == model).replace("-", "_")
