"""Named things that others may add to: built-in ones, then those of entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, TypeVar

T = TypeVar("T")


class RegistryError(ImportError):
    """Two registered things claim one name."""


def _name(thing: Any) -> str:
    return str(thing.name)


def registry(
    group: str,
    built_in: Iterable[T],
    unique: tuple[str, ...] = (),
    key: Callable[[T], str] = _name,
) -> Mapping[str, T]:
    """Return things by their name: the built-in ones, then the entry points of ``group``.

    An entry point names a class or function that is called without arguments.  Entry points
    are taken in the order of their names, so the result does not depend on installation.

    Args:
        group: The group of entry points.
        built_in: The things of this package, in order.
        unique: Attributes, besides the name, that no two things may share.
        key: The name of a thing; its ``name`` attribute if not told otherwise.

    Raises:
        RegistryError: If two of them share a name or a value that must be unique.
    """
    things: list[Any] = list(built_in)
    for point in sorted(entry_points(group=group), key=lambda each: each.name):
        things.append(point.load()())
    named: dict[str, Any] = {}
    for thing in things:
        name = key(thing)
        if name in named:
            raise RegistryError(f"{group}: two things are named {name!r}")
        named[name] = thing
    for attribute in unique:
        values = [getattr(thing, attribute) for thing in things]
        for value in values:
            if values.count(value) > 1:
                raise RegistryError(f"{group}: two things have the {attribute} {value!r}")
    return MappingProxyType(named)
