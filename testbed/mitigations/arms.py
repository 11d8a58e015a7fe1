"""The arms of a study: which mitigations, and by how many they are taken.

Adherence has two meanings, each the plain one for its kind of setting.  A share of occasions (how
often an unexpected prompt is confirmed) moves so far towards what it is for somebody who always
follows the advice.  Anything else (a feature of the pump that is on or off) is changed for so
large a share of the wearers, by one throw of the dice for each replicate that is the same in
every arm: whoever follows the advice at an adherence of a quarter follows it at a half.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from testbed.mitigations.mitigation import ANY, Mitigation
from testbed.mitigations.registered import MITIGATIONS
from testbed.randomness import Streams
from testbed.scenario.factors import Planned, planned
from testbed.scenario.model import ADVICE_GROUP, Adoption, Scenario
from testbed.scenario.study_settings import StudySettings

_THROW: Final = "adherence/"


class Adopted(NamedTuple):
    """A mitigation, and by how many, or how often, it is taken."""

    mitigation: Mitigation
    adherence: float = 1.0


class Arm:
    """One arm of a scenario.

    Args:
        scenario: The scenario as loaded.
        adopted: What the arm takes.

    Attributes:
        base: The scenario with all that every wearer of the arm does.
        partly: What only a share of them does.
    """

    def __init__(self, scenario: Scenario, adopted: Iterable[Adopted]) -> None:
        self.base = scenario
        self.partly: tuple[Adopted, ...] = ()
        for each in adopted:
            if each.adherence == 1.0 or not each.mitigation.changes:
                self.base = each.mitigation.apply(self.base, each.adherence)
            elif each.adherence > 0.0:
                self.partly = (*self.partly, each)
        self._of: dict[tuple[str, ...], Scenario] = {(): self.base}

    def of(self, replicate: int) -> Scenario:
        """Return the scenario of one replicate: of a wearer who takes what it takes."""
        if not self.partly:
            return self.base
        streams = Streams(self.base.study.seed, replicate)
        taken = tuple(
            each
            for each in self.partly
            if streams.chance(_THROW + each.mitigation.name, each.adherence)
        )
        names = tuple(each.mitigation.name for each in taken)
        if names not in self._of:
            scenario = self.base
            for each in taken:
                scenario = each.mitigation.apply(scenario)
            self._of[names] = scenario
        return self._of[names]


def expand(names: Iterable[str | Adoption]) -> tuple[Adopted, ...]:
    """Return the mitigations that an arm names, groups expanded, each once.

    What is named by itself goes before what a group says of it, and what is named last before
    what was named first.

    Raises:
        KeyError: If a name is unknown.
    """
    asked = [each if isinstance(each, Adoption) else Adoption(name=each) for each in names]
    found: dict[str, Adopted] = {}
    for group in (True, False):
        for each in asked:
            if (each.name == ADVICE_GROUP) is not group:
                continue
            members = [each.name]
            if group:
                members = [one.name for one in MITIGATIONS.values() if one.bearer == "wearer"]
            found.update((name, Adopted(MITIGATIONS[name], each.taken)) for name in members)
    return tuple(found.values())


def adopted_by(scenario: Scenario, arm: str) -> tuple[Adopted, ...]:
    """Return what one of a scenario's arms takes.

    Raises:
        KeyError: If the scenario has no such arm.
    """
    one = arms_of(scenario.study)[arm]
    sections: dict[str, dict[str, Any]] = {}
    for key, value in one.settings:
        sections.setdefault(key.partition(".")[0], {})[key] = value
    own = (_own_settings(json.dumps(changes)) for changes in sections.values())
    return (*map(Adopted, own), *expand(one.takes))


@lru_cache(maxsize=1024)
def _own_settings(changes: str) -> Mitigation:
    """Return what an arm sets in one section, as if it were a precaution of that arm alone."""
    return Mitigation(
        name=changes,
        advice="Set as the study's factors say.",
        bearer="clinic",
        source="the scenario's own",
        against=(ANY,),
        moves=(),
        keeps="",
        changes=json.loads(changes),
    )


def arms_of(study: StudySettings) -> Mapping[str, Planned]:
    """Return every arm of a study by its name: those written, and those of its factors.

    Raises:
        FactorError: If the factors make no design.
    """
    for known, arms in _planned:
        if known is study:
            return arms
    advice = [each.name for each in MITIGATIONS.values() if each.bearer == "wearer"]
    arms = planned(study, advice)
    _planned.appendleft((study, arms))
    return arms


_planned: Final[deque[tuple[StudySettings, Mapping[str, Planned]]]] = deque(maxlen=8)
"""The arms of the studies that were asked for last: there may be many, and all ask for them."""


def arm_of(scenario: Scenario, arm: str) -> Arm:
    """Return one of a scenario's arms.

    Raises:
        KeyError: If the scenario has no such arm.
    """
    return Arm(scenario, adopted_by(scenario, arm))


def apply_arm(scenario: Scenario, arm: str, replicate: int = 0) -> Scenario:
    """Return the scenario as one replicate of one of its arms has it.

    Raises:
        KeyError: If the scenario has no such arm.
    """
    return arm_of(scenario, arm).of(replicate)
