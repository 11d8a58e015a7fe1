"""How often a guess is right: laws of chance with codes of a few bits, every guess tried.

What holds for codes of 4 to 8 bits is extrapolated to six digits.
"""

from __future__ import annotations

import pytest
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.pairings.passkey import recover
from testbed.protocol.roles import (
    Ask,
    Established,
    Failed,
    Message,
    PairingMethod,
    Role,
    Send,
    Step,
)
from testbed.protocol.suite import ConcreteSuite

SERIALS = {Role.INITIATOR: b"MET-00000001", Role.RESPONDER: b"PUM-00000002"}
KEY = bytes(range(32))


every_size = pytest.mark.parametrize("bits", range(4, 9))


def fresh(method: PairingMethod, role: Role, run: int = 0) -> list[bytes]:
    """Return fresh values of a role."""
    suite = ConcreteSuite()
    return [
        suite.derive(KEY, b"", f"{method.name} {role.value} {run} {each}")
        for each in range(method.fresh)
    ]


def said(step: Step) -> Message[bytes]:
    """Return the message that a step sends."""
    (message,) = [each.message for each in step.outputs if isinstance(each, Send)]
    return message


def ends(step: Step) -> list[type]:
    """Return how a step ends a role, if it does."""
    return [type(each) for each in step.outputs if isinstance(each, Established | Failed)]


def guessed(method: PairingMethod, codes: int, guess: int) -> bool:
    """Return whether who types a guess at the initiator ends with a link to the pump."""
    suite = ConcreteSuite()
    pump = method.start(
        suite, Role.RESPONDER, SERIALS[Role.RESPONDER], fresh(method, Role.RESPONDER), codes
    )
    mine = method.start(
        suite, Role.INITIATOR, SERIALS[Role.INITIATOR], fresh(method, Role.INITIATOR), codes
    )
    mine = method.answer(suite, mine.state, guess.to_bytes(4, "big"))
    while not ends(mine):
        pump = method.receive(suite, pump.state, said(mine))
        if ends(pump):
            return ends(pump) == [Established]
        mine = method.receive(suite, mine.state, said(pump))
    return False


@pytest.mark.parametrize("method", [PAIRINGS["passkey"], PAIRINGS["pake"]], ids=["passkey", "pake"])
@every_size
def test_one_guess_in_all_is_right(method: PairingMethod, bits: int) -> None:
    """Of the 2^n codes of n bits, tried one by one on a pump that shows one, one is taken."""
    assert sum(guessed(method, 1 << bits, guess) for guess in range(1 << bits)) == 1


def test_digits_of_two_pairings_agree_once_in_all_codes(suite: ConcreteSuite) -> None:
    """Between two sides, n bits to compare agree by chance in 2^-n of runs (to 5 sigma)."""
    method, runs = PAIRINGS["numeric-comparison"], 2000
    mine = suite.public(KEY)
    shown: list[tuple[int, int]] = []
    for run in range(runs):
        digits = []
        nonce = suite.derive(KEY, b"", f"nonce {run}")
        for role in Role:
            state = method.start(
                suite, role, SERIALS[role], [KEY, fresh(method, role, run)[1]], 1 << 8
            ).state
            if role is Role.RESPONDER:
                step = method.receive(suite, state, Message("hello", (bytes(12), mine)))
                step = method.receive(suite, step.state, Message("open-i", (nonce,)))
            else:
                tag = suite.tag(nonce, "numeric comparison commitment", mine, state.public)
                step = method.receive(suite, state, Message("reply", (bytes(12), mine, tag)))
                step = method.receive(suite, step.state, Message("open-r", (nonce,)))
            (asked,) = [each for each in step.outputs if isinstance(each, Ask)]
            digits.append(int.from_bytes(asked.value, "big"))
        shown.append((digits[0], digits[1]))
    for bits in range(4, 9):  # a code of n bits is the lowest n of a longer one
        share = 2.0**-bits
        agree = sum((one ^ other) % (1 << bits) == 0 for one, other in shown)
        assert abs(agree - runs * share) <= 5 * (runs * share * (1 - share)) ** 0.5


def broken_at(method: PairingMethod, codes: int, code: int, guess: int) -> int | None:
    """Return at which bit a device breaks off with who plays the pump on a guess, if it does."""
    suite = ConcreteSuite()
    steps = {
        role: method.start(suite, role, SERIALS[role], fresh(method, role), codes) for role in Role
    }
    device = method.answer(suite, steps[Role.INITIATOR].state, code.to_bytes(4, "big"))
    state = method.know(steps[Role.RESPONDER].state, guess.to_bytes(4, "big"))
    while True:
        message = said(device)
        mine = method.receive(suite, state, message)
        if ends(mine) == [Failed]:
            return int(state.round)
        if ends(mine):
            return None
        state, device = mine.state, method.receive(suite, device.state, said(mine))


@every_size
def test_between_the_two_a_wrong_passkey_may_be_put_right_once(bits: int) -> None:
    """Who plays the pump to the device learns the first wrong bit before it speaks to the pump.

    Of the 2^n codes to guess, n + 1 then end in a link with the pump: the right one, and those
    that are wrong in one bit.
    """
    method, codes = PAIRINGS["passkey"], 1 << bits
    shown = method.start(
        ConcreteSuite(),
        Role.RESPONDER,
        SERIALS[Role.RESPONDER],
        fresh(method, Role.RESPONDER),
        codes,
    ).outputs[0]
    code = int.from_bytes(shown.value, "big")
    linked = 0
    for guess in range(codes):
        wrong = broken_at(method, codes, code, guess)
        linked += guessed(method, codes, guess if wrong is None else guess ^ 1 << wrong)
    assert linked == bits + 1


@every_size
def test_passkey_overheard_is_no_secret_any_more(bits: int) -> None:
    """From the messages of one run every bit of its code comes out, though the key does not."""
    method, suite, codes = PAIRINGS["passkey"], ConcreteSuite(), 1 << bits
    pump, device = (
        method.start(suite, role, SERIALS[role], fresh(method, role), codes)
        for role in (Role.RESPONDER, Role.INITIATOR)
    )
    code = pump.outputs[0].value
    device = method.answer(suite, device.state, code)
    heard: list[Message[bytes]] = []
    while not ends(device):
        heard.append(said(device))
        pump = method.receive(suite, pump.state, heard[-1])
        heard.append(said(pump))
        device = method.receive(suite, device.state, heard[-1])
    assert ends(device) == [Established]
    assert recover(heard, suite) == (int.from_bytes(code, "big"), bits)
    assert method.overhear(suite, heard) is None
