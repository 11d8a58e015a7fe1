"""What answers a question on a screen: the person, or an attacker at the buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from testbed.protocol.roles import YES, Ask, Role
from testbed.protocol.suite import CODE_BYTES, TAG_BYTES
from testbed.verification.abilities import Person
from testbed.verification.intruder import Demand, Knowledge
from testbed.verification.stage import Stage
from testbed.verification.states import Move, Party, State
from testbed.verification.terms import OWN, VARIABLE, Term
from testbed.verification.unification import unify

SEARCHED: Final = "found by search:"
"""Begins the name of a value of the attacker's that was chosen so that digits agree."""

_LENGTH: Final = {"touch": TAG_BYTES, "type": CODE_BYTES}
"""How long an answer is, in bytes."""


def answers(stage: Stage, state: State, party: Party, asks: Ask[Term]) -> Iterator[Move]:
    """Yield what follows from each answer that a party's screen may get.

    Args:
        stage: Everyone who takes part.
        state: Where they are.
        party: Whose screen asks.
        asks: What it asks.
    """
    if stage.setting.ability.touches and party.role is Role.RESPONDER:
        yield from _attackers(stage, state, party, asks)
    yield from _PERSON[asks.what](stage, state, party, asks)


def _attackers(stage: Stage, state: State, party: Party, asks: Ask[Term]) -> Iterator[Move]:
    """Press the pump's buttons, or hold something to it, in the person's place."""
    if asks.what == "compare":
        yes = stage.suite.label(YES)
        yield from stage.answer(state, party, yes, "presses yes", "press")
        return
    name = f"{asks.what} at {party} after {stage.run(state, party).sent}"
    value = stage.terms.atom(VARIABLE, name, _LENGTH[asks.what])
    demand = Demand(len(state.knowledge.heard), value)
    note = (
        "the attacker's own device is held to it" if asks.what == "touch" else "the attacker types"
    )
    for settled in stage.bound(state, {}, (demand,)):
        yield from stage.answer(settled, party, value, note, "press")


def _touch(stage: Stage, state: State, party: Party, asks: Ask[Term]) -> Iterator[Move]:
    """Hold the two devices together: each gets what the other shows."""
    note = "holds the devices together"
    yield from _both(stage, state, party, asks, note)


def _type(stage: Stage, state: State, party: Party, _asks: Ask[Term]) -> Iterator[Move]:
    """Type what the pump shows; a careless person also does so once more."""
    careless = stage.setting.person is Person.CARELESS
    for each in stage.parties if careless else (stage.partner(party),):
        shown = stage.run(state, each).asks
        if shown is not None and shown.what == "show" and shown.value is not None:
            note = f"types the code that {each} shows"
            yield from stage.answer(state, party, shown.value, note)


def _compare(stage: Stage, state: State, party: Party, asks: Ask[Term]) -> Iterator[Move]:
    """Say whether both show the same; a careless person says so of one screen, without looking."""
    if stage.setting.person is Person.CARELESS:
        note = "says without looking that the digits are the same"
        yield from stage.answer(state, party, stage.suite.label(YES), note)
        return
    yield from _both(stage, state, party, asks, "sees the same digits on both, and says so")


def _both(stage: Stage, state: State, party: Party, asks: Ask[Term], note: str) -> Iterator[Move]:
    """Answer both devices at once, if both ask the same thing."""
    partner = stage.partner(party)
    other = stage.run(state, partner).asks
    if party.role is not Role.RESPONDER or other is None or other.what != asks.what:
        return
    if asks.value is None or other.value is None:
        return
    if asks.what == "compare":
        yes = stage.suite.label(YES)
        mine, theirs, states = yes, yes, _same_codes(stage, state, asks.value, other.value)
    else:
        mine, theirs, states = other.value, asks.value, iter((state,))
    for settled in states:
        for move in stage.answer(settled, party, mine, note):
            for then in stage.answer(move.state, partner, theirs, note):
                yield Move(then.state, (*move.acts, *then.acts))


def _same_codes(stage: Stage, state: State, left: Term, right: Term) -> Iterator[State]:
    """Yield the ways in which two short codes come out the same."""
    if left is right or stage.setting.lucky:
        yield state
        return
    for bindings in unify(stage.terms, ((left, right),), {}):
        yield from stage.bound(state, bindings)
    seeds = (left.args[0], right.args[0])
    for value, at in state.knowledge.open:
        # What went out when all the rest was known can be searched for until the codes agree.
        earlier = Knowledge(state.knowledge.heard[:at])
        if any(value in seed.variables for seed in seeds) and all(
            stage.intruder.derivable(earlier, seed) for seed in seeds
        ):
            name = f"{SEARCHED} {value.meta[0]}"
            yield from stage.bound(state, {value: stage.terms.atom(OWN, name, value.length)})


_PERSON: Final[Mapping[str, Callable[[Stage, State, Party, Ask[Term]], Iterator[Move]]]] = {
    "touch": _touch,
    "type": _type,
    "compare": _compare,
}
