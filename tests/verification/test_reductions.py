"""What the search leaves out as seen before, or as nothing new, hides no attack."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import PairingMethod
from testbed.verification.abilities import ABILITIES, Person
from testbed.verification.goals import GOALS, PUMP_KEY
from testbed.verification.intruder import Demand, Intruder, Knowledge
from testbed.verification.search import _key, search
from testbed.verification.sessions import Sessions
from testbed.verification.states import Setting, State
from testbed.verification.terms import SECRET, VARIABLE
from tests.verification import mutants
from tests.verification.mutants import OnAnotherSuite

ALL_GOALS = (*GOALS.values(), PUMP_KEY)
MOST = 20_000


class Thorough(Intruder):
    """An intruder that tries every way to meet a demand, also where one is the most general."""

    def solve(self, knowledge: Knowledge, demands: tuple[Demand, ...]) -> Iterator[Knowledge]:
        """Meet demands one by one: by each value heard, by each rule, as open as it is."""
        if not demands:
            yield knowledge
            return
        *rest, (at, term) = demands
        term = self._terms.put(term, knowledge.bindings)
        if term.op == VARIABLE:
            opened = dict(knowledge.open)
            opened[term] = min(at, opened.get(term, at))
            yield from self.solve(knowledge._replace(open=tuple(opened.items())), tuple(rest))
        elif term.variables:
            yield from self._settle(knowledge, Demand(at, term), tuple(rest))
        else:
            for known in super().solve(knowledge, (Demand(at, term),)):
                yield from self.solve(known, tuple(rest))


def broken_without_reductions(setting: Setting, *, thorough: bool = False) -> set[str]:
    """Look at every state that is not the very same as another, and return what is broken."""
    sessions = Sessions(setting)
    if thorough:
        sessions.intruder = Thorough(sessions.terms)
    level: list[State] = [sessions.start()[0]]
    seen: set[Any] = set()
    broken: set[str] = set()
    while level:
        following = []
        for state in level:
            broken.update(
                goal.name
                for goal in ALL_GOALS
                if goal.name not in broken and any(True for _ in goal.broken(sessions, state))
            )
            for after, _ in sessions.moves(state):
                key = (after.runs, after.knowledge.heard, after.knowledge.open, after.apart)
                if key not in seen:
                    seen.add(key)
                    following.append(after)
        assert len(seen) < MOST
        level = following
    return broken


def broken_with_reductions(setting: Setting) -> set[str]:
    """Return what the search itself finds broken."""
    found = search(setting, ALL_GOALS)
    assert found.exhausted
    return set(found.attacks)


def setting(
    method: PairingMethod | str, ability: str, sessions: int, person: Person = Person.CAREFUL
) -> Setting:
    """Return a setting by names."""
    run = PAIRINGS[method] if isinstance(method, str) else method
    return Setting(run, ABILITIES[ability], person, sessions=sessions)


ONE_SESSION = [
    (method, ability, person)
    for method, ability, person in product(sorted(PAIRINGS), sorted(ABILITIES), Person)
    # Who knows a passkey has thousands of states that are nearly the same: once is enough.
    if (method, ability) != ("passkey", "code-seen")
    and (method, ability, person) != ("passkey", "touch", Person.CARELESS)
]


@pytest.mark.parametrize(("method", "ability", "person"), ONE_SESSION)
def test_reductions_hide_nothing_in_one_session(method: str, ability: str, person: Person) -> None:
    """With one linking a search without reductions breaks the same goals."""
    what = setting(method, ability, 1, person)
    assert broken_without_reductions(what) == broken_with_reductions(what)


@pytest.mark.parametrize("ability", ["passive", "active", "touch"])
@pytest.mark.parametrize("method", ["serial-derived", "just-works", "oob", "pake"])
def test_reductions_hide_nothing_in_two_sessions(method: str, ability: str) -> None:
    """With two linkings a search without reductions breaks the same goals."""
    what = setting(method, ability, 2)
    assert broken_without_reductions(what) == broken_with_reductions(what)


FAULTY: dict[str, PairingMethod] = {
    "closing tags without a side": OnAnotherSuite(PAIRINGS["oob"], mutants.NoSideInTags),
    "shares for sides": OnAnotherSuite(PAIRINGS["pake"], mutants.SharesForSides),
    "own share refused": OnAnotherSuite(mutants.OwnShareRefused(), mutants.SharesForSides),
    "no serial numbers": OnAnotherSuite(PAIRINGS["oob"], mutants.NoSerials),
    "opened early": mutants.OpenedEarly(),
    "commitment unchecked": mutants.CommitmentUnchecked(),
    "only nonces": OnAnotherSuite(PAIRINGS["numeric-comparison"], mutants.OnlyNonces),
    "only bits": OnAnotherSuite(PAIRINGS["passkey"], mutants.OnlyBits),
}


@pytest.mark.parametrize("name", FAULTY)
def test_reductions_hide_no_fault(name: str) -> None:
    """With a fault in a role a search without reductions breaks the same goals."""
    what = setting(FAULTY[name], "active", 1)
    assert broken_without_reductions(what) == broken_with_reductions(what)


@pytest.mark.parametrize(
    "method",
    [*(PAIRINGS[name] for name in sorted(PAIRINGS)), *FAULTY.values()],
    ids=[*sorted(PAIRINGS), *FAULTY],
)
def test_composing_a_message_hides_no_other_way_to_have_it(method: PairingMethod) -> None:
    """An attacker that also tries all that it need not try breaks the same goals."""
    what = setting(method, "active", 1)
    assert broken_without_reductions(what, thorough=True) == broken_with_reductions(what)


# When an open value went out ------------------------------------------------------------


def _known_later(length: int, heard: int) -> bool:
    """Return whether it tells two states apart that a value went out before or after another.

    Args:
        length: How long the value is that went out.
        heard: How long the other is, which was heard.
    """
    sessions = Sessions(setting("just-works", "active", 1))
    state, _ = sessions.start()
    other = sessions.terms.atom(SECRET, "heard", heard)
    value = sessions.terms.atom(VARIABLE, "went out", length)
    before, after = (
        _key(sessions, state._replace(knowledge=Knowledge((other,), ((value, at),))))
        for at in (0, 1)
    )
    assert before.same == after.same
    assert before.within(after.times)
    return not after.within(before.times)


def test_tag_may_be_made_of_all_that_was_heard() -> None:
    """A tag that goes out later may be of more, whatever the length of what it is made of."""
    assert _known_later(16, 32)
    assert _known_later(16, 12)


def test_other_value_is_one_that_was_heard_or_the_attackers_own() -> None:
    """For a nonce it matters when values of its length were heard, and no others."""
    assert _known_later(32, 32)
    assert not _known_later(32, 12)
