"""What is consulted of settings is noted, whichever way it is read."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path as File
from typing import Any

import msgspec
import pytest
from pydantic import BaseModel, Field
from testbed.api import load
from testbed.scenario import Scenario
from testbed.scenario.model import DERIVED
from testbed.settings import Settings
from testbed.study.watched import SETS, Path, value_at, watch
from testbed.world import live

FILES = sorted((File(__file__).parents[2] / "scenarios").glob("*.toml"))
CAFE = load(next(file for file in FILES if file.stem == "cafe_pairing"))


def groups(settings: BaseModel) -> Iterator[BaseModel]:
    """Yield a group of settings and every group inside it."""
    yield settings
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, BaseModel):
                yield from groups(each)


GROUPS = {type(each): each for each in (*groups(CAFE), CAFE.behaviour)}
every_group = pytest.mark.parametrize(
    "plain", GROUPS.values(), ids=lambda each: type(each).__name__
)


def every_path(plain: BaseModel, at: Path = ()) -> set[Path]:
    """Return the path of every field in a group and in groups inside it."""
    found: set[Path] = set()
    for name in type(plain).model_fields:
        here = (*at, name)
        found.add(here)
        value = getattr(plain, name)
        listed = isinstance(value, tuple)
        for index, each in enumerate(value if listed else (value,)):
            if isinstance(each, BaseModel):
                found |= every_path(each, (*here, index) if listed else here)
    return found


AS_A_WHOLE: dict[str, Callable[[Any], object]] = {
    "dumped": lambda group: group.model_dump(),
    "dumped as JSON": lambda group: group.model_dump_json(),
    "compared": lambda group: group == GROUPS[type(group).__mro__[1]],
    "compared from the other side": lambda group: GROUPS[type(group).__mro__[1]] == group,
    "hashed": lambda group: _hash(group),  # noqa: PLW0108 - it is made below
    "copied in depth": copy.deepcopy,
    "copied in depth by pydantic": lambda group: group.model_copy(deep=True),
    "pickled": pickle.dumps,
}
OF_ITS_OWN: dict[str, Callable[[Any], object]] = {
    "its dictionary": vars,
    "gone through": list,
    "copied": copy.copy,
    "copied by pydantic": lambda group: group.model_copy(update={}),
    "printed": repr,
    "state": lambda group: group.__getstate__(),
    "private": lambda group: group.__pydantic_private__,
    "extra": lambda group: group.__pydantic_extra__,
}


def _hash(group: Any) -> None:
    try:
        hash(group)
    except TypeError:  # something in it has no hash; it was consulted to find that out
        for _ in group.model_dump():
            pass


@every_group
@pytest.mark.parametrize("way", AS_A_WHOLE)
def test_what_takes_settings_as_a_whole_consults_all_of_them(plain: BaseModel, way: str) -> None:
    """Who compares, dumps, hashes or pickles a group has consulted each field, to the leaves."""
    noted: set[Path] = set()
    AS_A_WHOLE[way](watch(plain, noted))
    assert every_path(plain) <= noted


@every_group
@pytest.mark.parametrize("way", OF_ITS_OWN)
def test_what_takes_the_fields_of_a_group_consults_all_of_them(plain: BaseModel, way: str) -> None:
    """Whoever takes hold of a group's fields has consulted each, and goes on being watched."""
    noted: set[Path] = set()
    OF_ITS_OWN[way](watch(plain, noted))
    assert {(name,) for name in type(plain).model_fields} <= noted


@every_group
def test_nothing_is_noted_before_it_is_read(plain: BaseModel) -> None:
    """Making and asking the class consults nothing; one field read is one note, however often."""
    noted: set[Path] = set()
    group = watch(plain, noted)
    assert isinstance(group, type(plain))
    assert not noted
    for name in list(type(plain).model_fields)[:1]:
        for _ in range(3):
            getattr(group, name)
        assert noted == {(name,)}


@every_group
def test_watched_settings_are_the_settings(plain: BaseModel) -> None:
    """Watched settings equal, print and dump as those behind them, and a copy does."""
    group = watch(plain, set())
    assert group == plain
    assert plain == group
    assert group.model_dump() == plain.model_dump()
    assert str(copy.copy(watch(plain, set()))) == str(plain)
    assert pickle.loads(pickle.dumps(watch(plain, set()))) == plain


def test_which_fields_were_written_is_a_thing_to_consult() -> None:
    """Asking which fields a file sets is noted as that, and is told apart."""
    noted: set[Path] = set()
    assert watch(CAFE, noted).pump.model_fields_set == CAFE.pump.model_fields_set
    assert ("pump", SETS) in noted
    other = CAFE.patched({"pump.low_alert_mgdl": 70})
    assert other.pump == CAFE.pump
    assert value_at(other, ("pump", SETS)) != value_at(CAFE, ("pump", SETS))


def test_changed_copy_goes_on_as_consulted() -> None:
    """A changed copy, as a pump makes while it runs, has consulted all that it was made of."""
    noted: set[Path] = set()
    changed = watch(CAFE, noted).pump.model_copy(update={"max_bolus_U": 3.0})
    assert {("pump", name) for name in type(CAFE.pump).model_fields} <= noted
    assert changed.max_bolus_U == 3.0
    assert changed.remote_bolus == CAFE.pump.remote_bolus


def test_what_is_worked_out_of_sections_is_known() -> None:
    """Each value that a scenario works out and keeps says from which sections, and is watched."""
    from functools import cached_property

    kept = {name for name, value in vars(Scenario).items() if isinstance(value, cached_property)}
    assert kept == set(DERIVED)
    for name in kept:
        noted: set[Path] = set()
        getattr(watch(CAFE, noted), name)
        assert noted == {(name,)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("attack", [True, False])
def test_watching_changes_nothing(file: File, attack: bool) -> None:
    """A run of watched settings is that of the settings, to the last bit."""
    scenario = load(file).patched({"time.duration": "9h"})
    for replicate in range(2):
        plain = live(scenario, replicate, attack=attack)
        watched = live(watch(scenario, set()), replicate, attack=attack)
        assert list(plain) == list(watched)
        assert plain.plasma_mgdl.tobytes() == watched.plasma_mgdl.tobytes()
        assert plain.insulin_nU.tobytes() == watched.insulin_nU.tobytes()


class _Inner(Settings):
    x: float = 1.0


class _Outer(Settings):
    inner: _Inner = _Inner()
    many: tuple[_Inner, ...] = (_Inner(), _Inner(x=2.0))
    named: dict[str, _Inner] = Field(default={"a": _Inner()})
    number: int | float = 1


def test_values_that_read_alike_have_equal_texts() -> None:
    """Texts tell numbers from truths, and kinds of groups, but not what is inside a group."""
    one = _Outer()
    assert value_at(one, ("number",)) != value_at(_Outer(number=1.0), ("number",))
    assert value_at(one, ("inner",)) == value_at(_Outer(inner=_Inner(x=3.0)), ("inner",))
    assert value_at(one, ("many",)) != value_at(_Outer(many=(_Inner(),)), ("many",))
    assert value_at(one, ("many", 1, "x")) == "2.0"
    assert value_at(one, ("named", "a", "x")) == "1.0"
    assert value_at(one, ("named",)) != value_at(_Outer(named={"b": _Inner()}), ("named",))
    assert value_at(one, ("many", 2, "x")) != value_at(one, ("many", 2, "x"))
    assert msgspec.json.decode(value_at(one, ("inner",))) == {"class": f"{__name__}._Inner"}


def test_lists_and_mappings_are_watched_inside() -> None:
    """A group in a list or a mapping notes its own place."""
    noted: set[Path] = set()
    outer = watch(_Outer(), noted)
    assert outer.many[1].x == 2.0
    assert outer.named["a"].x == 1.0
    assert noted == {("many",), ("many", 1, "x"), ("named",), ("named", "a", "x")}
