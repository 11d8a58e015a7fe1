"""What an attacker can know: derivability, with values that it has not settled on yet.

The attacker of Dolev and Yao (IEEE Trans. Inf. Theory 29:198, 1983) knows every public
function and whatever it has heard, and can take nothing apart without the key.  A message of
its making is not picked from a list: its fields are variables, and stay so until somebody
checks them.  What has to hold then is a demand: *this term can be derived from what had been
heard by then*.  Demands are solved as by Millen and Shmatikov (CCS 2001), with the equations
of Diffie-Hellman and SPAKE2 of :mod:`testbed.verification.unification`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from testbed.verification.terms import (
    OWN,
    PUBLIC_ATOMS,
    SECRET,
    VARIABLE,
    Bindings,
    Term,
    Terms,
)
from testbed.verification.unification import unify

_NOT_BY_ARGUMENTS: Final = frozenset({SECRET, "shared", "agree", "agree?"})
"""Operations that nobody computes by applying a function to all that they are made of."""


class Demand(NamedTuple):
    """A term that must be derivable from the first ``heard`` values that were heard."""

    heard: int
    term: Term


class Knowledge(NamedTuple):
    """What was heard, in order, and the values that the attacker has still to settle on.

    Attributes:
        heard: Every value heard, in the order in which it was.
        open: For each variable, how much had been heard when its value went out.
        bindings: What the solving made of variables that were open.
    """

    heard: tuple[Term, ...]
    open: tuple[tuple[Term, int], ...] = ()
    bindings: Bindings = MappingProxyType({})


class Intruder:
    """Solves demands.

    Args:
        terms: Where terms are made.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._heard: tuple[Term, ...] = ()
        self._places: dict[Term, int] = {}

    def _at(self, heard: tuple[Term, ...]) -> dict[Term, int]:
        """Return the place at which each value was first heard; asked for again and again."""
        if heard is not self._heard:
            self._heard = heard
            self._places = {term: place for place, term in reversed(list(enumerate(heard)))}
        return self._places

    # Without settling anything ----------------------------------------------------------

    def derivable(self, knowledge: Knowledge, term: Term, extra: tuple[Term, ...] = ()) -> bool:
        """Return whether a term can be derived as it is, open values taken for the attacker's.

        Args:
            knowledge: What was heard.
            term: What is asked for.
            extra: Values that are given beside what was heard.
        """
        index = self._at(knowledge.heard)
        if extra:
            index = {**index, **dict.fromkeys(extra, 0)}
        return self._compose(index, len(knowledge.heard), term) is not None

    def _compose(self, index: Mapping[Term, int], heard: int, term: Term) -> list[Demand] | None:
        """Return what open values a derivation of ``term`` takes, None if there is none."""
        if term.op in PUBLIC_ATOMS or index.get(term, heard) < heard:
            return []
        if term.op == VARIABLE:
            return [Demand(heard, term)]
        for parts in self._ways(term):
            needed: list[Demand] = []
            for part in parts:
                more = self._compose(index, heard, part)
                if more is None:
                    break
                needed += more
            else:
                return needed
        return None

    def _ways(self, term: Term) -> Iterator[tuple[Term, ...]]:
        """Yield each set of terms that a term can be computed from."""
        make = self._terms.make
        if term.op == "shared":
            x, y = term.args
            yield x, make("public", (), (y,))
            yield y, make("public", (), (x,))
        elif term.op == "agree":
            x, y, code = term.args
            yield x, code, make("share", (False,), (y, code))
            yield y, code, make("share", (True,), (x, code))
        elif term.op == "seal":
            yield term.args
            # Who has seen a nonce used twice needs no key to write under it once more.
            yield make("pad", term.meta, (term.args[0],)), *term.args[1:]
        elif term.op not in _NOT_BY_ARGUMENTS:
            yield term.args

    def guesses(self, knowledge: Knowledge) -> Iterator[Term]:
        """Yield the short secrets that what was heard tells, by trying all that there are.

        A guess can be checked if it makes something that was heard come out of the rest of
        what is known, which it does not without (Lowe, J. Computer Security 12:83, 2004).
        """
        yielded: list[Term] = []
        for place, told in enumerate(knowledge.heard):
            for secret in told.shorts:
                if secret is told or secret in yielded or self.derivable(knowledge, secret):
                    continue
                heard = (*knowledge.heard[:place], *knowledge.heard[place + 1 :])
                rest = knowledge._replace(heard=heard)
                if not self.derivable(rest, told) and self.derivable(rest, told, (secret,)):
                    yielded.append(secret)
                    yield secret

    # Settling what has to be settled ----------------------------------------------------

    def solve(self, knowledge: Knowledge, demands: tuple[Demand, ...]) -> Iterator[Knowledge]:
        """Yield the ways to meet all demands, each with what that makes of open values."""
        terms = self._terms
        heard, opened, bindings = knowledge
        index = self._at(heard)
        open_at = dict(opened)
        todo = list(demands)
        while todo:
            at, term = todo.pop()
            term = terms.put(term, bindings)
            if term.op == VARIABLE:
                open_at[term] = min(at, open_at.get(term, at))
                continue
            composed = self._compose(index, at, term)
            # To compose is the most general way unless it takes an open value sooner than it
            # went out: a commitment that was passed on is opened with what was said after it.
            if composed is None or any(open_at.get(each.term, at + 1) > at for each in composed):
                left = Knowledge(heard, tuple(open_at.items()), bindings)
                yield from self._settle(left, Demand(at, term), tuple(todo))
                return
            todo += composed
        yield Knowledge(heard, tuple(open_at.items()), bindings)

    def _settle(
        self, knowledge: Knowledge, demand: Demand, rest: tuple[Demand, ...]
    ) -> Iterator[Knowledge]:
        """Yield the ways to meet a demand, where to compose it is not the most general one."""
        terms, (at, term) = self._terms, demand
        for known in knowledge.heard[:at]:
            if known.op == VARIABLE or not (known.variables or term.variables):
                continue
            for bindings in unify(terms, ((known, term),), {}):
                yield from self.bind(knowledge, bindings, rest)
        for bindings in self._own_end(term):
            yield from self.bind(knowledge, bindings, (demand, *rest))
        if not any(each.variables for each in knowledge.heard[:at]) and not term.variables:
            return
        for parts in self._ways(term):
            yield from self.solve(knowledge, (*(Demand(at, part) for part in parts), *rest))

    def _own_end(self, term: Term) -> Iterator[Bindings]:
        """Yield what makes the other end of an exchange the attacker's own."""
        terms = self._terms
        if term.op not in ("shared?", "agree?"):
            return
        point = term.args[-1]
        if point.op != VARIABLE:
            return
        private = terms.atom(OWN, f"private key for {point.meta[0]}", 32)
        if term.op == "shared?":
            yield {point: terms.make("public", (), (private,))}
        else:
            (initiates,) = term.meta
            yield {point: terms.make("share", (not initiates,), (private, term.args[1]))}

    def bind(
        self, knowledge: Knowledge, bindings: Bindings, demands: tuple[Demand, ...]
    ) -> Iterator[Knowledge]:
        """Yield the ways to settle on values for variables and to meet demands as well."""
        terms = self._terms
        if not demands and not bindings:
            yield knowledge
            return
        if not bindings and all(term.op == VARIABLE for _, term in demands):
            opened = dict(knowledge.open)
            for at, term in demands:
                opened[term] = min(at, opened.get(term, at))
            yield knowledge._replace(open=tuple(opened.items()))
            return
        settled = [(each, at) for each, at in knowledge.open if each in bindings]
        kept = tuple((each, at) for each, at in knowledge.open if each not in bindings)
        again = tuple(Demand(at, terms.put(each, bindings)) for each, at in settled)
        bound = Knowledge(
            terms.put_all(knowledge.heard, bindings),
            kept,
            {**knowledge.bindings, **bindings},
        )
        put = tuple(Demand(at, terms.put(term, bindings)) for at, term in demands)
        yield from self.solve(bound, (*again, *put))
