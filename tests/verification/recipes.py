"""How small terms are made, for Hypothesis to draw: the same recipe for any :class:`Terms`."""

from __future__ import annotations

from hypothesis import strategies as st
from testbed.verification.terms import SECRET, VARIABLE, Term, Terms

Recipe = tuple[str, tuple["Recipe", ...]]
"""How a term is made, apart from any :class:`Terms`: an operation or a name, and its parts."""

NAMES = ("a", "b", "x", "y", "z")
"""Two secrets and three variables, all of 32 bytes."""


def recipes(names: tuple[str, ...] = NAMES) -> st.SearchStrategy[Recipe]:
    """Return how terms of 32 bytes are made, with Diffie-Hellman and SPAKE2 among them."""
    keys = st.sampled_from([name for name in names if name in "ab"])
    leaves = st.sampled_from(names).map(lambda name: (name, ()))

    def larger(smaller: st.SearchStrategy[Recipe]) -> st.SearchStrategy[Recipe]:
        return st.one_of(
            smaller.map(lambda part: ("public", (part,))),
            st.tuples(keys.map(lambda name: (name, ())), smaller).map(
                lambda parts: ("shared?", parts)
            ),
            st.tuples(smaller, smaller).map(lambda parts: ("derive", parts)),
            st.tuples(
                st.booleans(), keys.map(lambda name: (name, ())), st.booleans(), keys, smaller
            ).map(
                lambda drawn: (
                    f"agree {drawn[0]}",
                    (drawn[1], (f"share {drawn[2]}", ((drawn[3], ()), drawn[4]))),
                )
            ),
        )

    return st.recursive(leaves, larger, max_leaves=4)


def made(terms: Terms, recipe: Recipe) -> Term:
    """Make the term of a recipe."""
    name, parts = recipe
    if name in NAMES:
        return terms.atom(VARIABLE if name in "xyz" else SECRET, name, 32)
    made_parts = tuple(made(terms, part) for part in parts)
    op, _, side = name.partition(" ")
    if op in ("agree", "share"):
        code = terms.atom(SECRET, "code", 4)
        if op == "share":
            return terms.make("share", (side == "True",), (made_parts[0], code))
        return terms.make("agree?", (side == "True",), (made_parts[0], code, made_parts[1]))
    return terms.make(op, (), made_parts)


def filled(recipe: Recipe, values: dict[str, Recipe]) -> Recipe:
    """Return a recipe with others in the place of some variables."""
    name, parts = recipe
    return values.get(name) or (name, tuple(filled(part, values) for part in parts))
