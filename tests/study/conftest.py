"""A study so small that it can be run many times over."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from testbed.scenario import Scenario

WRITTEN: dict[str, Any] = {
    "title": "A short story",
    "time": {"start": "11:50", "duration": "2h"},
    "meal": [{"at": "12:30", "carbs_g": 60}],
    "stay": [{"from": "11:55", "place": "cafe"}],
    "pairing": [{"device": "meter", "at": "12:00"}],
    "patient": {"cohort": ["adult#001", "child#002"]},
    "attacker": {
        "place": "cafe",
        "step": [
            {"do": "overhear-pairing"},
            {"do": "remote-bolus", "after": "50min", "units": 3.0},
        ],
    },
    "study": {
        "seed": 3,
        "replicates": 3,
        "arms": {"as-shipped": [], "remote-bolus-off": ["remote-bolus-off"]},
    },
}

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def short() -> Scenario:
    """Two hours of two people, two arms and three replicates."""
    return Scenario.from_written(WRITTEN, "short")


def as_toml(values: dict[str, Any]) -> str:
    """Return the text of a scenario file; TOML's inline tables are JSON with other signs."""
    return "".join(f"{key} = {_inline(value)}\n" for key, value in values.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}" = {_inline(v)}' for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


@pytest.fixture
def short_file(tmp_path: Path) -> Path:
    """The same study as a file."""
    path = tmp_path / "short.toml"
    path.write_text(as_toml(WRITTEN), encoding="utf-8")
    return path
