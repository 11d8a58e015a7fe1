"""Which changes can move a setting is never said of too few, and not of everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Annotated, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from testbed.api import load
from testbed.mitigations import MITIGATIONS, arm_of
from testbed.scenario import Scenario
from testbed.scenario.model import DERIVED
from testbed.settings import Settings
from testbed.study.arms import Arms
from testbed.study.related import _fixed, can_move
from testbed.study.watched import SETS, Path, value_at, watch

FILES = {file.stem: file for file in (File(__file__).parents[2] / "scenarios").glob("*.toml")}
SCENARIOS = {name: load(file) for name, file in sorted(FILES.items())}
CAFE = SCENARIOS["cafe_pairing"]
OF_NO_RUN = {"title", "about", "sources", "study", "expect"}


def dotted(written: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted key and the value of every setting of a file, and of every group."""
    for name, value in written.items():
        if name not in OF_NO_RUN:
            yield at + name, value
            if isinstance(value, Mapping):
                yield from dotted(value, f"{at}{name}.")


def candidates() -> dict[str, list[Any]]:
    """Return values by dotted key: of every scenario file and every mitigation."""
    found: dict[str, list[Any]] = {}
    for scenario in SCENARIOS.values():
        for key, value in dotted(scenario.written):
            found.setdefault(key, []).append(value)
    for mitigation in MITIGATIONS.values():
        for key, value in {**mitigation.changes, **mitigation.shares}.items():
            found.setdefault(key, []).append(value)
    return {key: found[key] for key in sorted(found)}


VALUES = candidates()
changes = st.sampled_from(list(VALUES)).flatmap(
    lambda key: st.tuples(st.just(key), st.sampled_from(VALUES[key]))
)
patches = st.lists(changes, min_size=1, max_size=3).map(dict)


def patched(scenario: Scenario, patch: Mapping[str, Any]) -> Scenario | None:
    """Return a changed scenario, None where nobody could write that."""
    try:
        return scenario.patched(dict(patch))
    except (ValueError, KeyError):  # a list's index, or settings that do not go together
        return None


def every_path(scenario: Scenario) -> set[Path]:
    """Return where every setting of a scenario stands, and what is worked out of it."""
    noted: set[Path] = set()
    watched = watch(scenario, noted)
    for value in (watched, *(getattr(watched, name) for name in DERIVED)):
        for group in value if isinstance(value, tuple) else (value,):
            if isinstance(group, BaseModel):
                group.model_dump()
    groups = {path[:-1] for path in noted}
    return noted | {(*group, SETS) for group in groups if group}


def moved(one: Scenario, other: Scenario) -> set[Path]:
    """Return the settings of either scenario that read otherwise in the other."""
    return {
        path
        for path in every_path(one) | every_path(other)
        if path[0] not in OF_NO_RUN and value_at(one, path) != value_at(other, path)
    }


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(SCENARIOS.values())), patches)
def test_what_a_change_moves_it_can_move(scenario: Scenario, patch: dict[str, Any]) -> None:
    """Over random changes: each setting that reads otherwise is one that a change can move."""
    other = patched(scenario, patch)
    assume(other is not None)
    assert other is not None
    for path in moved(scenario, other):
        assert any(can_move(key, path) for key in patch), path


taken = st.fixed_dictionaries(
    {"name": st.sampled_from(sorted(MITIGATIONS)), "adherence": st.sampled_from([0.0, 0.4, 1.0])}
)
arms = st.fixed_dictionaries(
    {"takes": st.lists(taken, max_size=3), "settings": st.lists(changes, max_size=2).map(dict)}
)


@settings(max_examples=60, deadline=None)
@given(arms, arms, st.integers(0, 20))
def test_arms_that_read_otherwise_are_not_alike(
    one: dict[str, Any], other: dict[str, Any], replicate: int
) -> None:
    """Arms are alike in a setting exactly where both read the same there, whatever they take."""
    study = {"study.arms": {"one": one, "other": other}, "study.baseline": "one", "expect": []}
    scenario = patched(CAFE, study)
    assume(scenario is not None)
    assert scenario is not None
    both = [arm_of(scenario, name).of(replicate) for name in ("one", "other")]
    together = Arms(scenario)
    for path in every_path(both[0]):
        alike = together.alike(frozenset({path}), 0, replicate)
        same = value_at(both[0], path) == value_at(both[1], path)
        assert bool(alike[1]) == same, path


SECTIONS = sorted({key.partition(".")[0] for key in VALUES})


@pytest.mark.parametrize("section", SECTIONS)
def test_a_change_moves_its_own_section_and_what_is_worked_out_of_it(section: str) -> None:
    """Of other sections a change moves nothing, or arms would share no run."""
    sources = {name: {each.partition(".")[0] for each in of} for name, of in DERIVED.items()}
    mixed = {"care_partner"}  # it may be written from what the profile says
    for path in set().union(*map(every_path, SCENARIOS.values())):
        if path[0] in OF_NO_RUN or (section == "patient" and path[0] in mixed):
            continue
        if can_move(section, path):
            assert section == path[0] or section in sources.get(str(path[0]), ()), path


@pytest.mark.parametrize(
    ("key", "path", "can"),
    [
        ("pump.max_bolus_U", ("pump", "max_bolus_U"), True),
        ("pump.max_bolus_U", ("pump", "remote_bolus"), False),
        ("pump", ("pump", "remote_bolus"), True),
        ("pump.remote_bolus", ("pump",), False),
        ("pump.therapy.max_iob_U", ("pump", "therapy"), True),
        ("meal", ("meal", 1, "carbs_g"), True),
        ("attacker.distance_m", ("attacker", "step", 0, "do"), True),
        ("patient.behaviour.pair_in_private", ("behaviour", "pair_in_private"), True),
        ("patient.behaviour.pair_in_private", ("behaviour", "rescue_carbs_g"), False),
        ("patient.profile", ("behaviour", "rescue_carbs_g"), True),
        ("patient.profile", ("patient", "behaviour", "pair_in_private"), True),
        ("patient.cohort", ("behaviour", "rescue_carbs_g"), False),
        ("place", ("places",), True),
    ],
)
def test_where_both_stand_decides(key: str, path: Path, can: bool) -> None:
    """A change moves what it names, what is in it, what may be another kind, what follows of it."""
    assert can_move(key, path) is can


class _Group(Settings):
    x: float = 1.0


class _ReadAnotherWay(Settings):
    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler(source)


class _Groups(Settings):
    plain: _Group = _Group()
    either: _Group | _ReadAnotherWay = _Group()
    checked: Annotated[_Group, BeforeValidator(dict)] = _Group()
    another: _ReadAnotherWay = _ReadAnotherWay()


def test_only_a_plain_group_is_of_a_class_that_is_known_beforehand() -> None:
    """What may be read as one class or another is open: a change inside may move all of it."""
    fixed = {name: _fixed(_Groups, name) for name in _Groups.model_fields}
    assert fixed == {"plain": _Group, "either": None, "checked": None, "another": None}
