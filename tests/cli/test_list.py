"""``testbed list``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testbed.attacks import STEPS
from testbed.cli.catalogue import CATALOGUE
from testbed.cli.listing import KINDS
from testbed.devices import ACCESSORIES, THERAPIES
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.people import PROFILES
from testbed.physiology import PATIENT_NAMES
from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.radio import PLACES

from .conftest import Command

NAMES = {
    "pairings": PAIRINGS,
    "channels": CHANNELS,
    "mitigations": MITIGATIONS,
    "attacks": STEPS,
    "devices": ACCESSORIES,
    "therapies": THERAPIES,
    "metrics": METRICS,
    "profiles": PROFILES,
    "places": PLACES,
    "patients": PATIENT_NAMES,
}


def _rows(testbed: Command, what: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(testbed("list", what, "--format", "json").out)
    return rows


def test_there_is_a_list_of_each_kind() -> None:
    """What the help offers and what can be listed are the same."""
    assert list(KINDS) == list(CATALOGUE)


@pytest.mark.parametrize("what", NAMES)
def test_list_has_every_name(testbed: Command, what: str) -> None:
    """Every registered name is listed, for people and for programs, in the registry's order."""
    ended = testbed("list", what)
    assert ended.code == 0
    for name in NAMES[what]:
        assert name in ended.out
    assert [row["name"] for row in _rows(testbed, what)] == list(NAMES[what])


@pytest.mark.parametrize("what", KINDS)
def test_list_fits_80_columns(testbed: Command, what: str) -> None:
    """No list is wider than a pipe's 80 columns, and nothing in it is cut off."""
    lines = testbed("list", what).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)


def test_assumption_has_its_range_unit_and_source(testbed: Command) -> None:
    """Every assumption has a default inside its range, a unit and a source."""
    rows = _rows(testbed, "assumptions")
    assert len(rows) >= 15
    for row in rows:
        late = row["unit"] == "clock" and row["high"] < row["low"]  # goes over midnight
        low, default = row["low"], row["default"]
        assert low <= default <= row["high"] or (
            late and (low <= default or default <= row["high"])
        )
        assert row["unit"]
        assert row["source"]
        assert row["about"]
    names = {row["name"] for row in rows}
    assert {"patient.behaviour.missed_bolus", "pump.max_bolus_U", "attacker.distance_m"} <= names


def test_every_assumption_of_the_settings_is_listed(testbed: Command) -> None:
    """What the JSON Schema marks as an assumption is listed once."""
    marked = testbed("schema").out.count('"assumption": true')
    assert len(_rows(testbed, "assumptions")) == marked


def test_without_a_kind_the_kinds_are_listed(testbed: Command) -> None:
    """``testbed list`` alone says what can be listed."""
    ended = testbed("list")
    assert ended.code == 0
    for what in KINDS:
        assert what in ended.out


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("pairing", 'expected a list, found "pairing", did you mean pairings?'),
        ("Metrics", 'expected a list, found "Metrics", did you mean metrics?'),
        ("zebras", "expected a list: one of pairings, channels, "),
    ],
)
def test_unknown_list_is_told_the_nearest(testbed: Command, what: str, says: str) -> None:
    """A name that is near a list gets that list's name, another one gets them all."""
    ended = testbed("list", what)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(says)
