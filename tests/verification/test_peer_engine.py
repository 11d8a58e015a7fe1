"""Which attacks exist against the pairing methods, by an engine that shares no code with them.

Maude searches all that a Dolev-Yao stranger can do against two runs of a device and two of a
pump, in theories written by hand from ``docs/protocol.md``.  "Holds" means that all of it was
searched; chance (one guess in ``N``) is no part of it, see ``tests/protocol/test_guesses.py``.
"""

from __future__ import annotations

from typing import get_args

import pytest
from tests.verification.peer.engine import (
    Ability,
    Change,
    Goal,
    Method,
    attack,
    completes,
    theory,
)

METHODS: tuple[Method, ...] = get_args(Method)


def test_maude_reads_all_of_the_theories(capfd: pytest.CaptureFixture[str]) -> None:
    """Maude drops a line that it cannot read with a warning: there is no warning."""
    theory.cache_clear()
    theory()
    assert "Warning" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ability", ["passive", "serial"])
def test_honest_runs_end_with_one_key(method: Method, ability: Ability) -> None:
    """Without this no attack could be found in a theory whose runs never end."""
    assert completes(method, ability)


# Passive listeners ----------------------------------------------------------------------


def test_serial_derived_falls_to_a_listener() -> None:
    """CISA ICSMA-22-263-01: all that goes into the key is on the air."""
    assert attack("serial-derived", "passive", "key") is True


def test_serial_derived_holds_against_serial_numbers_alone() -> None:
    """Both serial numbers without the nonces are not enough."""
    assert attack("serial-derived", "serial", "any") is False


@pytest.mark.parametrize("method", [each for each in METHODS if each != "serial-derived"])
def test_every_other_method_holds_against_a_listener(method: Method) -> None:
    """Diffie and Hellman, 1976: who only hears two public keys has not got their secret."""
    assert attack(method, "passive", "any") is False


@pytest.mark.parametrize("method", ["passkey", "pake"])
def test_a_listener_gets_no_key_from_a_code_used_twice(method: Method) -> None:
    """A listener who knows the code, as passkey tells it, still has no Diffie-Hellman secret."""
    assert attack(method, "passive", "any", reused=True) is False


# Strangers who take part ----------------------------------------------------------------


@pytest.mark.parametrize("goal", ["key", "agreement"])
@pytest.mark.parametrize("method", ["serial-derived", "just-works"])
def test_method_that_checks_nobody_falls_to_who_takes_part(method: Method, goal: Goal) -> None:
    """Bluetooth Core Specification on Just Works: no protection from who is in the middle."""
    assert attack(method, "active", goal) is True


def test_passkey_with_a_fresh_code_holds() -> None:
    """Each bit is committed to before it is known (Bluetooth Core, Vol 3, Part H, 2.3.5.6.3)."""
    assert attack("passkey", "active", "any") is False


@pytest.mark.parametrize("goal", ["key", "agreement"])
def test_passkey_with_a_code_used_twice_falls(goal: Goal) -> None:
    """Lindell, CT-RSA 2009: the first run opens every bit, and the second takes them."""
    assert attack("passkey", "active", goal, reused=True) is True


@pytest.mark.parametrize("reused", [False, True])
def test_pake_holds_even_with_a_code_used_twice(reused: bool) -> None:
    """Given RFC 9382's promise that nothing said can be tried offline, reuse tells nothing."""
    assert attack("pake", "active", "any", reused=reused) is False


def test_numeric_comparison_holds_with_who_compares() -> None:
    """The pump is bound to its nonce before it sees the device's (Vol 3, Part H, 2.3.5.6.2)."""
    assert attack("numeric-comparison", "active", "any") is False


@pytest.mark.parametrize("goal", ["key", "agreement"])
def test_numeric_comparison_falls_with_who_does_not_look(goal: Goal) -> None:
    """A "same" that nobody looked for vouches for nothing."""
    assert attack("numeric-comparison", "active", goal, careless=True) is True


def test_oob_holds() -> None:
    """Another public key than the one whose hash was touched over is refused."""
    assert attack("oob", "active", "any") is False


@pytest.mark.parametrize("method", ["serial-derived", "just-works"])
def test_keys_are_new_in_each_run(method: Method) -> None:
    """No stranger makes two runs of a side end with one key: what is fresh goes into it."""
    assert attack(method, "active", "replay") is False


# Strangers who see the screen, or touch --------------------------------------------------


@pytest.mark.parametrize("method", ["passkey", "pake"])
def test_method_of_a_code_falls_to_who_sees_it(method: Method) -> None:
    """Who sees the screen has the code, and is a peer like any other."""
    assert attack(method, "code-seen", "key") is True


def test_oob_shows_nothing_that_helps_who_looks() -> None:
    """There is no code to be seen."""
    assert attack("oob", "code-seen", "any") is False


@pytest.mark.parametrize("method", METHODS)
def test_every_method_falls_to_who_touches(method: Method) -> None:
    """Who types, presses the buttons or holds a device of its own is a person to any method."""
    assert attack(method, "touch", "key") is True


# The search itself -----------------------------------------------------------------------


def test_search_that_is_cut_off_says_so() -> None:
    """The reuse of a passkey takes more than three choices, so three neither find nor clear it."""
    assert attack("passkey", "active", "key", reused=True, depth=3) is None


def test_depth_beyond_the_longest_attack_changes_nothing() -> None:
    """Four runs of at most four choices: sixteen search all there is."""
    assert attack("oob", "touch", "replay", depth=16) is False
    assert attack("passkey", "active", "key", reused=True, depth=16) is True


# What the methods check, and the theory without it: the change, the method and what then falls.
CHECKS: dict[str, tuple[Change, Method, Goal]] = {
    "commitments to a bit name both public keys": (
        ("= P, Q, bit(C, N) .", "= bit(C, N) ."),
        "passkey",
        "key",
    ),
    "the digits' nonce is hidden until the other is said": (
        (
            "  eq conclude(K) = K [owise] .",
            "  ceq conclude(K ; tag(N, 'commitment, L)) = conclude(K ; tag(N, 'commitment, L) ; N)"
            " if not N in K .\n  eq conclude(K) = K [owise] .",
        ),
        "numeric-comparison",
        "key",
    ),
    "the public key is the one whose hash was touched over": (
        ("eq accepts(oob, ANS, (X, Y)) = ANS == digest('oob, Y) .", ""),
        "oob",
        "key",
    ),
    "the code is nobody else's": (
        (
            "eq answer(pake, S @ J, REUSED) = code(if REUSED then 1 else J fi) .",
            "eq answer(pake, S @ J, REUSED) = code(eve) .",
        ),
        "pake",
        "key",
    ),
    "the pump waits for a tag that verifies": (
        ("    if comes(A, AIR, K, r @ J, closing, proof(KS, i)) .", "    if A == active ."),
        "pake",
        "agreement",
    ),
    "the tag names the side that sends it": (
        (
            "= tag(derive(X, Y, 'confirmation), proof(S), T) .",
            "= tag(derive(X, Y, 'confirmation), proof(i), T) .",
        ),
        "pake",
        "agreement",
    ),
    "nonces are new in each run": (
        (
            "eq half(serial-derived, S @ J, ANS) = nonce(S @ J, 0) .",
            "eq half(serial-derived, S @ J, ANS) = nonce(S @ 1, 0) .",
        ),
        "serial-derived",
        "replay",
    ),
}


@pytest.mark.parametrize("check", CHECKS)
def test_check_that_is_left_out_is_an_attack_found(
    check: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """What holds above does so for the check, and not because the search looks past it."""
    change, method, goal = CHECKS[check]
    theory(change)
    assert "Warning" not in "".join(capfd.readouterr())
    assert attack(method, "active", goal, change=change) is True
