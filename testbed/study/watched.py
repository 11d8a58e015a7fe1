"""Settings that note what is consulted of them: what a run never asked cannot have decided it.

A watched group of settings is one of a subclass of its class, made here, whose fields are not in
the object until they are read.  The first reading notes the field and puts its value where
Python finds it from then on, so that a watched setting costs one note a run and reads as fast
as any other.  Whoever reads a group as a whole (to copy, compare, hash, print, dump or pickle
it) finds no other way to its values than through the same notes, and has consulted all of them.

Noting more than decided costs a run that need not have been done.  Noting less would be wrong,
and is what ``tests/study/test_watched.py`` looks for.
"""

from __future__ import annotations

import copy
import pickle
from abc import ABCMeta
from collections.abc import Mapping
from functools import cache, cached_property
from itertools import count
from typing import Any, Final, TypeVar

import msgspec
from pydantic import BaseModel

Path = tuple[str | int, ...]
"""Where a setting stands: attributes, places in lists counted from 0, keys of mappings."""

SETS: Final = "model_fields_set"
"""At the end of a path, stands for which fields of a group were written rather than left out."""

S = TypeVar("S", bound=BaseModel)

_VALUES: Final = BaseModel.__dict__["__dict__"]
_WATCH: Final = "_watch_of_settings"
_PLAIN: Final = bool | int | float | str | None
_PLAIN_TYPES: Final = frozenset({bool, int, float, str, type(None)})
_unlike: Final = count()


def watch(settings: S, noted: set[Path], at: Path = ()) -> S:
    """Return settings that act as these and note what is consulted of them.

    Args:
        settings: The settings, groups in groups, lists and mappings of groups.
        noted: Where the path of each field is put when it is first read.
        at: The path of the settings themselves.
    """
    kind: Any = _watched_kind(type(settings))
    made: S = kind.__new__(kind)
    object.__setattr__(made, _WATCH, (settings, noted, at))
    return made


def _watched(value: Any, noted: set[Path], at: Path) -> Any:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, BaseModel):
        return watch(value, noted, at)
    if isinstance(value, tuple | list):
        return type(value)(_watched(each, noted, (*at, index)) for index, each in enumerate(value))
    if isinstance(value, Mapping):
        return {key: _watched(each, noted, (*at, key)) for key, each in value.items()}
    return value


class _Field:
    """Stands on a watched class for a field that has not been read yet."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, group: Any, owner: type | None = None) -> Any:
        if group is None:
            return self
        settings, noted, at = getattr(group, _WATCH)
        here = (*at, self._name)
        noted.add(here)
        value = _watched(getattr(settings, self._name), noted, here)
        # A field is no data descriptor, so that what is in the object hides it from now on.
        _VALUES.__get__(group)[self._name] = value
        return value


def _all_values(group: Any) -> dict[str, Any]:
    """Return all fields of a watched group, each consulted."""
    for name in type(group).model_fields:
        getattr(group, name)
    values: dict[str, Any] = _VALUES.__get__(group)
    return values


def _as_a_whole(group: Any) -> Any:
    """Return the settings behind a watched group, everything in them consulted."""
    settings, _, _ = getattr(group, _WATCH)
    for value in _all_values(group).values():
        _consult(value)
    return settings


def _consult(value: Any) -> None:
    if hasattr(type(value), _WATCH):
        _as_a_whole(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            _consult(each)
    elif isinstance(value, tuple | list):
        for each in value:
            _consult(each)


def _written(group: Any) -> set[str]:
    settings, noted, at = getattr(group, _WATCH)
    noted.add((*at, SETS))
    return set(settings.model_fields_set)


def _private(group: Any) -> Any:
    return _as_a_whole(group).__pydantic_private__


def _extra(group: Any) -> Any:
    return _as_a_whole(group).__pydantic_extra__


def _equal(group: Any, other: Any) -> bool:
    return bool(_as_a_whole(group) == (_as_a_whole(other) if _is_watched(other) else other))


def _is_watched(value: Any) -> bool:
    return hasattr(type(value), _WATCH)


def _copy(group: Any) -> Any:
    settings, _, _ = getattr(group, _WATCH)
    copied = copy.copy(settings)
    _VALUES.__get__(copied).update(_all_values(group))
    return copied


_AS_A_WHOLE: Final[dict[str, Any]] = {
    "__dict__": property(_all_values),
    "__pydantic_fields_set__": property(_written),
    "__pydantic_private__": property(_private),
    "__pydantic_extra__": property(_extra),
    "__eq__": _equal,
    "__hash__": lambda group: hash(_as_a_whole(group)),
    "__copy__": _copy,
    "__deepcopy__": lambda group, memo=None: copy.deepcopy(_as_a_whole(group), memo),
    "__reduce_ex__": lambda group, protocol: (
        pickle.loads,
        (pickle.dumps(_as_a_whole(group), protocol),),
    ),
}
"""The ways to a group's values other than by the name of a field, all of them closed off."""


@cache
def _watched_kind(kind: type[BaseModel]) -> type[BaseModel]:
    """Return the watched subclass of a settings class.

    It is made without pydantic, which would take the fields' stand-ins for new defaults.
    """
    derived = {
        name
        for each in kind.__mro__
        for name, value in vars(each).items()
        if isinstance(value, cached_property)
    }
    fields = {name: _Field(name) for name in (*kind.model_fields, *derived)}
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    body = {**names, "__slots__": (_WATCH,), **_AS_A_WHOLE, **fields}
    made: type[BaseModel] = ABCMeta.__new__(type(kind), kind.__name__, (kind,), body)
    return made


def value_at(settings: Any, path: Path) -> str:
    """Return what a setting is, as text; settings that read alike have equal texts.

    What is inside a group of settings is not part of its text, but which class it is of is, and
    of lists and mappings what is in them.  Where there is nothing, the text is like no other.

    Args:
        settings: The settings at whose root the path begins.
        path: Where the setting stands.
    """
    return _encoded([_found(settings, path)])[1:-1].decode()


def values_at(settings: Any, paths: tuple[Path, ...]) -> bytes:
    """Return what many settings are: the JSON list of their texts, as :func:`value_at` has them.

    Args:
        settings: The settings at whose root the paths begin.
        paths: Where the settings stand.
    """
    around: dict[Path, Any] = {(): settings}
    found = []
    for path in paths:
        first = path[:-1]
        if first not in around:
            around[first] = _inside(settings, first)
        found.append(_outline(_inside(around[first], path[-1:])))
    return _encoded(found)


def joined(texts: tuple[str, ...]) -> bytes:
    """Return texts of :func:`value_at` as :func:`values_at` has them."""
    return f"[{','.join(texts)}]".encode()


def _found(settings: Any, path: Path) -> Any:
    return _outline(_inside(settings, path))


def _encoded(outlines: list[Any]) -> bytes:
    return msgspec.json.encode(outlines, order="deterministic")


class _Nothing:
    """What is found where there is nothing; it is like nothing else."""


def _inside(settings: Any, path: Path) -> Any:
    value = settings
    for part in path:
        try:
            inside = isinstance(value, tuple | list | Mapping)
            value = value[part] if inside else getattr(value, str(part))
        except (LookupError, AttributeError):
            return _Nothing()
    return value


def _outline(value: Any) -> Any:
    if type(value) in _PLAIN_TYPES or isinstance(value, _PLAIN):
        return value
    if isinstance(value, BaseModel):
        return {"class": f"{type(value).__module__}.{type(value).__qualname__}"}
    if isinstance(value, tuple | list):
        return [_outline(each) for each in value]
    if isinstance(value, Mapping):
        return {"keys": [[key, _outline(each)] for key, each in value.items()]}
    if isinstance(value, set | frozenset):
        return {"set": sorted(value)}
    return _like_nothing()


def _like_nothing() -> str:
    return f"unlike any other: {next(_unlike)}"
