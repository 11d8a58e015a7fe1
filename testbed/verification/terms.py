"""Terms: what stands for bytes in the search, one object for each value there can be.

Two values are equal if and only if they are the same object, because every term is made by
one :class:`Terms` and kept in normal form.  A term has a length in bytes, as its value would:
a public key does not fit where a tag belongs, on the air or here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from testbed.protocol.spake2 import SHARE_BYTES
from testbed.protocol.suite import CODE_BYTES, KEY_BYTES, TAG_BYTES

ANY: Final = 0
"""The length of a variable that may stand for a value of any length."""

VARIABLE: Final = "variable"
SECRET: Final = "secret"
OWN: Final = "own"
LABEL: Final = "label"
LOW_ORDER: Final = "low order"

ATOMS: Final = frozenset({VARIABLE, SECRET, OWN, LABEL, LOW_ORDER})
PUBLIC_ATOMS: Final = frozenset({OWN, LABEL, LOW_ORDER})
"""What an attacker can write down without having heard it: labels, values of its own making."""

_SHORT: Final = frozenset({"code", "bit"})
"""What there are so few of that all can be tried."""

_LENGTHS: Final[Mapping[str, int]] = {
    "public": KEY_BYTES,
    "shared": KEY_BYTES,
    "shared?": KEY_BYTES,
    "derive": KEY_BYTES,
    "agree": KEY_BYTES,
    "agree?": KEY_BYTES,
    "digest": TAG_BYTES,
    "tag": TAG_BYTES,
    "code": CODE_BYTES,
    "bit": 1,
    "share": SHARE_BYTES,
    "pad": KEY_BYTES,
}


class Term:
    """One value: an operation, what is fixed about it, and the terms it was applied to.

    Attributes:
        op: The operation, or the kind of atom.
        meta: What tells two uses of an operation apart: a purpose, a counter, a name.
        args: The terms that it was applied to.
        length: Its length in bytes; :data:`ANY` where a variable leaves that open.
        variables: The variables in it, in the order of their making.
        shorts: The codes and bits in it; a bit tells nothing of its code beyond itself.
        number: In which order terms were made.
    """

    # Equality and hash are those of the object.  Nothing iterates over a set of terms, so
    # that no result depends on where they lie in memory.
    __slots__ = ("args", "length", "meta", "number", "op", "shorts", "variables")

    def __init__(
        self, op: str, meta: tuple[Any, ...], args: tuple[Term, ...], length: int, number: int
    ) -> None:
        self.op = op
        self.meta = meta
        self.args = args
        self.length = length
        self.number = number
        self.variables: tuple[Term, ...]
        if op == VARIABLE:
            self.variables = (self,)
        elif len(args) == 1:
            self.variables = args[0].variables
        else:
            found = {each: None for arg in args for each in arg.variables}
            self.variables = tuple(sorted(found, key=_number))
        if op in _SHORT:
            self.shorts: tuple[Term, ...] = (self,)
        else:
            self.shorts = tuple(dict.fromkeys(each for arg in args for each in arg.shorts))

    def __repr__(self) -> str:
        inside = ", ".join([*map(str, self.meta), *map(repr, self.args)])
        return f"{self.op}({inside})"


def _number(term: Term) -> int:
    return term.number


Bindings = Mapping[Term, Term]
"""What variables stand for; values may have variables that are bound in turn."""

S = TypeVar("S")


class Terms:
    """Makes terms, each once, in normal form.

    Attributes:
        points: The variables that somebody has used as the other end of an exchange.
    """

    def __init__(self) -> None:
        self.points: set[Term] = set()
        self._made: dict[tuple[str, tuple[Any, ...], tuple[Term, ...]], Term] = {}

    def atom(self, kind: str, name: str, length: int) -> Term:
        """Return the atom of a kind and a name."""
        return self._term(kind, (name,), (), length)

    def make(self, op: str, meta: tuple[Any, ...], args: tuple[Term, ...]) -> Term:
        """Return an operation applied to terms, in normal form.

        Two equations hold beside the operations.  Both sides of a Diffie-Hellman exchange
        come to the same secret, and so do both sides of SPAKE2 with the same code.  ``shared?``
        and ``agree?`` are the secrets of one side with a value of which that is not known.
        """
        if op == "shared?" and args[1].op == "public":
            op, args = "shared", (args[0], args[1].args[0])
        elif op == "agree?" and args[2].op == "share":
            (initiates,), (private, code, share) = meta, args
            if share.args[1] is code and share.meta[0] != initiates:
                mine, theirs = private, share.args[0]
                order = (mine, theirs) if initiates else (theirs, mine)
                op, meta, args = "agree", (), (*order, code)
        if op == "shared":
            args = tuple(sorted(args, key=_number))
        if op in ("shared?", "agree?") and args[-1].op == VARIABLE:
            self.points.add(args[-1])
        return self._term(op, meta, args, self._length(op, args))

    @staticmethod
    def _length(op: str, args: tuple[Term, ...]) -> int:
        if op == "pair":
            return sum(arg.length for arg in args) if all(arg.length for arg in args) else ANY
        if op == "seal":
            return args[2].length + TAG_BYTES if args[2].length else ANY
        return _LENGTHS.get(op, ANY)

    def _term(self, op: str, meta: tuple[Any, ...], args: tuple[Term, ...], length: int) -> Term:
        key = (op, meta, args)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Term(op, meta, args, length, len(self._made))
        return found

    def put(self, term: Term, bindings: Bindings) -> Term:
        """Return ``term`` with every bound variable replaced, also in what replaces it."""
        for variable in term.variables:
            if variable in bindings:
                break
        else:
            return term
        if term.op == VARIABLE:
            return self.put(bindings[term], bindings)
        return self.make(term.op, term.meta, tuple(self.put(arg, bindings) for arg in term.args))

    def put_all(self, terms: Iterable[Term], bindings: Bindings) -> tuple[Term, ...]:
        """Return :meth:`put` of each term."""
        return tuple(self.put(term, bindings) for term in terms)

    def put_into(self, value: S, bindings: Bindings) -> S:
        """Return a value made of structs, tuples and terms with its variables replaced."""
        replaced: Any = value
        if isinstance(value, Term):
            replaced = self.put(value, bindings)
        elif isinstance(value, msgspec.Struct):
            changed = {}
            for name in value.__struct_fields__:
                old = getattr(value, name)
                new = self.put_into(old, bindings)
                if new is not old:
                    changed[name] = new
            replaced = msgspec.structs.replace(value, **changed) if changed else value
        elif isinstance(value, tuple):
            parts = [self.put_into(each, bindings) for each in value]
            if any(new is not old for new, old in zip(parts, value, strict=True)):
                made: Any = type(value)
                replaced = made._make(parts) if hasattr(value, "_make") else made(parts)
        result: S = replaced
        return result


def terms_in(value: Any) -> Iterable[Term]:
    """Yield the terms that a role's state is made of, not what these were made of in turn."""
    if isinstance(value, Term):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from terms_in(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from terms_in(each)


def variables_in(value: Any) -> Iterable[Term]:
    """Yield the variables in a role's state."""
    for term in terms_in(value):
        yield from term.variables
