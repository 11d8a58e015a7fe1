"""Unification: what variables must stand for, for two terms to be the same value.

Robinson's algorithm (J. ACM 12:23, 1965), with the equation of Diffie-Hellman and that of
SPAKE2 built in: two such secrets may be equal in more than one way, so there may be more than
one answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from testbed.verification.terms import ANY, VARIABLE, Bindings, Term, Terms

Pairs = tuple[tuple[Term, Term], ...]

_EXCHANGES = frozenset({"shared", "shared?", "agree", "agree?"})


def unify(terms: Terms, pairs: Pairs, bindings: Bindings) -> Iterator[Bindings]:
    """Yield the most general bindings, beyond ``bindings``, under which all pairs are equal."""
    if not pairs:
        yield bindings
        return
    (left, right), rest = pairs[0], pairs[1:]
    left, right = terms.put(left, bindings), terms.put(right, bindings)
    if left is right:
        yield from unify(terms, rest, bindings)
    elif left.op == VARIABLE and not (right.op == VARIABLE and right.length == ANY):
        if _fits(left, right):
            yield from unify(terms, rest, {**bindings, left: right})
    elif right.op == VARIABLE:
        if _fits(right, left):
            yield from unify(terms, rest, {**bindings, right: left})
    elif not left.variables and not right.variables:
        return  # two values in normal form that are not the same
    elif left.op in _EXCHANGES and right.op in _EXCHANGES:
        for more in _exchanges(terms, left, right):
            yield from unify(terms, (*more, *rest), bindings)
    elif left.op == right.op and left.meta == right.meta and len(left.args) == len(right.args):
        yield from unify(terms, (*zip(left.args, right.args, strict=True), *rest), bindings)


def _fits(variable: Term, term: Term) -> bool:
    """Return whether a variable may stand for a term: the length is right, and it is not in it."""
    if variable in term.variables:
        return False
    return ANY in (variable.length, term.length) or variable.length == term.length


def _exchanges(terms: Terms, left: Term, right: Term) -> Iterator[Pairs]:
    """Yield the ways in which the secrets of two exchanges can be the same."""
    if left.op > right.op:  # "agree" < "agree?" < "shared" < "shared?"
        left, right = right, left
    ops = (left.op, right.op)
    if ops == ("shared", "shared?"):
        private, point = right.args
        ends = dict.fromkeys((left.args, left.args[::-1]))
        for mine, theirs in ends:
            yield (private, mine), (point, terms.make("public", (), (theirs,)))
    elif ops == ("shared?", "shared?"):
        (x, from_y), (y, from_x) = left.args, right.args
        if x is y:
            yield ((from_y, from_x),)
        else:
            yield (
                (from_y, terms.make("public", (), (y,))),
                (from_x, terms.make("public", (), (x,))),
            )
    elif ops == ("agree", "agree?"):
        (initiates,), (private, code, share) = right.meta, right.args
        mine, theirs = left.args[:2] if initiates else left.args[1::-1]
        their_share = terms.make("share", (not initiates,), (theirs, code))
        yield (private, mine), (code, left.args[2]), (share, their_share)
    elif ops == ("agree?", "agree?"):
        (x, code_x, from_y), (y, code_y, from_x) = left.args, right.args
        if left.meta == right.meta:
            yield (x, y), (code_x, code_y), (from_y, from_x)
        else:
            yield (
                (code_x, code_y),
                (from_y, terms.make("share", right.meta, (y, code_y))),
                (from_x, terms.make("share", left.meta, (x, code_x))),
            )
    elif ops in (("agree", "agree"), ("shared", "shared")):
        yield tuple(zip(left.args, right.args, strict=True))
