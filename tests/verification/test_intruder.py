"""What the attacker is found to know, it can compute; and what it can compute is found."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from testbed.verification.intruder import Demand, Intruder, Knowledge
from testbed.verification.terms import LABEL, OWN, SECRET, VARIABLE, Bindings, Term, Terms
from testbed.verification.unification import unify
from tests.verification.recipes import Recipe, filled, made, recipes

quick = settings(derandomize=True, deadline=None, max_examples=100)

GROUND = recipes(("a", "b"))
HEARD = st.lists(GROUND, min_size=1, max_size=4)


def computable(terms: Terms, heard: tuple[Term, ...], term: Term) -> bool:
    """Return whether a term without variables follows from what was heard, rule by rule.

    The rules as Dolev and Yao have them: who knows the arguments knows the value, but for the
    secret of an exchange, which takes one private key and the other public one.
    """
    if term in heard or term.op in (OWN, LABEL):
        return True
    if term.op == "shared":
        return any(
            computable(terms, heard, mine)
            and computable(terms, heard, terms.make("public", (), (theirs,)))
            for mine, theirs in (term.args, term.args[::-1])
        )
    if term.op == "agree":
        x, y, code = term.args
        return computable(terms, heard, code) and any(
            computable(terms, heard, mine)
            and computable(terms, heard, terms.make("share", (side,), (theirs, code)))
            for mine, theirs, side in ((x, y, False), (y, x, True))
        )
    if term.op in (SECRET, VARIABLE, "agree?"):
        return False
    return all(computable(terms, heard, arg) for arg in term.args)


def settled(terms: Terms, solution: Knowledge) -> Bindings:
    """Return what all variables stand for, with a value of the attacker's for open ones."""
    own = {each: terms.atom(OWN, f"for {each.meta[0]}", each.length) for each, _ in solution.open}
    return {**solution.bindings, **own}


@quick
@given(HEARD, GROUND, GROUND)
def test_more_heard_is_not_less_known(heard: list[Recipe], more: Recipe, asked: Recipe) -> None:
    """What can be derived can still be derived when one more value was heard."""
    terms = Terms()
    intruder = Intruder(terms)
    known = tuple(made(terms, each) for each in heard)
    term = made(terms, asked)
    if intruder.derivable(Knowledge(known), term):
        assert intruder.derivable(Knowledge((*known, made(terms, more))), term)


@quick
@given(HEARD, GROUND)
def test_value_is_derivable_if_and_only_if_the_rules_give_it(
    heard: list[Recipe], asked: Recipe
) -> None:
    """For values without variables the intruder knows what follows by the rules."""
    terms = Terms()
    known = tuple(made(terms, each) for each in heard)
    for term in {made(terms, asked), *(part for each in known for part in parts(each))}:
        found = Intruder(terms).derivable(Knowledge(known), term)
        assert found == computable(terms, known, term)


def parts(term: Term) -> list[Term]:
    """Return a term and all that it is made of."""
    return [term, *(part for arg in term.args for part in parts(arg))]


Problem = tuple[list[Recipe], list[int], int, Recipe]
"""What was heard, when x and y went out, and what must be derivable when."""


@st.composite
def _problems(draw: st.DrawFn) -> Problem:
    """Draw a problem whose demand is something that was heard, but for x and y in it.

    What stood there when it was heard may be heard as well, before it or afterwards.
    """
    before, after = (draw(st.lists(GROUND, max_size=2)) for _ in range(2))
    asked = draw(recipes(("a", "b", "x", "y")))
    values = {name: draw(GROUND) for name in "xy"}
    after += draw(st.lists(st.sampled_from(list(values.values())), max_size=2))
    heard = [*before, filled(asked, values), *after]
    place = len(before)
    times = st.sampled_from((place, place + 1, len(heard)))
    return heard, [draw(times), draw(times)], place + 1, asked


def demands_of(terms: Terms, problem: Problem) -> tuple[tuple[Term, ...], tuple[Demand, ...]]:
    """Return what was heard and what is demanded of x, of y, and of a term with them."""
    heard, went_out, at, asked = problem
    values = (terms.atom(VARIABLE, name, 32) for name in "xy")
    demands = [Demand(time, value) for time, value in zip(went_out, values, strict=True)]
    return (
        tuple(made(terms, each) for each in heard),
        (Demand(at, made(terms, asked)), *demands),
    )


@quick
@given(_problems())
def test_solution_can_be_computed(problem: Problem) -> None:
    """With what a solution settles on, each demand follows from what had been heard by then."""
    terms = Terms()
    heard, demands = demands_of(terms, problem)
    for solution in Intruder(terms).solve(Knowledge(heard), demands):
        values = settled(terms, solution)
        for at, term in demands:
            assert computable(terms, heard[:at], terms.put(term, values))


PASSED_ON: Problem = ([("public", (("a", ()),)), ("a", ())], [2, 2], 1, ("public", (("x", ()),)))
"""A value that went out when its making was not known yet, and is heard later."""


@quick
@example(PASSED_ON)
@given(_problems())
def test_no_solution_is_missed(problem: Problem) -> None:
    """Values that meet all demands, picked from what was heard, are an instance of a solution."""
    terms = Terms()
    heard, demands = demands_of(terms, problem)
    x, y = (terms.atom(VARIABLE, name, 32) for name in "xy")
    made_of = dict.fromkeys(part for each in heard for part in parts(each))
    picked = [each for each in made_of if each.length == 32]
    picked.append(terms.atom(OWN, "own", 32))
    found = list(Intruder(terms).solve(Knowledge(heard), demands))
    for values in product(picked, repeat=2):
        ground = dict(zip((x, y), values, strict=True))
        if all(computable(terms, heard[:at], terms.put(term, ground)) for at, term in demands):
            assert any(_allows(terms, solution, ground) for solution in found)


def _allows(terms: Terms, solution: Knowledge, ground: Bindings) -> bool:
    """Return whether a solution leaves room for values, each known when it went out."""
    pairs = tuple((terms.put(each, solution.bindings), value) for each, value in ground.items())
    return any(
        all(
            computable(terms, solution.heard[:at], terms.put(each, values))
            for each, at in solution.open
        )
        for values in unify(terms, pairs, {})
    )


# Particular cases -----------------------------------------------------------------------


def _value(terms: Terms, name: str, length: int = 32) -> Term:
    return terms.atom(SECRET, name, length)


def test_commitment_passed_on_may_be_opened_with_what_is_said_later() -> None:
    """A commitment that went out early is the attacker's own, or one that it had heard."""
    terms = Terms()
    nonce, opened = _value(terms, "nonce"), terms.atom(VARIABLE, "opened", 32)
    commitment = terms.make("tag", ("commitment",), (nonce,))
    demands = (Demand(1, terms.make("tag", ("commitment",), (opened,))), Demand(2, opened))
    heard = (commitment, nonce)
    for order in (demands, demands[::-1]):
        found = list(Intruder(terms).solve(Knowledge(heard), order))
        assert {terms.put(opened, each.bindings) for each in found} == {nonce, opened}
        assert {each.open for each in found if opened not in each.bindings} == {((opened, 1),)}


@pytest.mark.parametrize("times", [(1, 2), (2, 1)])
def test_value_demanded_twice_went_out_at_the_earlier_time(times: tuple[int, int]) -> None:
    """What was known only after a value had gone out is of no use for it."""
    terms = Terms()
    value = terms.atom(VARIABLE, "value", 32)
    heard = (_value(terms, "a"), _value(terms, "b"))
    once = Knowledge(heard, ((value, times[0]),))
    (twice,) = Intruder(terms).bind(once, {}, (Demand(times[1], value),))
    assert twice.open == ((value, 1),)


def test_attacker_takes_part_in_an_exchange_with_a_key_of_its_own() -> None:
    """A device's secret with a point that is the attacker's to choose is the attacker's too."""
    terms = Terms()
    private, point = _value(terms, "private"), terms.atom(VARIABLE, "point", 32)
    shared = terms.make("shared?", (), (private, point))
    heard = (terms.make("public", (), (private,)),)
    (found,) = Intruder(terms).solve(Knowledge(heard, ((point, 1),)), (Demand(1, shared),))
    assert found.bindings[point].op == "public"
    assert found.bindings[point].args[0].op == OWN


@pytest.mark.parametrize("known", [True, False])
def test_attacker_takes_part_in_spake2_if_it_knows_the_code(known: bool) -> None:
    """A share of the attacker's own gives a secret to who knew the code when it went out."""
    terms = Terms()
    private, code = _value(terms, "private"), _value(terms, "code", 4)
    point = terms.atom(VARIABLE, "share", 65)
    share = terms.make("share", (True,), (private, code))
    agreed = terms.make("agree?", (True,), (private, code, point))
    heard = (share, code)
    knowledge = Knowledge(heard, ((point, 2 if known else 1),))
    found = list(Intruder(terms).solve(knowledge, (Demand(2, agreed),)))
    assert bool(found) == known


def _guessed(terms: Terms, *heard: Term) -> list[Term]:
    return list(Intruder(terms).guesses(Knowledge(heard)))


def test_bit_behind_an_opened_commitment_is_guessed() -> None:
    """Two tries tell which bit was committed to, once the nonce is known (Lindell 2009)."""
    terms = Terms()
    nonce = _value(terms, "nonce")
    bit = terms.make("bit", (0,), (terms.make("code", (4,), (_value(terms, "seed"),)),))
    committed = terms.make("tag", ("commitment",), (nonce, bit))
    assert _guessed(terms, committed) == []
    assert _guessed(terms, committed, nonce) == [bit]
    assert _guessed(terms, committed, nonce, bit) == []


def test_code_behind_a_share_is_not_guessed() -> None:
    """Every code fits a share, and a tag says nothing without a private key (RFC 9382)."""
    terms = Terms()
    x, y = _value(terms, "x"), _value(terms, "y")
    code = terms.make("code", (4,), (_value(terms, "seed"),))
    shares = [terms.make("share", (side,), (key, code)) for side, key in ((True, x), (False, y))]
    agreed = terms.make("agree?", (True,), (x, code, shares[1]))
    tag = terms.make("tag", ("initiator",), (agreed, *shares))
    assert _guessed(terms, *shares, tag) == []
    assert _guessed(terms, *shares, tag, x) == [code]


def test_secret_that_is_not_short_is_not_guessed() -> None:
    """What cannot be tried through, like a key, is not found by trying."""
    terms = Terms()
    key = _value(terms, "key")
    assert _guessed(terms, terms.make("digest", ("of",), (key,))) == []
