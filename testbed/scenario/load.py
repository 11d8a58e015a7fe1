"""From a file to a checked scenario, with every error of the file told at once."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from testbed.scenario.changes import with_changes
from testbed.scenario.checks import cross_check
from testbed.scenario.document import Document, parse_document, read_document
from testbed.scenario.errors import KeyPath, Problem, ScenarioError, show
from testbed.scenario.factors import factors_of
from testbed.scenario.model import Scenario
from testbed.scenario.sections import problem, validate
from testbed.scenario.study_checks import advice_among
from testbed.scenario.study_settings import Level, OwnArm


def load_scenario(
    path: str | os.PathLike[str], mitigations: Collection[str], metrics: Collection[str]
) -> Scenario:
    """Return the scenario of a file.

    Args:
        path: The TOML file.
        mitigations: The names that arms may use.
        metrics: The names that expectations may use.

    Raises:
        ScenarioError: With every problem of the file, each with line and key.
    """
    return _checked(read_document(path), Path(path).stem, mitigations, metrics)


def parse_scenario(
    text: str, name: str, mitigations: Collection[str], metrics: Collection[str]
) -> Scenario:
    """Return the scenario that a text describes; ``name`` stands in for the file's.

    Raises:
        ScenarioError: With every problem of the text.
    """
    return _checked(parse_document(text, name), name, mitigations, metrics)


def _checked(
    document: Document, name: str, mitigations: Collection[str], metrics: Collection[str]
) -> Scenario:
    good, problems = validate(document, Scenario)
    problems.extend(cross_check(document, good, mitigations, metrics))
    if not problems:
        problems = list(_sweeps(document, mitigations, metrics))
    if problems:
        raise ScenarioError(problems)
    return Scenario.from_written(document.data, name)


def _sweeps(
    document: Document, mitigations: Collection[str], metrics: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with values that a study's factors give to settings."""
    study = Scenario.from_written(document.data, "scenario").study
    given: list[tuple[KeyPath, str, Level]] = [
        (("study", "arms", arm, "settings", key), key, level)
        for arm, written in study.arms.items()
        if isinstance(written, OwnArm)
        for key, level in written.settings.items()
    ]
    if study.factors is not None:
        given += [
            (("study", "factors", "settings", factor.name), factor.name, level)
            for factor in factors_of(study.factors, advice_among(mitigations))
            if factor.is_setting
            for level in factor.levels
        ]
    told: set[KeyPath] = set()
    for path, key, level in given:
        if path not in told:
            for wrong in _wrong(document, path, key, level, mitigations, metrics):
                told.add(path)
                yield wrong


def _wrong(
    document: Document,
    path: KeyPath,
    key: str,
    level: Level,
    mitigations: Collection[str],
    metrics: Collection[str],
) -> Iterator[Problem]:
    """Yield the first problem of the document with one setting changed, as that of a key."""
    try:
        data = with_changes({**document.data, "study": {}, "expect": []}, {key: level})
    except TypeError:
        yield problem(document, path, "", "unknown key")
        return
    changed = Document(document.name, data, document.text)
    good, wrong = validate(changed, Scenario)
    wrong.extend(cross_check(changed, good, mitigations, metrics))
    for first in wrong[:1]:
        found = show(level) if first.expected else first.found
        yield problem(document, path, first.expected, found, first.hint)
