"""The parts of a scenario's settings, each read by itself: arms share most of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from testbed.mitigations import Adopted, Arm
from testbed.scenario.model import Scenario

_PEOPLE: Final = "people"
_PART_OF: Final = {"patient": _PEOPLE, "care_partner": _PEOPLE}
"""The part of each section that is read together with another; any other is its own part."""


class Part:
    """One part of the settings, in each of the variants that some arms have of it.

    Args:
        scenario: The scenario as loaded.
        arms: What each arm takes of what touches this part.

    Attributes:
        variants: Each variant by the names and adherences of what is taken.
    """

    def __init__(self, scenario: Scenario, arms: Iterable[tuple[Adopted, ...]]) -> None:
        self.variants: dict[tuple[tuple[str, float], ...], Arm] = {}
        for own in arms:
            key = tuple((each.mitigation.name, each.adherence) for each in own)
            if key not in self.variants:
                before = self.variants.get(key[:-1]) if key else None
                if before is not None and not before.partly:
                    variant = Arm(before.base, own[-1:])
                else:
                    variant = Arm(scenario, own)
                self.variants[key] = variant


def part_of(key: str) -> str:
    """Return the part of settings that a dotted key of a scenario file belongs to."""
    section = key.partition(".")[0]
    return _PART_OF.get(section, section)


def parts_of(adopted: Adopted) -> frozenset[str]:
    """Return the parts that something which arms take touches."""
    return _parts_of_keys(adopted.mitigation.touches)


@cache
def _parts_of_keys(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(map(part_of, keys))
