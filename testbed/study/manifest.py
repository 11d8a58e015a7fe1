"""What a study was: enough to know, years later, what made the numbers and to make them again."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final

import msgspec

from testbed.scenario.model import Scenario
from testbed.study.keys import RESULT_VERSION
from testbed.version import VERSION

MANIFEST: Final = "manifest.json"
"""The name of the file in a folder of results."""

_CHANGES_NO_RUN: Final = (
    *("title", "about", "sources", "expect", "severity"),
    *("study.replicates", "study.baseline", "study.arms"),
    *("study.factors", "study.conclusion", "study.precision"),
)
_PACKAGE: Final = "pump-link-testbed"


@cache
def versions() -> dict[str, str]:
    """Return the versions of this package, of Python and of each library that it needs.

    Libraries that belong to an extra are left out: they move no number.
    """
    found = {_PACKAGE: VERSION, "python": platform.python_version()}
    for name in sorted(_needed()):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a copy of its files, without some library
            found[name] = "none"
    return found


def _needed() -> list[str]:
    try:
        wanted = requires(_PACKAGE) or []
    except PackageNotFoundError:
        return []
    return [
        re.split(r"[\s<>=!~;\[(]", each, maxsplit=1)[0] for each in wanted if "extra" not in each
    ]


class Manifest(msgspec.Struct, frozen=True):
    """What a study was begun with.

    No time and no name of a machine is in it, so that the same study has the same manifest.

    Attributes:
        scenario: The scenario's name.
        title: What the study is about, for people.
        seed: The study's seed.
        replicates: How many replicates an arm.
        baseline: The arm that the others are compared with.
        command: The command, as the words of a shell; empty if a program began the study.
        result_version: The version of the program's results.
        versions: Of the package, Python and libraries.
        written: The scenario as its file says it, as TOML values.
        arms: Every setting of the baseline arm, defaults filled in and mitigations applied, and
            of each other arm those that differ from it.
    """

    scenario: str
    title: str
    seed: int
    replicates: int
    baseline: str
    command: tuple[str, ...]
    result_version: int
    versions: dict[str, str]
    written: dict[str, Any]
    arms: dict[str, dict[str, Any]]

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        settings: Mapping[str, Mapping[str, Any]],
        command: tuple[str, ...],
    ) -> Manifest:
        """Return the manifest of a study.

        Args:
            scenario: The scenario as loaded, with the seed and replicates that are wanted.
            settings: The settings of each arm, from :meth:`testbed.study.arms.Arms.settings`.
            command: The command that begins the study.
        """
        baseline = settings[scenario.study.baseline]
        differing = {arm: _differing(each, baseline) for arm, each in settings.items()}
        return cls(
            scenario.name,
            scenario.title,
            scenario.study.seed,
            scenario.study.replicates,
            scenario.study.baseline,
            command,
            RESULT_VERSION,
            versions(),
            scenario.written,
            {**differing, scenario.study.baseline: _decoded(baseline)},
        )

    @classmethod
    def read(cls, text: str) -> Manifest:
        """Return the manifest that a text is.

        Raises:
            msgspec.DecodeError: If it is none.
        """
        return msgspec.json.decode(text, type=cls)

    def text(self) -> str:
        """Return the manifest as strict JSON."""
        return json.dumps(msgspec.to_builtins(self), indent=2, allow_nan=False) + "\n"

    def differences(self, other: Manifest) -> tuple[str, ...]:
        """Return the dotted keys of the scenario whose values differ and change what runs are."""
        return written_otherwise(self.written, other.written)

    def write(self, folder: Path) -> None:
        """Write it into a folder, as a whole or not at all.

        Raises:
            OSError: If it cannot be written.
        """
        write_whole(folder / MANIFEST, self.text())


def written_otherwise(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the dotted keys whose values differ in two scenarios and change what runs are.

    Args:
        one: A scenario as its file says it.
        other: Another.
    """
    ours, theirs = (dict(_flat("", each)) for each in (one, other))
    return tuple(
        key
        for key in sorted({*ours, *theirs})
        if not key.startswith(_CHANGES_NO_RUN) and ours.get(key) != theirs.get(key)
    )


def _decoded(sections: Any) -> Any:
    decoded: Any = msgspec.json.decode(msgspec.json.encode(sections))
    return decoded


def _differing(sections: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings, of sections in JSON, that are other than some others."""
    changed = {key: each for key, each in sections.items() if each != others.get(key)}
    ours, theirs = _decoded(changed), _decoded({key: others.get(key) for key in changed})
    return {key: _inside(ours[key], theirs[key]) for key in changed}


def _inside(value: Any, other: Any) -> Any:
    """Return a value, or of two tables what differs."""
    if not (isinstance(value, dict) and isinstance(other, dict)):
        return value
    return {
        key: _inside(each, other.get(key)) for key, each in value.items() if each != other.get(key)
    }


def _flat(where: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is written by dotted key, items of lists counted from 1."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(f"{where}.{key}" if where else key, each)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value, start=1):
            yield from _flat(f"{where}[{number}]", each)
    else:
        yield where, value


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that a reader finds the old one or the new one, and never a part.

    Raises:
        OSError: If it cannot be written; the old file is then as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
