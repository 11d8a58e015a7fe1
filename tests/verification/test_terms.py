"""Terms stand for values one to one, and unification finds what makes two of them one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.verification.terms import ANY, OWN, SECRET, VARIABLE, Bindings, Term, Terms
from testbed.verification.unification import unify
from tests.verification.recipes import Recipe, filled, made, recipes

quick = settings(derandomize=True, deadline=None, max_examples=150)


def secret(terms: Terms, name: str, length: int = 32) -> Term:
    """Return a secret."""
    return terms.atom(SECRET, name, length)


def variable(terms: Terms, name: str, length: int = 32) -> Term:
    """Return a variable."""
    return terms.atom(VARIABLE, name, length)


def public(terms: Terms, private: Term) -> Term:
    """Return a public key."""
    return terms.make("public", (), (private,))


# Terms ----------------------------------------------------------------------------------


@quick
@given(recipes())
def test_equal_values_are_one_object(recipe: Recipe) -> None:
    """What is made twice in the same way is the same object."""
    terms = Terms()
    assert made(terms, recipe) is made(terms, recipe)


@quick
@given(recipes(), recipes())
def test_values_made_otherwise_are_other_objects(one: Recipe, other: Recipe) -> None:
    """Two terms are one object only if they read the same."""
    terms = Terms()
    left, right = made(terms, one), made(terms, other)
    assert (left is right) == (repr(left) == repr(right))


def test_both_sides_of_diffie_hellman_have_one_secret() -> None:
    """Whose private key it was and whose public key does not show in the secret."""
    terms = Terms()
    x, y = secret(terms, "x"), secret(terms, "y")
    one = terms.make("shared?", (), (x, public(terms, y)))
    assert one is terms.make("shared?", (), (y, public(terms, x)))
    assert one is not terms.make("shared?", (), (x, public(terms, x)))


def test_both_sides_of_spake2_have_one_secret() -> None:
    """Initiator and responder with one code come to one secret."""
    terms = Terms()
    x, y, code = secret(terms, "x"), secret(terms, "y"), secret(terms, "code", 4)
    shares = [terms.make("share", (side,), (key, code)) for side, key in ((True, x), (False, y))]
    one = terms.make("agree?", (True,), (x, code, shares[1]))
    assert one is terms.make("agree?", (False,), (y, code, shares[0]))
    assert one.op == "agree"


@pytest.mark.parametrize("change", ["code", "side"])
def test_spake2_with_another_code_or_side_is_another_secret(change: str) -> None:
    """A share of another code, or of one's own side, is no share of the peer's."""
    terms = Terms()
    x, y, code = secret(terms, "x"), secret(terms, "y"), secret(terms, "code", 4)
    theirs = secret(terms, "another code", 4) if change == "code" else code
    share = terms.make("share", (change == "side",), (y, theirs))
    mine = terms.make("agree?", (True,), (x, code, share))
    right = terms.make("agree?", (True,), (x, code, terms.make("share", (False,), (y, code))))
    assert mine.op == "agree?"
    assert mine is not right


@quick
@given(recipes(), recipes(("a", "b")))
def test_value_put_in_for_a_variable_is_in_normal_form(recipe: Recipe, value: Recipe) -> None:
    """To put a value in for a variable gives what would have been made of the value itself."""
    terms = Terms()
    bindings = {variable(terms, "x"): made(terms, value)}
    assert terms.put(made(terms, recipe), bindings) is made(terms, filled(recipe, {"x": value}))


def test_length_is_that_of_the_value() -> None:
    """A pair is as long as its parts, a seal as its plaintext and a tag of 16 bytes."""
    terms = Terms()
    key, said = secret(terms, "key"), secret(terms, "said", 7)
    tag = terms.make("tag", ("frame",), (key, said))
    assert tag.length == 16
    assert terms.make("pair", (), (said, tag)).length == 23
    assert terms.make("seal", (1,), (key, key, said)).length == 23
    assert public(terms, key).length == key.length == 32
    anything = variable(terms, "anything", ANY)
    assert terms.make("pair", (), (anything, tag)).length == ANY


# Unification ----------------------------------------------------------------------------


@quick
@given(recipes(), recipes())
def test_unified_terms_are_one_object(one: Recipe, other: Recipe) -> None:
    """With what unification has variables stand for, both terms are the same object."""
    terms = Terms()
    left, right = made(terms, one), made(terms, other)
    for bindings in unify(terms, ((left, right),), {}):
        assert terms.put(left, bindings) is terms.put(right, bindings)


GROUND = [
    ("a", ()),
    ("b", ()),
    ("public", (("a", ()),)),
    ("public", (("b", ()),)),
    ("shared?", (("a", ()), ("public", (("b", ()),)))),
    ("shared?", (("a", ()), ("public", (("a", ()),)))),
]
"""Values without variables."""


VALUES = st.fixed_dictionaries({name: st.sampled_from(GROUND) for name in "xyz"})
SOME = st.sets(st.sampled_from("xyz"))


@quick
@given(recipes(), VALUES, SOME, SOME)
def test_unification_misses_no_way(
    whole: Recipe, values: dict[str, Recipe], known: set[str], others: set[str]
) -> None:
    """Two terms of which values make one have an answer that leaves room for these values."""
    terms = Terms()
    left = made(terms, filled(whole, {name: values[name] for name in known}))
    right = made(terms, filled(whole, {name: values[name] for name in others}))
    ground = {variable(terms, name): made(terms, value) for name, value in values.items()}
    assert terms.put(left, ground) is terms.put(right, ground)
    answers = list(unify(terms, ((left, right),), {}))
    assert any(is_instance(terms, ground, each) for each in answers)
    for each in answers:
        assert terms.put(left, each) is terms.put(right, each)


def is_instance(terms: Terms, ground: Bindings, general: Bindings) -> bool:
    """Return whether values agree with what an answer says of each variable."""
    return all(
        terms.put(each, ground) is terms.put(terms.put(each, general), ground) for each in general
    )


def test_variable_does_not_stand_for_what_it_is_in() -> None:
    """No value is its own digest, however deep."""
    terms = Terms()
    x = variable(terms, "x", 16)
    digest = terms.make("digest", ("d",), (terms.make("digest", ("d",), (x,)),))
    assert not list(unify(terms, ((x, digest),), {}))
    y = variable(terms, "y", 16)
    pairs = ((x, terms.make("digest", ("d",), (y,))), (y, terms.make("digest", ("d",), (x,))))
    assert not list(unify(terms, pairs, {}))


def test_value_of_another_length_does_not_fit() -> None:
    """A variable of 16 bytes is no public key, also by way of one of any length."""
    terms = Terms()
    short, anything = variable(terms, "short", 16), variable(terms, "anything", ANY)
    key = public(terms, secret(terms, "a"))
    assert not list(unify(terms, ((short, key),), {}))
    assert list(unify(terms, ((anything, key),), {}))
    assert not list(unify(terms, ((short, anything), (anything, key)), {}))


def test_secrets_of_two_exchanges_are_one_if_each_has_the_others_public_key() -> None:
    """Two sides have one secret if and only if each was given the public key of the other."""
    terms = Terms()
    x, y = secret(terms, "x"), secret(terms, "y")
    to_x, to_y = variable(terms, "to x"), variable(terms, "to y")
    sides = (terms.make("shared?", (), (x, to_x)), terms.make("shared?", (), (y, to_y)))
    (answer,) = unify(terms, (sides,), {})
    assert dict(answer) == {to_x: public(terms, y), to_y: public(terms, x)}


def test_known_secret_is_met_from_either_end() -> None:
    """The secret of x and y is that of x with y's key, and of y with x's key."""
    terms = Terms()
    x, y, p = secret(terms, "x"), secret(terms, "y"), variable(terms, "p")
    whole = terms.make("shared?", (), (x, public(terms, y)))
    for mine, theirs in ((x, y), (y, x)):
        (answer,) = unify(terms, ((whole, terms.make("shared?", (), (mine, p))),), {})
        assert dict(answer) == {p: public(terms, theirs)}


def test_private_key_that_is_open_is_met_in_both_ways() -> None:
    """A secret of x and y is z with a point in two ways: z is x, or z is y."""
    terms = Terms()
    x, y = secret(terms, "x"), secret(terms, "y")
    z, p = variable(terms, "z"), variable(terms, "p")
    whole = terms.make("shared?", (), (x, public(terms, y)))
    answers = list(unify(terms, ((whole, terms.make("shared?", (), (z, p))),), {}))
    assert [dict(each) for each in answers] == [
        {z: x, p: public(terms, y)},
        {z: y, p: public(terms, x)},
    ]


@pytest.mark.parametrize("own", [True, False])
def test_secrets_of_spake2_are_one_if_each_has_the_others_share(own: bool) -> None:
    """Both codes must be one, and each share must be the other side's; one side has none."""
    terms = Terms()
    x, y = secret(terms, "x"), secret(terms, "y")
    code, typed = secret(terms, "code", 4), variable(terms, "typed", 4)
    to_x, to_y = variable(terms, "to x", 65), variable(terms, "to y", 65)
    sides = (
        terms.make("agree?", (True,), (x, code, to_x)),
        terms.make("agree?", (own,), (y, typed, to_y)),
    )
    answers = [dict(each) for each in unify(terms, (sides,), {})]
    wanted = {
        typed: code,
        to_x: terms.make("share", (False,), (y, code)),
        to_y: terms.make("share", (True,), (x, code)),
    }
    assert answers == ([] if own else [wanted])


def test_attackers_own_value_is_no_secret_of_anybodys() -> None:
    """Two atoms are two values."""
    terms = Terms()
    assert not list(unify(terms, ((secret(terms, "a"), terms.atom(OWN, "a", 32)),), {}))
