"""What a pairing method has to keep, and how a state shows that it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Final

from testbed.protocol.roles import Role
from testbed.verification.intruder import Demand, Knowledge
from testbed.verification.stage import Stage
from testbed.verification.states import Party, Run, State
from testbed.verification.terms import Term, terms_in
from testbed.verification.unification import unify

Breaks = Callable[[Stage, State], Iterator[Knowledge]]


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that a pairing method has to keep.

    Attributes:
        name: Its name.
        about: What is kept, in a sentence.
        broken: Yields what the attacker settles on to break it in a state.
    """

    name: str
    about: str
    broken: Breaks


def _ended(stage: Stage, state: State) -> Iterator[tuple[Party, Run]]:
    for party, run in zip(stage.parties, state.runs, strict=True):
        if run.done is not None:
            yield party, run


def _holds(run: Run, key: Term) -> bool:
    """Return whether a party has a key: it ended with it, or has computed it by now."""
    if run.done is not None:
        return run.done.link_key is key
    return any(term is key for term in terms_in(run.state))


def _told(stage: Stage, state: State, role: Role | None) -> Iterator[Knowledge]:
    heard = len(state.knowledge.heard)
    for party, run in _ended(stage, state):
        if run.done is not None and role in (None, party.role):
            demand = Demand(heard, run.done.link_key)
            for settled in stage.intruder.solve(state.knowledge, (demand,)):
                if _apart(stage, state, settled):
                    yield settled


def _apart(stage: Stage, state: State, settled: Knowledge) -> bool:
    """Return whether what was found to differ still does with values settled on."""
    pairs = stage.terms.put_into(state.apart, settled.bindings)
    return all(left is not right for left, right in pairs)


def _secrecy(stage: Stage, state: State) -> Iterator[Knowledge]:
    yield from _told(stage, state, None)


def _pump(stage: Stage, state: State) -> Iterator[Knowledge]:
    yield from _told(stage, state, Role.RESPONDER)


def _agreement(stage: Stage, state: State) -> Iterator[Knowledge]:
    for party, run in _ended(stage, state):
        if run.done is None:
            continue
        key, peer = run.done.link_key, run.done.peer
        other, own = party.role.other, stage.serial(party.role)
        agrees = peer is stage.serial(other) and any(
            each.role is other
            and _holds(its, key)
            and any(term is own for term in terms_in(its.done or its.state))
            for each, its in zip(stage.parties, state.runs, strict=True)
        )
        if not agrees:
            yield state.knowledge


def _injective(stage: Stage, state: State) -> Iterator[Knowledge]:
    """Two runs of a role that ended with one key are one too many, or nobody is their peer."""
    yield from _agreement(stage, state)
    for (one, its), (other, other_its) in combinations(_ended(stage, state), 2):
        if one.role is not other.role or its.done is None or other_its.done is None:
            continue
        # The same, or the attacker's to make the same.
        keys = ((its.done.link_key, other_its.done.link_key),)
        for bindings in unify(stage.terms, keys, {}):
            for settled in stage.intruder.bind(state.knowledge, bindings, ()):
                if _apart(stage, state, settled):
                    yield settled


def _confirmation(stage: Stage, state: State) -> Iterator[Knowledge]:
    for party, run in _ended(stage, state):
        if run.done is None:
            continue
        key = run.done.link_key
        someone = any(
            each != party and _holds(its, key)
            for each, its in zip(stage.parties, state.runs, strict=True)
        )
        if not someone and not stage.intruder.derivable(state.knowledge, key):
            yield state.knowledge


GOALS: Final[Mapping[str, Goal]] = MappingProxyType(
    {
        each.name: each
        for each in (
            Goal(
                "key secrecy",
                "no link key with which an honest device ends is known to the attacker",
                _secrecy,
            ),
            Goal(
                "agreement",
                "who ends a pairing does so with the honest peer, which has the same key for it",
                _agreement,
            ),
            Goal(
                "injective agreement",
                "and each such end has a run of that peer to itself: nothing is replayed",
                _injective,
            ),
            Goal(
                "key confirmation",
                "who ends a pairing knows that somebody else holds the key",
                _confirmation,
            ),
        )
    }
)
"""Every goal by its name, in the order of the table."""

PUMP_KEY: Final = Goal(
    "pump's key",
    "no link key with which the pump ends is known to the attacker",
    _pump,
)
"""What decides whether an attacker can give the pump commands on a link of its own."""
