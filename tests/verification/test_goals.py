"""What counts as broken, on states put together by hand."""

from __future__ import annotations

import pytest
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import Established, Role
from testbed.verification.abilities import ABILITIES
from testbed.verification.goals import GOALS
from testbed.verification.intruder import Knowledge
from testbed.verification.stage import Stage
from testbed.verification.states import Run, Setting, State
from testbed.verification.terms import SECRET, VARIABLE, Term
from testbed.verification.unification import Pairs

SECRECY, AGREEMENT, INJECTIVE, CONFIRMATION = GOALS.values()


@pytest.fixture
def stage() -> Stage:
    """Two linkings of one device and one pump."""
    return Stage(Setting(PAIRINGS["just-works"], ABILITIES["active"]))


def key_from(stage: Stage, name: str) -> tuple[Term, Term]:
    """Return a link key with an open value of the attacker's in it, and that value."""
    value = stage.terms.atom(VARIABLE, name, 32)
    secret = stage.terms.atom(SECRET, "secret", 32)
    return stage.terms.make("derive", ("link key",), (secret, value)), value


def ended(stage: Stage, *keys: Term, apart: Pairs = ()) -> State:
    """Return a state in which both sides of each linking ended with a key and each other."""
    runs = tuple(
        Run(done=Established(key, stage.serial(role.other)), over=True)
        for key in keys
        for role in (Role.RESPONDER, Role.INITIATOR)
    )
    runs += (Run(),) * (len(stage.parties) - len(runs))
    opened = tuple((each, 0) for key in keys for each in key.variables)
    return State(runs, Knowledge((), tuple(dict.fromkeys(opened))), apart)


def test_keys_that_an_attacker_can_make_the_same_are_replayed(stage: Stage) -> None:
    """Two linkings agree each for itself, and yet both keys are one if the attacker likes."""
    (one, x), (other, y) = key_from(stage, "x"), key_from(stage, "y")
    state = ended(stage, one, other)
    assert not list(AGREEMENT.broken(stage, state))
    broken = next(INJECTIVE.broken(stage, state))
    assert stage.terms.put(x, broken.bindings) is stage.terms.put(y, broken.bindings)


def test_keys_of_values_found_to_differ_are_not_replayed(stage: Stage) -> None:
    """What a role saw to be different cannot be made the same afterwards."""
    (one, x), (other, y) = key_from(stage, "x"), key_from(stage, "y")
    state = ended(stage, one, other, apart=((x, y),))
    assert not list(INJECTIVE.broken(stage, state))


def test_key_is_not_told_by_values_found_to_differ(stage: Stage) -> None:
    """A key is known that the attacker can derive, but not by a value that a role refused."""
    private, point = stage.terms.atom(SECRET, "private", 32), stage.terms.atom(VARIABLE, "p", 32)
    key = stage.terms.make("shared?", (), (private, point))
    other = stage.terms.make("public", (), (stage.terms.atom(SECRET, "peer", 32),))
    state = ended(stage, key)._replace(
        knowledge=Knowledge((stage.terms.make("public", (), (private,)),), ((point, 1),))
    )
    (told, *_) = SECRECY.broken(stage, state)
    chosen = told.bindings[point]
    for refused, known in ((other, True), (chosen, False)):
        refusing = state._replace(apart=((point, refused),))
        assert any(True for _ in SECRECY.broken(stage, refusing)) is known


def test_key_that_nobody_else_holds_is_not_confirmed(stage: Stage) -> None:
    """One side that ended alone knows nothing of another that holds the key."""
    key, _ = key_from(stage, "x")
    together = ended(stage, key)
    alone = together._replace(runs=(together.runs[0], *(Run(),) * 3))
    assert not list(CONFIRMATION.broken(stage, together))
    assert list(CONFIRMATION.broken(stage, alone))


def test_peer_under_another_name_is_no_agreement(stage: Stage) -> None:
    """The same key with somebody else for a peer is not what was meant."""
    key, value = key_from(stage, "x")
    state = ended(stage, key)
    stranger = state.runs[0]._replace(done=Established(key, value))
    assert not list(AGREEMENT.broken(stage, state))
    assert list(AGREEMENT.broken(stage, state._replace(runs=(stranger, *state.runs[1:]))))
