"""From a file to a checked scenario, with every error of the file told at once."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from testbed.scenario.checks import cross_check
from testbed.scenario.document import Document, parse_document, read_document
from testbed.scenario.errors import ScenarioError
from testbed.scenario.model import Scenario
from testbed.scenario.sections import validate


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
    if problems:
        raise ScenarioError(problems)
    return Scenario.from_written(document.data, name)
