"""A run that cannot differ is not done, and what is found is what would have been found."""

from __future__ import annotations

import json
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.mitigations import MITIGATIONS, arm_of
from testbed.scenario import Scenario
from testbed.study import open_study, run_study
from testbed.study.arms import Arms
from testbed.study.keys import key_of, settings_of, world_key
from testbed.study.sharing import Ran, each_by_itself, shared
from testbed.study.store import Store
from testbed.study.watched import Path as At
from testbed.study.watched import value_at, watch
from testbed.trace import Trace
from testbed.world import live

from .conftest import WRITTEN

NAMES = sorted(MITIGATIONS)
FACTORIAL = {
    "+".join(chosen) or "none": list(chosen)
    for chosen in chain.from_iterable(
        combinations(["remote-bolus-off", "pair-in-private", "cancel-unexpected-bolus"], n)
        for n in range(4)
    )
}
SHORT = Scenario.from_written(WRITTEN, "short").patched(
    {"study.arms": FACTORIAL, "study.baseline": "none", "study.replicates": 6}
)


def same(one: Any, other: Any) -> bool:
    """Return whether rows are the same to the last digit."""
    return msgspec.json.encode(tuple(one)) == msgspec.json.encode(tuple(other))


def bits(trace: Trace) -> tuple[Any, ...]:
    """Return all that a run left behind, to compare bit by bit."""
    return (
        list(trace),
        trace.plasma_mgdl.tobytes(),
        trace.insulin_nU.tobytes(),
        trace.carbs_g.tobytes(),
    )


def test_shared_runs_give_the_same_study(tmp_path: Path) -> None:
    """All arms of a factorial have the rows, tables and files they have when all are run."""
    alone = run_study(SHORT, share=False)
    together = run_study(SHORT, store=tmp_path)
    assert same(together.rows, alone.rows)
    assert json.dumps(together.as_json()) == json.dumps(alone.as_json())
    assert together.as_csv() == alone.as_csv()
    assert same(open_study(tmp_path).rows, alone.rows)


def test_most_runs_of_a_factorial_are_not_done() -> None:
    """Every arm is in one row of each replicate, and fewer rows than arms are simulated."""
    arms = Arms(SHORT)
    every = range(len(arms.names))
    for replicate in range(4):
        done = list(shared(arms, replicate, every))
        assert sorted(chain.from_iterable(ran.arms for ran in done)) == list(every)
        assert len(done) <= 5
        assert sum(ran.simulated for ran in done) < 2 * len(every)


def test_only_what_is_wanted_is_run() -> None:
    """Arms that are not asked for are in no row."""
    done = list(shared(Arms(SHORT), 0, [1, 6]))
    assert sorted(chain.from_iterable(ran.arms for ran in done)) == [1, 6]


def expanded(arms: Arms, done: list[Ran]) -> dict[int, tuple[Any, Any]]:
    """Return both sides of each arm's row."""
    return {arm: (ran.row.attacked, ran.row.twin) for ran in done for arm in ran.arms}


PATCHES: dict[str, st.SearchStrategy[Any]] = {
    "pump.remote_bolus": st.booleans(),
    "pump.max_bolus_U": st.floats(0.1, 25.0),
    "pump.low_alert_mgdl": st.integers(50, 100),
    "pump.alert_rings": st.integers(1, 12),
    "pump.bolus_speed": st.sampled_from(["standard", "quick"]),
    "pump.confirm_remote_bolus": st.booleans(),
    "pump.therapy": st.sampled_from(
        ["open-loop", "suspend-on-low", {"name": "hybrid-closed-loop", "max_iob_U": 1.0}]
    ),
    "pump.insulin_duration_min": st.floats(300.0, 420.0),
    "pump.reservoir_U": st.floats(0.0, 315.0),
    "patient.profile": st.sampled_from(["typical", "inattentive", "child-with-care-partner"]),
    "patient.behaviour.pair_in_private": st.floats(0.0, 1.0),
    "patient.behaviour.cancel_unexpected_bolus": st.floats(0.0, 1.0),
    "patient.behaviour.remote_bolus_use": st.floats(0.0, 0.8),
    "patient.behaviour.accept_mismatch": st.floats(0.0, 1.0),
    "patient.behaviour.rescue_carbs_g": st.floats(0.0, 40.0),
    "patient.behaviour.stick_before_meals": st.floats(0.0, 1.0),
    "care_partner.treats_lows": st.floats(0.0, 1.0),
    "cgm.error_model": st.sampled_from(["none", "breton-kovatchev", "vettoretti-2019"]),
    "cgm.warm_up_min": st.integers(0, 240),
    "meter.error_sd_share": st.floats(0.0, 0.15),
    "meter.tries": st.integers(1, 20),
    "usb.plugged_from": st.sampled_from(["12:00", "20:00"]),
    "radio.protection_dB": st.floats(0.0, 10.0),
    "radio.shadowing_sd_dB": st.floats(0.0, 12.0),
    "link.pairing": st.sampled_from(["serial-derived", "numeric-comparison", "pake"]),
    "link.channel": st.sampled_from(["aead-counter", "plaintext"]),
    "attacker.distance_m": st.floats(0.1, 60.0),
    "attacker.sight_m": st.floats(0.5, 30.0),
    "place": st.sampled_from([[], [{"name": "cafe", "public": False, "path_loss_exponent": 3.0}]]),
}
patches = st.lists(st.sampled_from(sorted(PATCHES)), max_size=4, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: PATCHES[key] for key in keys})
)


@settings(max_examples=60, deadline=None)
@given(patches, patches, st.integers(0, 30), st.booleans())
def test_where_nothing_consulted_differs_nothing_differs(
    base: dict[str, Any], changed: dict[str, Any], replicate: int, attack: bool
) -> None:
    """Over random settings: runs that agree in all that one consulted are equal bit for bit."""
    one = SHORT.patched(base)
    other = one.patched(changed)
    consulted: set[At] = set()
    first = live(watch(one, consulted), replicate, attack=attack)
    if all(value_at(one, path) == value_at(other, path) for path in consulted):
        assert bits(live(other, replicate, attack=attack)) == bits(first)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(PATCHES)).flatmap(lambda key: st.tuples(st.just(key), PATCHES[key])))
def test_a_single_change_that_is_not_consulted_changes_nothing(change: tuple[str, Any]) -> None:
    """Over single settings, where the plan says so most often, both runs are the same."""
    other = SHORT.patched(dict([change]))
    for attack in (True, False):
        consulted: set[At] = set()
        first = live(watch(SHORT, consulted), 2, attack=attack)
        if all(value_at(SHORT, path) == value_at(other, path) for path in consulted):
            assert bits(live(other, 2, attack=attack)) == bits(first)


adopted = st.lists(
    st.sampled_from(NAMES)
    | st.fixed_dictionaries(
        {"name": st.sampled_from(NAMES), "adherence": st.sampled_from([0.0, 0.3, 0.7, 1.0])}
    ),
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(adopted, min_size=1, max_size=5), st.integers(0, 50))
def test_arms_side_by_side_are_the_arms(taken: list[list[Any]], replicate: int) -> None:
    """Parts put together have the settings, key and values of each arm by itself."""
    scenario = SHORT.patched(
        {"study.arms": {str(n): each for n, each in enumerate(taken)}, "study.baseline": "0"}
    )
    arms = Arms(scenario)
    own = [arm_of(scenario, name) for name in arms.names]
    paths: set[At] = {("pump", "remote_bolus"), ("behaviour", "pair_in_private"), ("partner",)}
    paths |= {("behaviour", "cancel_unexpected_bolus"), ("pump",), ("meal", 0, "at")}
    texts = [[value_at(each.of(replicate), path) for path in sorted(paths)] for each in own]
    for number, arm in enumerate(own):
        whole = arms.settings(number)
        assert key_of(whole) == world_key(arm)
        assert msgspec.json.decode(msgspec.json.encode(whole)) == settings_of(arm)
        alike = arms.alike(frozenset(paths), number, replicate)
        assert alike.tolist() == [text == texts[number] for text in texts]
        facts = msgspec.json.decode(arms.facts(frozenset(paths), number, replicate))
        known = [(tuple(path), text) for path, text in facts]
        assert arms.agreeing(known, replicate).tolist() == alike.tolist()


@settings(max_examples=6, deadline=None)
@given(st.lists(adopted, min_size=2, max_size=5), st.integers(0, 20))
def test_any_arms_share_to_the_same_rows(taken: list[list[Any]], replicate: int) -> None:
    """Whatever arms take, and at whatever adherence, sharing gives the rows of running all."""
    scenario = SHORT.patched(
        {"study.arms": {str(n): each for n, each in enumerate(taken)}, "study.baseline": "0"}
    )
    arms, every = Arms(scenario), range(len(taken))
    together = expanded(arms, list(shared(arms, replicate, every)))
    alone = expanded(arms, list(each_by_itself(arms, replicate, every)))
    assert msgspec.json.encode(sorted(together.items())) == msgspec.json.encode(
        sorted(alone.items())
    )


def test_arm_without_the_attacker_is_not_taken_for_one_with() -> None:
    """An arm in which nobody attacks shares the twin of the others, and no attacked run."""
    written = SHORT.written
    attacker = written.pop("attacker")
    calm = Scenario.from_written(written, "calm")
    arms, replicate = Arms(calm), 1
    done = list(shared(arms, replicate, range(len(arms.names))))
    assert all(ran.row.attacked == ran.row.twin for ran in done)
    facts = [msgspec.json.decode(ran.facts) for ran in done]
    assert all([["attacker"], "null"] in each for each in facts)
    with_one = Arms(calm.patched({"attacker": attacker}))
    for each in facts:
        known = [(tuple(path), text) for path, text in each]
        assert not with_one.agreeing(known, replicate).any()


def test_another_arm_later_takes_what_is_there(tmp_path: Path) -> None:
    """An arm that joins a study takes the runs that cannot differ, and the rows are the same."""
    few = SHORT.patched({"study.arms": {"none": [], "cancel": ["cancel-unexpected-bolus"]}})
    run_study(few, store=tmp_path)
    with Store(tmp_path) as store:
        run_study(SHORT, store=store)
        done = store.kept
    assert done < SHORT.study.replicates * len(FACTORIAL)
    grown = run_study(SHORT, store=tmp_path)
    assert same(grown.rows, run_study(SHORT, share=False).rows)


def test_running_all_takes_the_place_of_what_was_shared(tmp_path: Path) -> None:
    """Told to run all, a study does the runs that it had taken from others, with equal rows."""
    together = run_study(SHORT, store=tmp_path)
    before = tuple(together.rows)
    told: list[int] = []
    alone = run_study(
        SHORT, store=tmp_path, share=False, progress=lambda done, _: told.append(done)
    )
    assert same(alone.rows, before)
    assert len(told) > 1
    with Store(tmp_path) as store:
        begun = store.begin(SHORT)
        assert begun.there == begun.total
        for world in begun.arms.values():
            assert store.missing(world, range(6), shared=False) == ()


@pytest.mark.parametrize("wanted", [[], [0]])
def test_nothing_wanted_is_nothing_run(wanted: list[int]) -> None:
    """As many rows as arms that are wanted, none for none."""
    assert len(list(shared(Arms(SHORT), 0, wanted))) == len(wanted)
