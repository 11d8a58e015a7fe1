"""No behavioural or physical number stands outside the table of assumptions."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "testbed"
ROOMS = ("people", "devices", "physiology", "radio", "attacks")
DECLARING = {"assumption", "assumed_clock", "assumed_duration", "Field", "Struct"}
"""Calls whose numbers are a row's default, its range, or a layout."""
PLAIN = {0, 1, 2}
"""Nothing, one and two decide nothing by themselves."""

MODEL = "constants of the published equations that the module's docstring names"
WIRE = "sizes on the stand-in wire: bytes, bits, the modulus of a running number"
GRID = "the grid of five minutes that sensor and physiology share"
DECIBEL = "ten times the logarithm to base ten, the definition of a decibel"
UNITS = "conversion between units"
ALLOWED: dict[str, tuple[str, tuple[float, ...]]] = {
    "people/noticing.py": ("ten minutes of the published share", (10,)),
    "people/dosing.py": ("decimals by which a float's dust is removed", (12,)),
    "people/fleet.py": (UNITS, (24.0,)),
    "people/profiles.py": (
        "a profile is a choice of values within the ranges of the rows",
        (0.03, 0.2, 0.85, 0.5, 0.8, 0.19, 0.45, 0.25, 0.17, 0.1),
    ),
    "devices/cgm.py": (GRID + "; " + WIRE, (5, 65535)),
    "devices/controller.py": (
        "how long stops are remembered, longer than any window; the middle of a minute",
        (12, 0.5),
    ),
    "devices/endpoint.py": (WIRE, (10, 8)),
    "devices/meter.py": (WIRE + "; " + UNITS, (65535, 1000, 100)),
    "devices/pairing.py": (WIRE, (32,)),
    "devices/programme.py": (UNITS + "; slack of a float", (60, 1e-6)),
    "devices/pump.py": (UNITS, (1000, 100)),
    "devices/requests.py": (UNITS, (1000, 100)),
    "devices/rotation.py": (WIRE, (32,)),
    "devices/third_party.py": (WIRE, (32,)),
    "devices/setup.py": (UNITS, (1000.0,)),
    "physiology/body.py": (GRID, (5.0,)),
    "physiology/hovorka_patients.py": ("how many people the cohort has", (100,)),
    "physiology/meter.py": (
        "ISO 15197:2013, and the normal quantile of 95 %",
        (15, 0.15, 100, 1.959964),
    ),
    "radio/jamming.py": (DECIBEL, (10,)),
    "radio/loss.py": (
        DECIBEL + "; a nearest distance and an exponent at which a logistic is 0 or 1 to a float",
        (0.1, 10, 50, 500.0),
    ),
    "radio/reach.py": ("slack of a float", (1e-9,)),
    "radio/places.py": (
        "a place is a choice of values within the row's range",
        (3.0, 2.7, 2.5, 2.2),
    ),
}
"""By module: why the numbers in it are none of anybody's assumptions, and which they are."""
WHOLE: dict[str, str] = {
    "physiology/hovorka.py": MODEL,
    "physiology/hovorka_cohort.py": "distributions and criteria, as docs/numbers.md tells",
    "physiology/model.py": MODEL,
    "physiology/models.py": MODEL,
    "physiology/s2008.py": MODEL,
    "physiology/s2008_patients.py": MODEL,
    "physiology/sensor_errors/breton_kovatchev.py": MODEL,
}
"""Modules that are all published constants."""
STEPS = "attacks/"
"""What a step is told to do is the attacker's choice; numbers there are code and wire sizes."""


def _numbers(path: Path) -> Iterator[float]:
    tree = ast.parse(path.read_text("utf-8"))
    declared: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in DECLARING:
            declared |= {id(each) for each in ast.walk(node)}
        elif isinstance(node, ast.Subscript):
            declared |= {id(each) for each in ast.walk(node.slice)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and type(node.value) in (int, float)
            and id(node) not in declared
            and node.value not in PLAIN
        ):
            yield node.value  # type: ignore[misc]


MODULES = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_number_has_a_row_or_a_reason(path: Path) -> None:
    """A number is a row of the assumptions, or is allowed by name and with a reason."""
    name = _name(path)
    if name in WHOLE:
        return
    if name.startswith(STEPS):
        # Whole numbers only: a share, a rate or a distance would not be whole, or needs a row.
        assert all(isinstance(number, int) for number in _numbers(path))
        return
    _, allowed = ALLOWED.get(name, ("", ()))
    assert sorted(set(_numbers(path)) - set(allowed)) == []


def test_nothing_is_allowed_that_is_not_there() -> None:
    """Each number that is allowed stands in its module, and each module exists."""
    for name, (_, allowed) in ALLOWED.items():
        found = Counter(_numbers(PACKAGE / name))
        assert [number for number in allowed if not found[number]] == []
    assert all((PACKAGE / name).is_file() for name in WHOLE)
