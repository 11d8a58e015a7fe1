"""What a shell offers when Tab is pressed after an option or an argument."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def arms(incomplete: str) -> list[str]:
    """Return the arms of the file that stands in the line."""
    from testbed.api import load
    from testbed.mitigations import arms_of
    from testbed.scenario import ScenarioError

    for file in _files():
        try:
            return [name for name in arms_of(load(file).study) if name.startswith(incomplete)]
        except ScenarioError:
            continue
    return []


def several_arms(incomplete: str) -> list[str]:
    """Return the arms of the file that stands in the line, after those there with commas."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in arms(last)]


def _files() -> Iterator[str]:
    """Yield the files in the line; it is not parsed, because its last option has no value yet."""
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    yield from (word for word in line.split() if word.endswith(".toml") and Path(word).is_file())


def lists(incomplete: str) -> list[str]:
    """Return what ``testbed list`` lists."""
    from testbed.cli.listing import KINDS

    return [name for name in KINDS if name.startswith(incomplete)]


def metrics(incomplete: str) -> list[str]:
    """Return the names of the metrics, after those that stand there with commas."""
    from testbed.outcomes import METRICS

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in METRICS if name.startswith(last)]
