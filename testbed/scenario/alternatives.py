"""Checks that no arm takes two mitigations that set one thing differently: which would count?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from testbed.scenario.document import Document
from testbed.scenario.errors import KeyPath, Problem, show
from testbed.scenario.factors import Planned
from testbed.scenario.sections import problem
from testbed.scenario.study_settings import ADVICE_GROUP, Adoption, OwnArm, StudySettings

_Named = tuple[KeyPath, str]


def alternatives_checks(
    document: Document,
    study: StudySettings,
    arms: Mapping[str, Planned],
    mitigations: Collection[str],
) -> Iterator[Problem]:
    """Yield a problem for each mitigation that is an alternative to another of the same arm.

    Args:
        document: The file.
        study: The plan of its study.
        arms: Every arm by name, those that factors make among them.
        mitigations: What there is, by name; without what they change nothing is checked.
    """
    if not isinstance(mitigations, Mapping):
        return
    told: set[KeyPath] = set()
    for name, arm in arms.items():
        listed = _written(study, name) if name in study.arms else _made(study, arm)
        for path, one, other, key in _at_odds(listed, mitigations):
            if path not in told:
                told.add(path)
                values = _sets(mitigations[one])[key], _sets(mitigations[other])[key]
                yield problem(
                    document,
                    path,
                    f'one of "{one}" and "{other}" in an arm',
                    f"both in {show(name)}",
                    f"they set {key} to {show(values[0])} and to {show(values[1])}",
                )


def _name(each: str | Adoption) -> str:
    return each.name if isinstance(each, Adoption) else each


def _written(study: StudySettings, arm: str) -> Iterator[_Named]:
    """Yield what a written arm names, and where."""
    written = study.arms[arm]
    own = isinstance(written, OwnArm)
    takes: Iterable[str | Adoption] = written.takes if isinstance(written, OwnArm) else written
    for index, each in enumerate(takes):
        yield ("study", "arms", arm, *(("takes",) if own else ()), index), _name(each)


def _made(study: StudySettings, arm: Planned) -> Iterator[_Named]:
    """Yield what an arm of the factors takes, and where the factor stands."""
    factors = study.factors
    if factors is None:
        return
    places = {_name(each): index for index, each in enumerate(factors.mitigations)}
    for each in arm.takes:
        name = _name(each)
        if name in factors.adherence:
            yield ("study", "factors", "adherence", name), name
        else:
            place = places.get(name, places.get(ADVICE_GROUP, 0))
            yield ("study", "factors", "mitigations", place), name


def _at_odds(
    listed: Iterable[_Named], mitigations: Mapping[str, Any]
) -> Iterator[tuple[KeyPath, str, str, str]]:
    """Yield where a mitigation is named, one named before, it, and a key they differ in."""
    before: dict[str, tuple[str, Any]] = {}
    for path, named in listed:
        advice = (name for name, each in mitigations.items() if each.bearer == "wearer")
        for name in advice if named == ADVICE_GROUP else (named,):
            for key, value in _sets(mitigations.get(name)).items():
                one, its = before.setdefault(key, (name, value))
                if its != value:
                    yield path, one, name, key


def _sets(mitigation: Any) -> dict[str, Any]:
    return {} if mitigation is None else {**mitigation.changes, **mitigation.shares}
