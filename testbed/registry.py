"""Named things that others may add to: built-in ones, then those of entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, Final, TypeVar

T = TypeVar("T")

_BEHIND: Final[dict[str, dict[str, Any]]] = {}
"""What stands behind the registry of each group, for :func:`also`."""


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
            raise _taken(group, name)
        named[name] = thing
    for attribute in unique:
        values = [getattr(thing, attribute) for thing in things]
        for value in values:
            if values.count(value) > 1:
                raise RegistryError(f"{group}: two things have the {attribute} {value!r}")
    _BEHIND[group] = named
    return MappingProxyType(named)


@contextmanager
def also(group: str, things: Iterable[Any]) -> Iterator[None]:
    """Have some more things in a registry while the block runs, to try what is not installed.

    Only this process has them, and only who asks for their names meanwhile finds them.

    Args:
        group: The group of entry points that the registry is of.
        things: What else there is, each with a ``name``.

    Raises:
        KeyError: If there is no such registry, or it has not been made yet.
        RegistryError: If one of them has a name that is taken.
    """
    named, more = _BEHIND[group], {}
    for thing in things:
        name = _name(thing)
        if name in named or name in more:
            raise _taken(group, name)
        more[name] = thing
    named.update(more)
    try:
        yield
    finally:
        for name in more:
            del named[name]


def _taken(group: str, name: str) -> RegistryError:
    return RegistryError(f"{group}: two things are named {name!r}")
