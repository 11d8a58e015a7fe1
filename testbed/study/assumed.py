"""The assumptions that a scenario goes by, as numbers that can be moved over their ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from testbed.physiology import ERROR_MODELS
from testbed.scenario.assumptions import assumptions
from testbed.scenario.model import Scenario
from testbed.units import format_duration, parse_duration

_THERAPY = re.compile(r"pump\.therapy\((.*)\)\.(.*)")
_ERROR = re.compile(r"cgm\.error\.(\w+)\..*")


class Assumed(NamedTuple):
    """One assumption of a scenario.

    Attributes:
        name: Its dotted key in scenario files.
        low: The low end of its range.
        high: The high end of its range.
        unit: Its unit; ``"1"`` for a share or a factor.
        value: What the scenario says, in that unit.
        whole: Whether it is a whole number.
        duration: Whether scenario files write it as a duration, in the unit.
        source: Where the number comes from.
        beside: What else a file must say for the key to have its place.
    """

    name: str
    low: float
    high: float
    unit: str
    value: float
    whole: bool
    duration: bool
    source: str
    beside: tuple[tuple[str, str], ...] = ()

    def changes(self, value: float) -> dict[str, Any]:
        """Return the changes to a scenario that give the assumption a value of its range."""
        return {**dict(self.beside), self.name: self.written(value)}

    def written(self, value: float) -> Any:
        """Return a number of its range as a scenario file writes it."""
        inside = min(max(value, self.low), self.high)
        if self.duration:
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
        duration = isinstance(value, int) and isinstance(row["low"], float)
        if duration:
            value /= parse_duration(f"1{row['unit']}")
        whole = isinstance(row["low"], int) and isinstance(row["high"], int)
        yield Assumed(
            *(name, float(row["low"]), float(row["high"]), row["unit"], float(value)),
            *(whole, duration, row["source"]),
            (("pump.therapy.name", therapy[1]),) if therapy is not None else (),
        )


def _key_of(model: str) -> str:
    return next(name for name in ERROR_MODELS if name == model).replace("-", "_")
