"""The search: every state that an attacker can bring about, breadth first, once each.

The first state that breaks a goal is one of those that need the fewest moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from testbed.protocol.roles import Role
from testbed.protocol.suite import TAG_BYTES
from testbed.verification.goals import Goal
from testbed.verification.intruder import Knowledge
from testbed.verification.sessions import Sessions
from testbed.verification.states import Act, Setting, State
from testbed.verification.terms import SECRET, Term

MOST_STATES: Final = 100_000
"""How many states a search looks at before it gives up as not exhausted."""


@dataclass(frozen=True, slots=True)
class Attack:
    """The shortest way found to break a goal.

    Attributes:
        acts: What happens, in order, with every value settled.
        setting: The setting it was found in.
    """

    acts: tuple[Act, ...]
    setting: Setting


@dataclass(slots=True)
class Found:
    """What a search found.

    Attributes:
        states: How many states it looked at.
        exhausted: Whether these were all there are.
        attacks: The shortest attack on each goal that is broken, by the goal's name.
        guessed: Whether a short secret was told to the attacker by trying all there are.
        asked: What devices asked of the person: which side, and what.
    """

    states: int = 0
    exhausted: bool = True
    attacks: dict[str, Attack] = field(default_factory=dict)
    guessed: bool = False
    asked: set[tuple[Role, str]] = field(default_factory=set)


class _Key(NamedTuple):
    """What a state is, but for when the values that are still open went out.

    Attributes:
        same: What two states share if they differ in nothing else.
        times: For each open value, as bits, what had been heard by then that it could be made of.
    """

    same: Any
    times: tuple[int, ...]

    def within(self, times: tuple[int, ...]) -> bool:
        """Return whether all that can follow from here follows where more had been heard."""
        return all(mine & theirs == mine for mine, theirs in zip(self.times, times, strict=True))


def _key(sessions: Sessions, state: State) -> _Key:
    """Return the key of a state.

    A digest or a tag may be made of anything that was heard.  A value of another length is
    one that was heard with that length, or one that the attacker makes up, for which it needs
    nothing; as the other end of an exchange a value that is no public key does it no good.
    """
    heard, opened = state.knowledge.heard, sorted(state.knowledge.open, key=_by_number)
    points = sessions.terms.points
    kinds = [(variable.length, variable in points) for variable, _ in opened]
    wanted = {at for _, at in opened}
    known = dict.fromkeys(kinds, 0)
    by_then: dict[int, dict[tuple[int, bool], int]] = {}
    for at in range(len(heard) + 1):
        if at in wanted:
            by_then[at] = dict(known)
        if at < len(heard):
            term = heard[at]
            for length, is_point in known:
                fits = length == term.length and not (is_point and term.op == SECRET)
                if fits or length == TAG_BYTES:
                    known[length, is_point] |= 1 << term.number
    times = tuple(by_then[at][kind] for (_, at), kind in zip(opened, kinds, strict=True))
    variables = tuple(variable for variable, _ in opened)
    return _Key((state.runs, frozenset(heard), state.apart, variables), times)


def _by_number(opened: tuple[Term, int]) -> int:
    return opened[0].number


def _only_live(state: State) -> State:
    """Return a state without the open values that nothing depends on any more."""
    knowledge = state.knowledge
    live: set[Any] = set()
    for term in knowledge.heard:
        live.update(term.variables)
    for run in state.runs:
        live.update(run.open)
    for pair in state.apart:
        live.update(each for term in pair for each in term.variables)
    kept = tuple(each for each in knowledge.open if each[0] in live)
    if len(kept) == len(knowledge.open):
        return state
    return state._replace(knowledge=knowledge._replace(open=kept))


@dataclass(frozen=True, slots=True)
class _Node:
    state: State
    parent: _Node | None
    acts: tuple[Act, ...]


def search(
    setting: Setting,
    goals: Sequence[Goal],
    *,
    most_states: int = MOST_STATES,
    progress: Callable[[int], None] | None = None,
) -> Found:
    """Look at every state of a setting until all goals are broken or there are no more.

    Args:
        setting: What the search is about.
        goals: What is to be kept.
        most_states: How many states to look at at most.
        progress: Called with the number of states looked at, now and then.
    """
    sessions = Sessions(setting)
    found = Found()
    left = list(goals)
    state, acts = sessions.start()
    _note(found, acts)
    root = _Node(state, None, acts)
    seen: dict[Any, list[tuple[int, ...]]] = {}
    level = [root]
    while level and left:
        following: dict[_Key, _Node] = {}
        for node in level:
            found.states += 1
            if progress is not None and found.states % 256 == 0:
                progress(found.states)
            for goal in tuple(left):
                broken = next(goal.broken(sessions, node.state), None)
                if broken is not None:
                    found.attacks[goal.name] = _attack(sessions, node, broken)
                    left.remove(goal)
            if not left:
                return found
            if found.states >= most_states:
                found.exhausted = False
                return found
            for state, acts in sessions.moves(node.state):
                lean = _only_live(state)
                key = _key(sessions, lean)
                known = seen.setdefault(key.same, [])
                if any(key.within(times) for times in known):
                    continue
                for times in [each for each in known if _Key(None, each).within(key.times)]:
                    known.remove(times)
                    following.pop(_Key(key.same, times), None)
                known.append(key.times)
                following[key] = _Node(lean, node, acts)
                _note(found, acts)
        level = list(following.values())
    return found


def _note(found: Found, acts: tuple[Act, ...]) -> None:
    for act in acts:
        if act.kind == "guess":
            found.guessed = True
        elif act.kind == "asks":
            found.asked.add((act.party.role, act.note))


def _attack(sessions: Sessions, node: _Node, broken: Knowledge) -> Attack:
    """Return the way from the start to a node, with every value as it was settled in the end."""
    acts: list[Act] = []
    at: _Node | None = node
    while at is not None:
        acts[:0] = at.acts
        at = at.parent
    put = broken.bindings
    told = tuple(act._replace(values=sessions.terms.put_all(act.values, put)) for act in acts)
    return Attack(told, sessions.setting)
