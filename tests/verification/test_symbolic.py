"""The symbolic suite computes what the concrete one does, as far as anybody can tell."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest
from testbed.protocol.channels import CHANNELS, Refused
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import Role
from testbed.protocol.suite import ConcreteSuite
from testbed.verification.symbolic import SymbolicSuite, outcomes
from testbed.verification.terms import ANY, LOW_ORDER, SECRET, VARIABLE, Term, Terms
from tests.verification.honest import keys, names, run

METHODS = sorted(PAIRINGS)
BYTES = ConcreteSuite()


def bytes_of(name: str, length: int) -> bytes:
    """Return the value that a name stands for."""
    return sha256(name.encode()).digest()[:length]


def evaluated(term: Term) -> bytes:
    """Return the bytes that a term of an honest run stands for."""
    name = term.meta[0] if term.meta else ""
    if term.op == SECRET:
        return bytes_of(name, term.length)
    if term.op == "shared":
        x, y = map(evaluated, term.args)
        return _there(BYTES.shared(x, BYTES.public(y)))
    if term.op == "agree":
        x, y, code = map(evaluated, term.args)
        return _there(BYTES.agree(x, code, True, BYTES.share(y, code, False)))
    args = [evaluated(arg) for arg in term.args]
    compute: dict[str, Any] = {
        "label": lambda: BYTES.label(name),
        "public": lambda: BYTES.public(*args),
        "digest": lambda: BYTES.digest(name, *args),
        "derive": lambda: BYTES.derive(args[0], args[1], name, *args[2:]),
        "tag": lambda: BYTES.tag(args[0], name, *args[1:]),
        "code": lambda: BYTES.code(args[0], name),
        "bit": lambda: BYTES.bit(args[0], name),
        "share": lambda: BYTES.share(args[0], args[1], name),
        "pair": lambda: BYTES.pair(*args),
        "seal": lambda: BYTES.seal(args[0], name, args[1], args[2]),
    }
    value: bytes = compute[term.op]()
    return value


def _there(value: bytes | None) -> bytes:
    assert value is not None
    return value


def put_through(output: Any) -> Any:
    """Return an output with bytes in the place of terms."""
    if isinstance(output, Term):
        return evaluated(output)
    if isinstance(output, msgspec.Struct):
        fields = {name: put_through(getattr(output, name)) for name in output.__struct_fields__}
        return type(output)(**fields)
    return tuple(map(put_through, output)) if isinstance(output, tuple) else output


def on_terms(method: str) -> list[tuple[Role, Any]]:
    """Return what an honest run on terms puts out."""
    suite = SymbolicSuite(Terms())
    values = {
        name: suite.terms.atom(SECRET, name, length)
        for name, length in names(PAIRINGS[method]).items()
    }
    (only,) = outcomes(suite, lambda: run(PAIRINGS[method], suite, values))
    assert not only.equal
    assert not only.different
    return only.result


def on_bytes(method: str) -> list[tuple[Role, Any]]:
    """Return what the same run on bytes puts out."""
    values = {name: bytes_of(name, length) for name, length in names(PAIRINGS[method]).items()}
    return run(PAIRINGS[method], BYTES, values)


@pytest.mark.parametrize("method", METHODS)
def test_honest_run_on_terms_is_that_on_bytes(method: str) -> None:
    """The terms of an undisturbed run, computed out, are the bytes of the run on bytes."""
    assert [(role, put_through(each)) for role, each in on_terms(method)] == on_bytes(method)


@pytest.mark.parametrize("method", METHODS)
def test_both_ends_of_an_honest_run_have_one_key(method: str) -> None:
    """The two link keys are one term, made in two ways."""
    ends = keys(on_terms(method))
    assert ends[Role.INITIATOR].link_key is ends[Role.RESPONDER].link_key


@pytest.mark.parametrize("method", METHODS)
def test_term_is_as_long_as_its_bytes(method: str) -> None:
    """Every field and key has the length that its bytes have."""
    seen = {part for _, output in on_terms(method) for part in _parts(output)}
    assert seen
    assert all(part.length == len(evaluated(part)) for part in seen)


def _parts(value: Any) -> list[Term]:
    """Return every term with a length in an output, and what it is made of."""
    if isinstance(value, Term):
        inside = [value] if value.length != ANY else []
        return inside + [part for arg in value.args for part in _parts(arg)]
    if isinstance(value, msgspec.Struct):
        value = tuple(getattr(value, name) for name in value.__struct_fields__)
    return [part for each in value for part in _parts(each)] if isinstance(value, tuple) else []


@pytest.mark.parametrize("method", METHODS)
def test_bytes_are_equal_where_terms_are(method: str) -> None:
    """Two values of a run are the same bytes if and only if they are the same term."""
    seen = {part for _, output in on_terms(method) for part in _parts(output)}
    # A bit, or a code out of four, may be that of another by chance.
    long = [part for part in seen if part.op not in ("bit", "code")]
    assert len({evaluated(part) for part in long}) == len(long)


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_frame_on_terms_is_that_on_bytes(name: str) -> None:
    """What a channel makes of a payload on terms is, computed out, what it makes on bytes."""
    channel, suite = CHANNELS[name], SymbolicSuite(Terms())
    key, header, payload = (
        suite.terms.atom(SECRET, each, length)
        for each, length in (("key", 32), ("header", 14), ("payload", 7))
    )
    sender, receiver = (channel.establish(suite, key, role) for role in Role)
    _, body = channel.seal(suite, sender, header, payload)
    _, real = channel.seal(
        BYTES,
        channel.establish(BYTES, evaluated(key), Role.INITIATOR),
        evaluated(header),
        evaluated(payload),
    )
    assert evaluated(body) == real
    opened = channel.unseal(suite, receiver, header, 1, body)
    assert not isinstance(opened, Refused)
    assert opened[1] is payload


# Both answers ---------------------------------------------------------------------------


def test_question_that_is_open_is_answered_both_ways() -> None:
    """A role that compares two open values is run once for each answer to each question."""
    suite = SymbolicSuite(Terms())
    x, y, z = (suite.terms.atom(VARIABLE, name, 16) for name in "xyz")
    found = list(outcomes(suite, lambda: (suite.same(x, y), suite.same(y, z))))
    assert {each.result for each in found} == {
        (one, other) for one in (True, False) for other in (True, False)
    }
    for each in found:
        assert each.equal == tuple(
            pair for pair, same in zip(((x, y), (y, z)), each.result, strict=True) if same
        )
        assert len(each.equal) + len(each.different) == 2


def test_question_that_is_settled_is_not_asked() -> None:
    """A value is the same as itself, and two secrets are never the same."""
    suite = SymbolicSuite(Terms())
    a, b = (suite.terms.atom(SECRET, name, 16) for name in "ab")
    (only,) = outcomes(suite, lambda: (suite.same(a, a), suite.same(a, b)))
    assert only.result == (True, False)


def test_later_question_may_depend_on_an_earlier_answer() -> None:
    """Only the questions that a run asks are answered in both ways."""
    suite = SymbolicSuite(Terms())
    x, y, z = (suite.terms.atom(VARIABLE, name, 16) for name in "xyz")
    found = [each.result for each in outcomes(suite, lambda: suite.same(x, y) and suite.same(y, z))]
    assert found == [True, False, False]


def test_point_of_low_order_gives_no_secret() -> None:
    """As on bytes (RFC 7748, section 6.1)."""
    suite = SymbolicSuite(Terms())
    private = suite.terms.atom(SECRET, "private", 32)
    assert suite.shared(private, suite.terms.atom(LOW_ORDER, "zero", 32)) is None
    assert BYTES.shared(bytes_of("private", 32), bytes(32)) is None


@pytest.mark.parametrize("change", ["key", "counter", "header"])
def test_seal_opens_under_nothing_else(change: str) -> None:
    """Another key, nonce or header opens nothing, on terms as on bytes."""
    suite = SymbolicSuite(Terms())
    for each in (suite, BYTES):
        key, other, header, text = (
            suite.terms.atom(SECRET, name, 32) if each is suite else bytes_of(name, 32)
            for name in ("key", "other", "header", "text")
        )
        sealed = each.seal(key, 1, header, text)  # type: ignore[arg-type]
        assert each.unseal(key, 1, header, sealed) == text  # type: ignore[arg-type]
        opened = each.unseal(
            other if change == "key" else key,  # type: ignore[arg-type]
            2 if change == "counter" else 1,
            other if change == "header" else header,  # type: ignore[arg-type]
            sealed,  # type: ignore[arg-type]
        )
        assert opened is None
