"""The search over the project's own roles and Maude's over theories written by hand agree.

They share no code: where one has an attack and the other has none, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import get_args

import pytest
from testbed.protocol.pairings import PAIRINGS
from testbed.verification.abilities import ABILITIES, Person
from testbed.verification.goals import GOALS, Goal
from testbed.verification.intruder import Knowledge
from testbed.verification.search import Found, search
from testbed.verification.stage import Stage
from testbed.verification.states import Setting, State
from testbed.verification.unification import unify
from tests.verification.peer import engine

Case = tuple[engine.Method, engine.Ability, bool, bool]
"""Method, ability, one code for good, a careless person."""


def _replayed(stage: Stage, state: State) -> Iterator[Knowledge]:
    """Yield how two runs of a side end with one key, which is what Maude looks for."""
    ended = [
        (party.role, run.done.link_key)
        for party, run in zip(stage.parties, state.runs, strict=True)
        if run.done is not None
    ]
    for (role, key), (other, other_key) in combinations(ended, 2):
        if role is other:
            for bindings in unify(stage.terms, ((key, other_key),), {}):
                yield from stage.intruder.bind(state.knowledge, bindings, ())


REPLAY = Goal("replay", "two runs of a side end with different keys", _replayed)
SAME: dict[engine.Goal, Goal] = {
    "key": GOALS["key secrecy"],
    "agreement": GOALS["agreement"],
    "replay": REPLAY,
}
"""What both engines look for, by Maude's name."""

TAKES_PART = ("active", "code-seen", "touch")
LONG: set[tuple[Case, engine.Goal]] = {
    *(
        ((method, able, reused, care), "replay")
        for method, able, reused, care in product(
            ("passkey", "numeric-comparison"), TAKES_PART, (False, True), (False, True)
        )
    ),
    (("pake", "touch", False, False), "replay"),
    (("pake", "touch", True, False), "replay"),
}
"""What takes Maude longest."""


def cases() -> Iterator[Case]:
    """Yield every setting that Maude's theories have."""
    for method, ability in product(get_args(engine.Method), get_args(engine.Ability)):
        # A comparison shows no code to be seen: there code-seen is active, which takes long.
        if (method, ability) != ("numeric-comparison", "code-seen"):
            yield method, ability, False, False
        if method in ("passkey", "pake"):
            yield method, ability, True, False
        if method == "numeric-comparison":
            yield method, ability, False, True


def found(case: Case) -> Found:
    """Search a setting with the project's own roles, for what both engines have the time for."""
    method, ability, reused, careless = case
    person = Person.CARELESS if careless else Person.CAREFUL
    setting = Setting(PAIRINGS[method], ABILITIES[ability], person, reused=reused)
    return search(setting, [goal for name, goal in SAME.items() if (case, name) not in LONG])


def by_maude(case: Case, goal: engine.Goal) -> bool | None:
    """Search the same setting with Maude."""
    method, ability, reused, careless = case
    return engine.attack(method, ability, goal, reused=reused, careless=careless)


def _named(case: Case) -> str:
    method, ability, reused, careless = case
    return f"{method}, {ability}{', one code' * reused}{', careless' * careless}"


@pytest.mark.parametrize("case", list(cases()), ids=_named)
def test_attack_exists_for_one_engine_if_and_only_if_for_the_other(case: Case) -> None:
    """Key secrecy, agreement and freshness of keys are broken for both engines, or for neither."""
    ours = found(case).attacks
    if not ours:
        assert by_maude(case, "any") is False
        return
    for theirs, goal in SAME.items():
        if (case, theirs) not in LONG:
            assert by_maude(case, theirs) is (goal.name in ours), theirs
