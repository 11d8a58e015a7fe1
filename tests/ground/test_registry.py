"""Things are found by name, built-in ones first, and no two share a name."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import EntryPoint

import pytest
from testbed import registry as module
from testbed.registry import RegistryError, also, registry


@dataclass(frozen=True)
class Thing:
    """Something with a name and a code."""

    name: str
    code: int = 0


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two entry points of another package, found in an order that is not that of their names."""
    points = [
        EntryPoint("z-fraction", "fractions:Fraction", "group"),
        EntryPoint("m-counter", "collections:Counter", "group"),
    ]

    def entry_points(group: str) -> list[EntryPoint]:
        return [point for point in points if point.group == group]

    monkeypatch.setattr(module, "entry_points", entry_points)


def type_name(thing: object) -> str:
    """Return the name of a thing's class."""
    return type(thing).__name__


def test_built_in_things_keep_their_order() -> None:
    """Things are listed as they were given."""
    things = [Thing("b"), Thing("a"), Thing("c")]
    assert list(registry("testbed.nothing", things).values()) == things


@pytest.mark.usefixtures("elsewhere")
def test_things_from_elsewhere_come_after_by_name() -> None:
    """Entry points are called, and follow the built-in things in the order of their names."""
    found = registry("group", [1.5], key=type_name)
    assert list(found) == ["float", "Counter", "Fraction"]
    assert found["Fraction"] == Fraction()
    assert list(registry("another group", [1.5], key=type_name)) == ["float"]


def test_a_registry_cannot_be_changed() -> None:
    """Nothing can be put into a registry later."""
    with pytest.raises(TypeError):
        registry("testbed.nothing", [Thing("a")])["b"] = Thing("b")  # type: ignore[index]


def test_two_things_of_one_name_are_refused() -> None:
    """A name that is taken raises RegistryError with the group and the name."""
    with pytest.raises(RegistryError, match=r"testbed\.nothing: two things are named 'a'"):
        registry("testbed.nothing", [Thing("a"), Thing("a")])


@pytest.mark.usefixtures("elsewhere")
def test_nothing_from_elsewhere_takes_the_place_of_a_built_in_thing() -> None:
    """An entry point of a built-in thing's name raises RegistryError."""
    with pytest.raises(RegistryError, match="two things are named 'Fraction'"):
        registry("group", [Fraction(1, 2)], key=type_name)


def test_what_must_be_unique_is() -> None:
    """Two things that share a value that must be unique raise RegistryError."""
    registry("testbed.nothing", [Thing("a", 1), Thing("b", 2)], unique=("code",))
    registry("testbed.nothing", [Thing("a", 1), Thing("b", 1)])
    with pytest.raises(RegistryError, match="two things have the code 1"):
        registry("testbed.nothing", [Thing("a", 1), Thing("b", 1)], unique=("code",))


def test_a_key_may_take_the_place_of_the_name() -> None:
    """Things without a name are found by what the key makes of them."""
    assert dict(registry("testbed.nothing", [1, 2], key=str)) == {"1": 1, "2": 2}


def test_more_things_are_there_for_as_long_as_a_block_runs() -> None:
    """What is tried is found like everything else, and gone afterwards, however the block ends."""
    found = registry("testbed.nothing", [Thing("a")])

    def tried() -> None:
        with also("testbed.nothing", [Thing("b", 5)]):
            assert list(found) == ["a", "b"]
            assert found["b"].code == 5
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried()
    assert list(found) == ["a"]


def test_what_is_tried_takes_nobodys_name() -> None:
    """A thing whose name is taken is refused, and then none of the things is there."""
    found = registry("testbed.nothing", [Thing("a", 1)])
    for things in ([Thing("b"), Thing("a")], [Thing("b"), Thing("b")]):
        with (
            pytest.raises(RegistryError, match="two things are named"),
            also("testbed.nothing", things),
        ):
            pass
        assert dict(found) == {"a": Thing("a", 1)}
