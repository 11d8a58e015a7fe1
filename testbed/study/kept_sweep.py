"""A sensitivity sweep in a folder of results, beside the study whose conclusion it is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from testbed.scenario.model import Scenario
from testbed.study.database import StoreError
from testbed.study.keys import RESULT_VERSION
from testbed.study.manifest import write_whole
from testbed.study.swept import Sensitivity

FOLDER: Final = "sensitivity"
"""The folder, inside that of a study's results, that a sweep is kept in."""
FILE: Final = "sensitivity.json"
"""What the sweep found, in that folder."""


@dataclass(frozen=True, slots=True)
class KeptSweep:
    """What a sweep found, and of what.

    Attributes:
        scenario: The scenario's name.
        title: Its title.
        seed: The seed of all points.
        result_version: The version of the program's results.
        written: The scenario as its file says it, as TOML values.
        found: What the sweep found.
    """

    scenario: str
    title: str
    seed: int
    result_version: int
    written: dict[str, Any]
    found: Sensitivity

    @classmethod
    def of(cls, scenario: Scenario, written: dict[str, Any], found: Sensitivity) -> KeptSweep:
        """Return a sweep to be kept.

        Args:
            scenario: The scenario that was swept.
            written: The scenario as its file says it.
            found: What the sweep found.
        """
        return cls(
            scenario.name, scenario.title, scenario.study.seed, RESULT_VERSION, written, found
        )

    @classmethod
    def read(cls, results: Path) -> KeptSweep | None:
        """Return the sweep that is kept beside a study; None where there is none.

        Args:
            results: The folder of the study's results.

        Raises:
            StoreError: If there is a file that cannot be read or is of no sweep.
        """
        path = results / FOLDER / FILE
        if not path.is_file():
            return None
        try:
            told = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
            found = Sensitivity.of_json(told)
            about = {**told["of"], "found": found}
            return msgspec.convert(about, cls)
        except (OSError, KeyError, ValueError) as error:
            raise StoreError(f"{path}: expected what a sensitivity sweep found: {error}") from None

    def write(self, folder: Path) -> Path:
        """Write it into the folder of the sweep, and return the path.

        Raises:
            OSError: If it cannot be written; an older one is then as it was.
        """
        about = {
            "scenario": self.scenario,
            "title": self.title,
            "seed": self.seed,
            "result_version": self.result_version,
            "written": msgspec.to_builtins(self.written),
        }
        told = {"of": about, **self.found.as_json()}
        path = folder / FILE
        write_whole(path, json.dumps(told, indent=2, allow_nan=False) + "\n")
        return path
