"""How often a guess is right, counted over whole runs of the simulator.

Codes are of n = 4 to 8 bits; what holds for them is extrapolated to six digits.  Each count is
held against the exact binomial distribution, within bounds that a right program leaves once in
10,000 at each end.  The seeds are fixed, so a test that passes keeps passing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy.stats import binom
from testbed.outcomes import Origin, units_by_origin
from testbed.protocol.frames import PAIRING, decode_header
from testbed.scenario import Scenario
from testbed.trace import Attacked, FrameSent, Linked, PairingFailed, Trace
from testbed.units import US_PER_MIN
from testbed.world import live

Cafe = Callable[..., Scenario]
Attack = Callable[..., Trace]

ERROR = 1e-4
"""How often a right program would be outside of the bounds, at each end, were seeds not fixed."""

every_size = pytest.mark.parametrize("bits", range(4, 9))


def bounds(runs: int, share: float) -> tuple[int, int]:
    """Return the fewest and the most hits that ``runs`` with a chance of ``share`` may have."""
    law = binom(runs, share)
    return int(law.ppf(ERROR)), int(law.isf(ERROR))


@pytest.fixture(scope="module")
def linking(cafe: Cafe) -> Cafe:
    """An hour in the cafe around a linking, with an attacker at the same table."""

    def make(**changes: Any) -> Scenario:
        return cafe(
            **{
                "time__start": "12:04",
                "time__duration": "1h",
                "meal": [],
                "attacker__distance_m": 1.0,
                **changes,
            }
        )

    return make


def attackers_links(trace: Trace) -> int:
    """Return how many links the pump made with an address that the attacker speaks from."""
    own: set[bytes] = set()
    confirmed_to = b""
    found = 0
    for event in trace:
        if isinstance(event, FrameSent):
            kind, source, to, _ = decode_header(event.data)
            if event.node == "attacker":
                own.add(source)
            elif event.node == "pump" and kind == PAIRING:
                confirmed_to = to  # the last thing that it says before it is linked
        elif isinstance(event, Linked) and event.device == "pump":
            found += confirmed_to in own
    return found


def hits(scenario: Scenario, runs: int) -> int:
    """Return in how many replicates the attacker has a link with the pump."""
    return sum(attackers_links(live(scenario, each, attack=True)) == 1 for each in range(runs))


# One guess in 2^n -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "bits"),
    [*(("passkey", bits) for bits in range(4, 9)), ("pake", 4), ("pake", 5)],
)
def test_one_try_is_right_once_in_all_codes(linking: Cafe, method: str, bits: int) -> None:
    """One try to take part succeeds in 2^-n of runs, over 10 * 2^n runs."""
    scenario = linking(
        link__pairing=method,
        link__codes=1 << bits,
        attacker__step=[{"do": "take-part", "after": "355s", "give_up_after": "130s", "tries": 1}],
    )
    runs = 10 << bits
    fewest, most = bounds(runs, 2.0**-bits)
    assert fewest <= hits(scenario, runs) <= most


@every_size
def test_digits_agree_by_chance_once_in_all_codes(linking: Cafe, bits: int) -> None:
    """Standing between a careful person's devices succeeds in 2^-n of runs, over 10 * 2^n."""
    scenario = linking(
        link__pairing="numeric-comparison",
        link__codes=1 << bits,
        attacker__step=[{"do": "stand-between", "after": "355s", "give_up_after": "130s"}],
        patient__behaviour={"accept_mismatch": 0.0},
    )
    runs = 10 << bits
    fewest, most = bounds(runs, 2.0**-bits)
    assert fewest <= hits(scenario, runs) <= most


@pytest.mark.parametrize("share", [0.0, 0.25, 0.75])
def test_a_careless_person_adds_to_the_chance(linking: Cafe, share: float) -> None:
    """With six digits the attacker between is let in as often as differing digits are accepted."""
    scenario = linking(
        link__pairing="numeric-comparison",
        attacker__step=[{"do": "stand-between", "after": "355s", "give_up_after": "130s"}],
        patient__behaviour={"accept_mismatch": share},
    )
    fewest, most = bounds(200, share)
    assert fewest <= hits(scenario, 200) <= most


@pytest.mark.parametrize("method", ["passkey", "pake", "numeric-comparison", "oob"])
@pytest.mark.parametrize("step", ["take-part", "stand-between"])
def test_six_digits_are_not_guessed(linking: Cafe, method: str, step: str) -> None:
    """Of 20 tries on six digits none is right, where a right one is due once in 50,000 such."""
    scenario = linking(
        link__pairing=method,
        attacker__step=[{"do": step, "after": "355s", "give_up_after": "130s"}],
        patient__behaviour={"accept_mismatch": 0.0},
    )
    assert hits(scenario, 20) == 0


# Lock-out ---------------------------------------------------------------------------------

TRIES = [
    {
        "do": "take-part",
        "after": "355s",
        "give_up_after": "130s",
        "tries": 10_000,
        "hello_every": "300ms",
    }
]
SLOW = {"type_code_s": 60.0}
"""A person who gives the attacker a minute before the meter takes its turn."""


def pumps_failures(trace: Trace) -> list[int]:
    """Return when a pairing of the pump failed, but for windows that closed."""
    return [
        event.t
        for _, event in trace.of(PairingFailed)
        if event.device == "pump" and "window" not in event.why and "locked" not in event.why
    ]


@pytest.mark.parametrize(
    ("method", "after"), [("passkey", 1), ("passkey", 5), ("passkey", 10), ("pake", 3)]
)
def test_a_lock_out_caps_the_tries(linking: Cafe, method: str, after: int) -> None:
    """However often the person opens pairing mode, no lock-out time has more failures than set."""
    lockout_min = 3
    scenario = linking(
        link__pairing=method,
        link__lockout_after=after,
        link__lockout_for=f"{lockout_min}min",
        pairing=[{"device": "meter", "at": f"12:{minute}"} for minute in range(10, 20, 2)],
        attacker__step=[{**TRIES[0], "give_up_after": "9min", "hello_every": "1s"}],
        patient__behaviour=SLOW,
    )
    for replicate in range(1 if method == "pake" else 3):
        failed = pumps_failures(live(scenario, replicate, attack=True))
        assert len(failed) > after  # it was locked, and failed again afterwards
        for t in failed:
            within = [each for each in failed if t <= each < t + lockout_min * US_PER_MIN]
            assert len(within) <= after


def test_without_a_lock_out_the_tries_go_on(linking: Cafe) -> None:
    """A pump that never locks takes one wrong guess after the other until its window closes."""
    scenario = linking(
        link__pairing="passkey",
        link__lockout_after=0,
        attacker__step=TRIES,
        patient__behaviour=SLOW,
    )
    failed = pumps_failures(live(scenario, 0, attack=True))
    assert len(failed) > 100
    assert failed[-1] - failed[0] <= 2 * US_PER_MIN


@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_lock_out_of_k_gives_k_guesses(linking: Cafe, after: int) -> None:
    """With codes of 5 bits, fresh ones each try, a lock-out after k leaves 1 - (1 - 2^-5)^k."""
    scenario = linking(
        link__pairing="passkey",
        link__codes=32,
        link__lockout_after=after,
        attacker__step=[{**TRIES[0], "give_up_after": "15s"}],
        patient__behaviour=SLOW,
    )
    runs = 150
    fewest, most = bounds(runs, 1.0 - (1.0 - 1 / 32) ** after)
    assert fewest <= hits(scenario, runs) <= most


# A code used twice ------------------------------------------------------------------------


def twice(linking: Cafe, **changes: Any) -> Scenario:
    """Return the story of a meter linked twice: the first is overheard, the second joined."""
    return linking(
        link__pairing="passkey",
        pairing=[{"device": "meter", "at": "12:10"}, {"device": "meter", "at": "12:15"}],
        attacker__step=[
            {"do": "overhear-pairing"},
            {"do": "take-part"},
            {"do": "remote-bolus", "after": "10min", "units": 5},
        ],
        patient__behaviour={"cancel_unexpected_bolus": 0.0},
        **changes,
    )


@pytest.mark.parametrize(("reuse", "units"), [(True, 5.0), (False, 0.0)])
def test_a_code_overheard_is_good_for_the_next_linking(
    linking: Cafe, reuse: bool, units: float
) -> None:
    """Six digits printed on the pump let the listener in the second time; fresh ones do not."""
    scenario = twice(linking, link__reuse_code=reuse)
    for replicate in range(10):
        trace = live(scenario, replicate, attack=True)
        recovered = [e.note for _, e in trace.of(Attacked) if e.gate == "recovered the code"]
        assert recovered == ["20 bits"]
        assert attackers_links(trace) == reuse
        assert units_by_origin(trace)[Origin.ATTACKER] == units * 1e9


def test_a_reused_code_tells_no_listener_with_pake(linking: Cafe) -> None:
    """Where no message tells the code, a listener gains nothing from its being used again."""
    scenario = twice(linking, link__reuse_code=True, link__codes=10**6).patched(
        {"link.pairing": "pake"}
    )
    for replicate in range(3):
        trace = live(scenario, replicate, attack=True)
        assert not [e for _, e in trace.of(Attacked) if e.gate == "recovered the code"]
        assert attackers_links(trace) == 0
