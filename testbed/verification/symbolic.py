"""The symbolic suite: the cryptography of roles and channels, on terms.

Where a role asks whether two values are the same and that depends on what a message will
hold, both answers are possible.  :func:`outcomes` runs the role once for each, and says what
has to be equal for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from testbed.verification.terms import ANY, LABEL, LOW_ORDER, VARIABLE, Term, Terms
from testbed.verification.unification import Pairs, unify

R = TypeVar("R")


class SymbolicSuite:
    """The suite on terms.

    Attributes:
        terms: Where its terms are made.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._answers: list[bool] = []
        self._asked = 0
        self._equal: list[tuple[Term, Term]] = []
        self._different: list[tuple[Term, Term]] = []

    # What there is to compute -----------------------------------------------------------

    def label(self, text: str) -> Term:
        """Return the public constant that ``text`` names."""
        return self.terms.atom(LABEL, text, len(text.encode()))

    def public(self, private: Term) -> Term:
        """Return the public key of a private key."""
        return self.terms.make("public", (), (private,))

    def shared(self, private: Term, public: Term) -> Term | None:
        """Return the Diffie-Hellman secret; a point of low order gives none."""
        if public.op == LOW_ORDER:
            return None
        return self.terms.make("shared?", (), (private, public))

    def digest(self, purpose: str, *parts: Term) -> Term:
        """Return a digest: an operation that nobody can take back."""
        return self.terms.make("digest", (purpose,), parts)

    def derive(self, secret: Term, salt: Term, purpose: str, *context: Term) -> Term:
        """Return a derived key."""
        return self.terms.make("derive", (purpose,), (secret, salt, *context))

    def tag(self, key: Term, purpose: str, *parts: Term) -> Term:
        """Return a tag."""
        return self.terms.make("tag", (purpose,), (key, *parts))

    def pair(self, value: Term, tag: Term) -> Term:
        """Return a value with a tag behind it."""
        return self.terms.make("pair", (), (value, tag))

    def unpair(self, both: Term) -> tuple[Term, Term] | None:
        """Return what was put together; a value of unknown making may be any two."""
        if both.op == VARIABLE:
            name = both.meta[0]
            value = self.terms.atom(VARIABLE, f"{name}, value", ANY)
            tag = self.terms.atom(VARIABLE, f"{name}, tag", 16)
            if not self.same(both, self.pair(value, tag)):
                return None
            return value, tag
        return (both.args[0], both.args[1]) if both.op == "pair" else None

    def same(self, left: Term, right: Term) -> bool:
        """Return whether two values are equal; where both can be, as it is to be answered."""
        if left is right:
            return True
        if next(unify(self.terms, ((left, right),), {}), None) is None:
            return False
        if self._asked == len(self._answers):
            self._answers.append(True)
        equal = self._answers[self._asked]
        self._asked += 1
        (self._equal if equal else self._different).append((left, right))
        return equal

    def code(self, seed: Term, codes: int) -> Term:
        """Return the short code that a seed comes out as."""
        return self.terms.make("code", (codes,), (seed,))

    def bit(self, code: Term, index: int) -> Term:
        """Return one bit of a code."""
        return self.terms.make("bit", (index,), (code,))

    def share(self, private: Term, code: Term, initiator: bool) -> Term:
        """Return one side's share of SPAKE2."""
        return self.terms.make("share", (initiator,), (private, code))

    def agree(self, private: Term, code: Term, initiator: bool, peer_share: Term) -> Term | None:
        """Return the secret of SPAKE2."""
        return self.terms.make("agree?", (initiator,), (private, code, peer_share))

    def seal(self, key: Term, counter: int, header: Term, plaintext: Term) -> Term:
        """Return a ciphertext."""
        return self.terms.make("seal", (counter,), (key, header, plaintext))

    def unseal(self, key: Term, counter: int, header: Term, ciphertext: Term) -> Term | None:
        """Return the plaintext of a ciphertext made under the same key, nonce and header."""
        plaintext = self.terms.atom(VARIABLE, f"{ciphertext.number}, opened", ANY)
        if ciphertext.op == "seal":
            plaintext = ciphertext.args[2]
        return (
            plaintext if self.same(ciphertext, self.seal(key, counter, header, plaintext)) else None
        )

    # Both answers -----------------------------------------------------------------------

    def begin(self, answers: list[bool]) -> None:
        """Have the next questions answered as told, and those after them with yes."""
        self._answers = list(answers)
        self._asked = 0
        self._equal, self._different = [], []

    def end(self) -> tuple[list[bool], Pairs, Pairs]:
        """Return the answers given, what they make equal and what they make different."""
        return self._answers[: self._asked], tuple(self._equal), tuple(self._different)


class Outcome(NamedTuple, Generic[R]):
    """One way for a computation to come out, and what has to be (un)equal for it."""

    result: R
    equal: Pairs
    different: Pairs


def outcomes(suite: SymbolicSuite, compute: Callable[[], R]) -> Iterator[Outcome[R]]:
    """Yield each way in which ``compute``, run on terms with variables, can come out."""
    answers: list[bool] = []
    while True:
        suite.begin(answers)
        result = compute()
        answers, equal, different = suite.end()
        yield Outcome(result, equal, different)
        while answers and not answers[-1]:
            answers.pop()
        if not answers:
            return
        answers[-1] = False
