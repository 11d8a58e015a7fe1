"""All arms of a study side by side: which of them a run cannot tell apart.

What a setting is in an arm depends on those changes alone that can move it, and arms that make
the same of them have the same there.  So few arms show what a setting is in all of them, and
whether arms differ in what a run consulted is asked of those few.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cache, cached_property, lru_cache
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from testbed.mitigations import Adopted, Arm, adopted_by, arms_of
from testbed.scenario.model import Scenario
from testbed.study.keys import resolved
from testbed.study.kinds import Kinds, Numbers
from testbed.study.parts import Part, part_of, parts_of
from testbed.study.related import can_move
from testbed.study.watched import Path, value_at

_KEPT: Final = 4096
"""Answers that are kept: as many as there are ways for runs to go, many times over."""

Mask = NDArray[np.bool_]
"""One truth for each arm of a study."""


Fact = tuple[Path, str]
"""A setting and what it was, as :func:`~testbed.study.watched.value_at` writes it."""


class _Column:
    """What one setting is in every arm.

    Args:
        arms: The arms.
        kinds: The arms by what they make of it.
        path: Where it stands.
    """

    def __init__(self, arms: Arms, kinds: Kinds, path: Path) -> None:
        self._arms = arms
        self.kinds = kinds
        self._path = path
        self._numbers: dict[str, int] = {}
        self.values = lru_cache(maxsize=2)(self._read)

    def _read(self, replicate: int) -> Numbers:
        """Return a number for each kind of arms, the same where the setting is."""
        return np.array(
            [
                self._number(value_at(self._arms.of(each, replicate), self._path))
                for each in self.kinds.examples
            ],
            dtype=np.intp,
        )

    def _number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def number(self, text: str) -> int:
        """Return the number of a text of the setting, -1 if it has not been seen."""
        return self._numbers.get(text, -1)


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


def arms_written(name: str, written: bytes) -> Arms:
    """Return the arms of a scenario that may have come from another process.

    Those of :func:`side_by_side` are found again: this process may itself have asked.

    Args:
        name: The scenario's name.
        written: The scenario as :attr:`Arms.written` has it.
    """
    for known in _known:
        if known.scenario.name == name and known.written == written:
            return known
    values: dict[str, Any] = msgspec.json.decode(written)
    return side_by_side(Scenario.from_written(values, name))


def forget_arms() -> None:
    """Work arms out anew from now on, because what a mitigation's name means has changed."""
    _known.clear()


_known: Final[deque[Arms]] = deque(maxlen=4)


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
        every = [adopted_by(scenario, name) for name in self.names]
        numbers: dict[tuple[str, float], int] = {}
        self._taken: list[Adopted] = []
        for each in (each for arm in every for each in arm):
            if numbers.setdefault((each.mitigation.name, each.adherence), len(numbers)) == len(
                self._taken
            ):
                self._taken.append(each)
        self._adopted = [
            tuple([numbers[each.mitigation.name, each.adherence] for each in arm]) for arm in every
        ]
        self._mitigations = {each.mitigation.name: each.mitigation for each in self._taken}
        self._touched = frozenset(
            key for mitigation in self._mitigations.values() for key in mitigation.touches
        )
        self._partly = any(
            each.mitigation.changes and 0.0 < each.adherence < 1.0 for each in self._taken
        )
        self.arm = lru_cache(maxsize=256)(self._arm)
        self._kinds = cache(self._put_together)
        self._column = cache(self._stand)
        self._columns = lru_cache(maxsize=_KEPT)(self._stand_together)
        self._unmoved = lru_cache(maxsize=_KEPT)(self._read_unmoved)
        self._facts = lru_cache(maxsize=_KEPT)(self._write_facts)
        self._raw = lru_cache(maxsize=_KEPT * 16)(self._write_sections)

    @cached_property
    def written(self) -> bytes:
        """The scenario as TOML values in JSON, which travels between processes."""
        return msgspec.json.encode(self.scenario.written)

    def _arm(self, number: int) -> Arm:
        return Arm(self.scenario, self._adopted_by(number))

    def _adopted_by(self, number: int) -> tuple[Adopted, ...]:
        return tuple(self._taken[each] for each in self._adopted[number])

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
        replicate = replicate if self._partly else 0
        for kinds, columns in self._columns(consulted):
            kind = kinds.of_arms[number]
            agree = np.ones(len(kinds.examples), dtype=np.bool_)
            for column in columns:
                values = column.values(replicate)
                agree &= values == values[kind]
            found &= agree[kinds.of_arms]
        return found

    def _stand_together(
        self, consulted: frozenset[Path]
    ) -> tuple[tuple[Kinds, tuple[_Column, ...]], ...]:
        """Return the settings in which arms may differ, those that the same changes move as one."""
        found: dict[Kinds, list[_Column]] = {}
        for path in sorted(consulted, key=repr):
            column = self._column(path)
            if column is not None:
                found.setdefault(column.kinds, []).append(column)
        return tuple((kinds, tuple(columns)) for kinds, columns in found.items())

    def _stand(self, path: Path) -> _Column | None:
        """Return what a setting is in every arm, None where no arm can have it otherwise."""
        keys = self._moving(path)
        return _Column(self, self._kinds(keys), path) if keys else None

    def _moving(self, *paths: Path) -> frozenset[str]:
        return frozenset(key for key in self._touched if any(can_move(key, path) for path in paths))

    def _put_together(self, keys: frozenset[str]) -> Kinds:
        return Kinds(keys, self._taken, self._adopted)

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
        for path, text in facts:
            column = self._column(path)
            if column is None:
                if self._unmoved(path) != text:
                    return ~np.ones_like(found)
            else:
                values = column.values(replicate if self._partly else 0)
                found &= (values == column.number(text))[column.kinds.of_arms]
        return found

    def _read_unmoved(self, path: Path) -> str:
        return value_at(self.scenario, path)

    # What an arm is --------------------------------------------------------------------

    def patients(self) -> set[tuple[str, ...]]:
        """Return the patients of each replicate in turn, once for each way that arms have them."""
        keys = self._moving(("patient", "model"), ("patient", "cohort"))
        return {self.arm(each).base.patient.names for each in self._kinds(keys).examples}

    def settings(self, number: int) -> dict[str, Any]:
        """Return all settings of an arm by section, those of ``testbed.study.keys.settings_of``.

        Sections are JSON already (``msgspec.Raw``), each written once for all arms that have it.
        """
        every = self._adopted_by(number)
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
        keys: dict[str, list[tuple[str, float]]] = {}
        for each in adopted:
            for part in parts_of(each):
                keys.setdefault(part, []).append((each.mitigation.name, each.adherence))
        sections: dict[str, Any] = dict(self._raw("", ()))
        for part, key in keys.items():
            sections.update(self._raw(part, tuple(key)))
        return sections

    @cached_property
    def _parts(self) -> dict[str, Part]:
        """Every part that arms touch; only whoever asks for settings needs them."""
        own: dict[str, list[tuple[Adopted, ...]]] = {}
        for part in sorted({part for each in self._taken for part in parts_of(each)}):
            of_part = [part in parts_of(each) for each in self._taken]
            own[part] = [
                tuple([self._taken[each] for each in arm if of_part[each]]) for arm in self._adopted
            ]
        return {part: Part(self.scenario, arms) for part, arms in own.items()}

    def _write_sections(
        self, part: str, key: tuple[tuple[str, float], ...]
    ) -> tuple[tuple[str, msgspec.Raw], ...]:
        """Return the sections of one part, or of all where it is none, each as JSON."""
        known = self._parts[part].variants.get(key) if part else None
        if known is not None and not known.partly:
            scenario = known.base
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
