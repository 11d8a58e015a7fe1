"""From a file to a checked scenario, with every error of the file told at once."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from testbed.scenario.checks import advice_among, cross_check
from testbed.scenario.document import Document, parse_document, read_document
from testbed.scenario.errors import KeyPath, Problem, ScenarioError, show
from testbed.scenario.factors import factors_of
from testbed.scenario.model import Scenario, with_changes
from testbed.scenario.sections import problem, validate


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
    if study.factors is None:
        return
    for factor in factors_of(study.factors, advice_among(mitigations)):
        if not factor.is_setting:
            continue
        path: KeyPath = ("study", "factors", "settings", factor.name)
        for level in factor.levels:
            given = {**document.data, "study": {}, "expect": []}
            try:
                data = with_changes(given, {factor.name: level})
            except TypeError:
                yield problem(document, path, "", "unknown key")
                break
            changed = Document(document.name, data, document.text)
            good, wrong = validate(changed, Scenario)
            wrong.extend(cross_check(changed, good, mitigations, metrics))
            if wrong:
                first = wrong[0]
                told = first.found if first.expected == "" else f"{show(level)}"
                yield problem(document, path, first.expected, told, first.hint)
                break
