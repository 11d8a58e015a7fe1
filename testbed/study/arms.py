"""All arms of a study side by side: which of them a run cannot tell apart.

Settings fall into parts that are checked apart from each other, and a part of an arm depends
on those of its mitigations alone that touch it.  So few variants of each part make up many arms,
and whether arms differ in what a run consulted is asked of the variants and not of the arms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from testbed.mitigations import Adopted, Arm, adopted_by, arms_of
from testbed.scenario.model import DERIVED, Scenario
from testbed.study.keys import resolved
from testbed.study.watched import Path, joined, value_at, values_at

_PEOPLE: Final = "people"
_PART_OF: Final = {"patient": _PEOPLE, "care_partner": _PEOPLE, "place": "places"}
"""The part of each section that is read together with another; any other is its own part."""

_KEPT: Final = 4096
"""Answers that are kept: as many as there are ways for runs to go, many times over."""

Mask = NDArray[np.bool_]
"""One truth for each arm of a study."""

Fact = tuple[Path, str]
"""A setting and what it was, as :func:`~testbed.study.watched.value_at` writes it."""


def part_of(first: str) -> str:
    """Return the part of settings that a section, or what is derived from it, belongs to.

    Args:
        first: The first key of a dotted key of a scenario file, or of a consulted path.
    """
    section = DERIVED.get(first, (first,))[0]
    return _PART_OF.get(section, section)


class _Part:
    """One part of the settings, in each of the variants that some arms have of it.

    Attributes:
        number_of: The number of the variant of each arm.
        variants: The arms that take only what touches this part, one for each variant.
        partly: Whether a variant differs between replicates.
    """

    def __init__(self, scenario: Scenario, part: str, arms: Iterable[tuple[Adopted, ...]]) -> None:
        numbers: dict[tuple[tuple[str, float], ...], int] = {}
        self.variants: list[Arm] = []
        number_of = []
        for adopted in arms:
            own = [each for each in adopted if part in _parts_of(each)]
            key = tuple((each.mitigation.name, each.adherence) for each in own)
            if key not in numbers:
                before = numbers.get(key[:-1]) if key else None
                if before is not None and not self.variants[before].partly:
                    variant = Arm(self.variants[before].base, own[-1:])
                else:
                    variant = Arm(scenario, own)
                numbers[key] = len(self.variants)
                self.variants.append(variant)
            number_of.append(numbers[key])
        self.numbers = numbers
        self.number_of = np.array(number_of, dtype=np.intp)
        self.partly = any(each.partly for each in self.variants)
        self._texts: dict[tuple[int, tuple[Path, ...]], bytes] = {}

    def texts(self, number: int, replicate: int, paths: tuple[Path, ...]) -> bytes:
        """Return what some settings are in a variant, for one replicate, as JSON."""
        scenario = self.variants[number].of(replicate)
        # The arm keeps its scenarios, so that none is made in the place of another.
        key = (id(scenario), paths)
        if key not in self._texts:
            if len(self._texts) > _KEPT * 16:
                self._texts.clear()
            self._texts[key] = values_at(scenario, paths)
        return self._texts[key]


def _parts_of(adopted: Adopted) -> frozenset[str]:
    return _parts_of_keys(adopted.mitigation.touches)


@cache
def _parts_of_keys(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(part_of(key.partition(".")[0]) for key in keys)


def side_by_side(scenario: Scenario) -> Arms:
    """Return the arms of a scenario, the same object for as long as few others are asked for.

    Raises:
        FactorError: If the study's factors make no design.
    """
    for known in _known:
        if known.scenario is scenario:
            return known
    _known.appendleft(Arms(scenario))
    return _known[0]


_known: Final[deque[Arms]] = deque(maxlen=2)


class Arms:
    """Every arm of a scenario.

    Args:
        scenario: The scenario as loaded.

    Attributes:
        scenario: The scenario as loaded.
        names: The arms' names in order; an arm's position among them is its number.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.names = tuple(arms_of(scenario.study))
        self._adopted = [adopted_by(scenario, name) for name in self.names]
        taken = {each.mitigation.name: each for arm in self._adopted for each in arm}
        self._mitigations = {name: each.mitigation for name, each in taken.items()}
        touched = sorted({part for each in taken.values() for part in _parts_of(each)})
        self._parts = {part: _Part(scenario, part, self._adopted) for part in touched}
        self.arm = lru_cache(maxsize=256)(self._arm)
        self._grouped = lru_cache(maxsize=_KEPT)(self._group)
        self._classes = lru_cache(maxsize=_KEPT)(self._classify)
        self._facts = lru_cache(maxsize=_KEPT)(self._write_facts)
        self._raw = lru_cache(maxsize=_KEPT * 16)(self._write_sections)

    def _arm(self, number: int) -> Arm:
        return Arm(self.scenario, self._adopted[number])

    def of(self, number: int, replicate: int) -> Scenario:
        """Return the scenario of one replicate of an arm."""
        return self.arm(number).of(replicate)

    # Which arms a run cannot tell apart ------------------------------------------------

    def alike(self, consulted: frozenset[Path], number: int, replicate: int) -> Mask:
        """Return which arms agree with one in everything that a run of it consulted.

        Args:
            consulted: The settings that the run consulted.
            number: The arm that was run.
            replicate: Which replicate.
        """
        found = np.ones(len(self.names), dtype=np.bool_)
        for name, paths in self._grouped(consulted):
            part = self._parts[name]
            classes = self._classes(name, paths, replicate if part.partly else 0)
            of_arms = classes[part.number_of]
            found &= of_arms == of_arms[number]
        return found

    def _group(self, consulted: frozenset[Path]) -> tuple[tuple[str, tuple[Path, ...]], ...]:
        """Return the consulted settings of each part in which arms differ."""
        groups: dict[str, list[Path]] = {}
        for path in consulted:
            part = part_of(str(path[0]))
            if part in self._parts:
                groups.setdefault(part, []).append(path)
        return tuple((part, tuple(sorted(own, key=repr))) for part, own in sorted(groups.items()))

    def _classify(self, name: str, paths: tuple[Path, ...], replicate: int) -> NDArray[np.intp]:
        """Return a number for each variant of a part, the same where some settings are."""
        part, numbers = self._parts[name], dict[bytes, int]()
        texts = (part.texts(each, replicate, paths) for each in range(len(part.variants)))
        return np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.intp)

    # What a run consulted, for others to look up ---------------------------------------

    def facts(self, consulted: frozenset[Path], number: int, replicate: int) -> bytes:
        """Return what a run consulted and what it found, as JSON: a list of :data:`Fact`."""
        return self._facts(consulted, number, replicate if self.arm(number).partly else 0)

    def _write_facts(self, consulted: frozenset[Path], number: int, replicate: int) -> bytes:
        scenario = self.of(number, replicate)
        paths = sorted(consulted, key=repr)
        return msgspec.json.encode([(path, value_at(scenario, path)) for path in paths])

    def agreeing(self, facts: Iterable[Fact], replicate: int) -> Mask:
        """Return which arms agree with everything that some run consulted.

        Args:
            facts: What the run consulted, and what it found.
            replicate: Which replicate.
        """
        found = np.ones(len(self.names), dtype=np.bool_)
        groups: dict[str, list[Fact]] = {}
        for path, text in facts:
            part = part_of(str(path[0]))
            if part in self._parts:
                groups.setdefault(part, []).append((path, text))
            elif value_at(self.scenario, path) != text:
                return ~found
        for name, own in groups.items():
            variants = self._parts[name]
            paths = tuple(path for path, _ in own)
            texts = joined(tuple(text for _, text in own))
            agree = [
                variants.texts(each, replicate, paths) == texts
                for each in range(len(variants.variants))
            ]
            found &= np.array(agree)[variants.number_of]
        return found

    def differ_between_replicates(self) -> bool:
        """Return whether some arm has other settings in one replicate than in another."""
        return any(part.partly for part in self._parts.values())

    # What an arm is --------------------------------------------------------------------

    def patients(self) -> set[tuple[str, ...]]:
        """Return the patients of each replicate in turn, once for each way that arms have them."""
        part = self._parts.get(_PEOPLE)
        variants = [Arm(self.scenario, ())] if part is None else part.variants
        return {each.base.patient.names for each in variants}

    def settings(self, number: int) -> dict[str, Any]:
        """Return all settings of an arm by section, those of ``testbed.study.keys.settings_of``.

        Sections are JSON already (``msgspec.Raw``), each written once for all arms that have it.
        """
        every = self._adopted[number]
        base = [each for each in every if each.adherence == 1.0 or not each.mitigation.changes]
        partly = [each for each in every if each not in base and each.adherence > 0.0]
        sections: dict[str, Any] = self._sections(base)
        if partly:
            sections["partly"] = [
                {
                    "adherence": each.adherence,
                    "settings": self._sections([*base, each._replace(adherence=1.0)]),
                    "name": each.mitigation.name,
                }
                for each in partly
            ]
        return sections

    def _sections(self, adopted: list[Adopted]) -> dict[str, Any]:
        keys = {
            part: tuple(
                (each.mitigation.name, each.adherence)
                for each in adopted
                if part in _parts_of(each)
            )
            for part in self._parts
        }
        sections: dict[str, Any] = dict(self._raw("", ()))
        for part, key in keys.items():
            if key:
                sections.update(self._raw(part, key))
        return sections

    def _write_sections(
        self, part: str, key: tuple[tuple[str, float], ...]
    ) -> tuple[tuple[str, msgspec.Raw], ...]:
        """Return the sections of one part, or of all where it is none, each as JSON."""
        known = self._parts[part].numbers.get(key) if part else None
        if known is not None and not self._parts[part].variants[known].partly:
            scenario = self._parts[part].variants[known].base
        else:
            adopted = [Adopted(self._mitigations[name], adherence) for name, adherence in key]
            scenario = Arm(self.scenario, adopted).base
        names = {name for name in Scenario.model_fields if part_of(name) == part}
        values = resolved(scenario, names or None)
        return tuple(
            (name, msgspec.Raw(msgspec.json.encode(value, order="deterministic")))
            for name, value in values.items()
            if not part or part_of(name) == part
        )
