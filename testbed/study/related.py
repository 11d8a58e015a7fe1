"""Which changes of settings can move which setting: told from where both stand.

A change moves the setting that it names, what is inside it, and groups and lists around it where
what they are is not fixed by their class.  It also moves what a scenario works out of it
(:data:`~testbed.scenario.model.DERIVED`), and there no more than what stands in the same place.

Saying that a change may move what it cannot move costs time.  Saying less would be wrong.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from pydantic import BaseModel

from testbed.scenario.model import DERIVED, Scenario
from testbed.study.watched import Path

_SCHEMA: Final = "__get_pydantic_core_schema__"


class _Place(NamedTuple):
    """A setting, or the group or list around it where that may be one thing or another.

    Attributes:
        at: Where it stands: names of fields.
        open: Whether what is inside may change what it is; else its class alone says that.
    """

    at: tuple[str, ...]
    open: bool


@cache
def can_move(key: str, path: Path) -> bool:
    """Return whether a change of a setting can make another read otherwise.

    Args:
        key: The dotted key that is changed.
        path: Where the other one stands, as :func:`~testbed.study.watched.watch` notes it.
    """
    changed = _place(tuple(key.split("."))).at
    return any(_meet(changed, place) for place in _sources(path))


def _meet(changed: tuple[str, ...], place: _Place) -> bool:
    both = min(len(changed), len(place.at))
    return changed[:both] == place.at[:both] and (place.open or len(changed) <= len(place.at))


@cache
def _sources(path: Path) -> tuple[_Place, ...]:
    """Return every place that a setting's value comes from."""
    names = tuple(map(str, path))
    own = _place(names)
    if names[0] in DERIVED:
        first, *others = (tuple(each.split(".")) for each in DERIVED[names[0]])
        return (_place((*first, *names[1:])), *(_place(each) for each in others))
    # A share that is mixed is written where it came from, mixed with what was worked out.
    mixed = [
        _place(tuple(other.split(".")))
        for first, *others in DERIVED.values()
        if _meet(tuple(first.split(".")), own) or _meet(own.at, _place(tuple(first.split("."))))
        for other in others
    ]
    return (own, *mixed)


@cache
def _place(names: tuple[str, ...]) -> _Place:
    """Return a place, but not inside of what may be one thing or another."""
    kind: type[BaseModel] = Scenario
    for count, name in enumerate(names):
        if name not in kind.model_fields:  # worked out of the group, or how the group was written
            return _Place(names[:count], open=True)
        inside = _fixed(kind, name)
        if inside is None:
            return _Place(names[: count + 1], open=True)
        kind = inside
    return _Place(names, open=False)


def _fixed(kind: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the class of a group inside a group, None if it may be of several or no group."""
    field = kind.model_fields[name]
    found = field.annotation
    if not isinstance(found, type) or not issubclass(found, BaseModel) or field.metadata:
        return None
    return found if getattr(found, _SCHEMA).__func__ is _PLAIN else None


_PLAIN: Final = getattr(BaseModel, _SCHEMA).__func__
