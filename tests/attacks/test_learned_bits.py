"""What a device tells who plays the pump to it, and what that is worth.

Codes are of 4 to 8 bits; what holds for them is extrapolated to six digits.  Counts are held
against the exact binomial distribution, within bounds that a right program leaves once in
10,000 at each end.  The seeds are fixed, so a test that passes keeps passing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy.stats import binom
from testbed.attacks import STEPS
from testbed.attacks.capabilities import Antenna
from testbed.outcomes import Origin, units_by_origin
from testbed.protocol.frames import HEADER_BYTES, PAIRING, FrameError, decode_header
from testbed.protocol.pairings import decode_message
from testbed.scenario import Scenario
from testbed.trace import Acted, Attacked, Linked, PairingFailed, PairingOpened, Trace
from testbed.world import live

Cafe = Callable[..., Scenario]

ERROR = 1e-4
AT_LUNCH = {"after": "355s", "give_up_after": "130s"}
LEARN = [{"do": "learn-code", **AT_LUNCH}, {"do": "take-part"}]
BOLUS = {"do": "remote-bolus", "after": "10min", "units": 5}


@pytest.fixture(scope="module")
def linking(cafe: Cafe) -> Cafe:
    """An hour in the cafe around a linking by passkey, with an attacker at the same table."""

    def make(**changes: Any) -> Scenario:
        return cafe(
            **{
                "time__start": "12:04",
                "time__duration": "1h",
                "meal": [],
                "attacker__distance_m": 1.0,
                "link__pairing": "passkey",
                "attacker__step": LEARN,
                "patient__behaviour": {"retype_code": 1.0, "cancel_unexpected_bolus": 0.0},
                **changes,
            }
        )

    return make


def linked_by_attacker(trace: Trace) -> bool:
    """Return whether the pump is linked by the attacker's doing."""
    return any(
        any(isinstance(cause, Attacked) for cause in trace.causes(at))
        for at, event in trace.of(Linked)
        if event.device == "pump"
    )


def hits(scenario: Scenario, runs: int) -> int:
    """Return in how many replicates the attacker has a link with the pump."""
    return sum(linked_by_attacker(live(scenario, each, attack=True)) for each in range(runs))


def bounds(runs: int, share: float) -> tuple[int, int]:
    """Return the fewest and the most hits that ``runs`` with a chance of ``share`` may have."""
    law = binom(runs, share)
    return int(law.ppf(ERROR)), int(law.isf(ERROR))


def retyped(trace: Trace) -> int:
    """Return how often the person linked again on the device alone."""
    return sum(event.act == "link on the device again" for _, event in trace.of(Acted))


# Standing between -------------------------------------------------------------------------


@pytest.mark.parametrize(("bits", "runs"), [(4, 160), (6, 320), (8, 800)])
def test_between_the_two_a_wrong_bit_is_put_right(linking: Cafe, bits: int, runs: int) -> None:
    """Standing between ends in a link with the pump for n + 1 of the 2^n codes to guess."""
    scenario = linking(
        link__codes=1 << bits,
        attacker__step=[{"do": "stand-between", **AT_LUNCH}],
        patient__behaviour={"retype_code": 0.0},
    )
    fewest, most = bounds(runs, (bits + 1) / 2**bits)
    assert fewest <= hits(scenario, runs) <= most


@pytest.mark.parametrize("method", ["just-works", "serial-derived", "passkey"])
def test_the_key_is_kept_if_the_last_word_is_lost(
    linking: Cafe, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """An attacker between that never hears the pump's ``confirmed`` has the link all the same."""
    hear = Antenna.hear

    def deaf_to_the_last_word(self: Antenna, data: bytes, cause: int) -> None:
        try:
            last = decode_message(data[HEADER_BYTES:])[1].kind == "confirmed"
        except FrameError:
            last = False
        if not (last and decode_header(data)[0] == PAIRING):
            hear(self, data, cause)

    monkeypatch.setattr(Antenna, "hear", deaf_to_the_last_word)
    scenario = linking(
        link__pairing=method,
        link__codes=2,  # one bit: whichever is guessed, the device tells it
        attacker__step=[{"do": "stand-between", **AT_LUNCH, "give_up_after": "5min"}, BOLUS],
        patient__behaviour={"cancel_unexpected_bolus": 0.0},
    )
    for replicate in range(4):
        trace = live(scenario, replicate, attack=True)
        (gate,) = [e for _, e in trace.of(Attacked) if e.gate == "linked with the pump"]
        assert (gate.passed, gate.note) == (False, "the pump's last word was not heard")
        assert units_by_origin(trace)[Origin.ATTACKER] == 5 * 10**9


# A code that is typed again ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "tries", "runs"), [(4, 1, 200), (4, 3, 100), (8, 2, 250), (8, 4, 100), (8, 8, 40)]
)
def test_each_try_tells_the_bits_up_to_the_first_wrong_one(
    linking: Cafe, bits: int, tries: int, runs: int
) -> None:
    """Of n bits all are told in k tries if at most k - 1 of the first n - 1 are guessed wrong."""
    scenario = linking(
        link__codes=1 << bits, link__lockout_after=tries, link__pairing_window="3min"
    )
    fewest, most = bounds(runs, float(binom(bits - 1, 0.5).cdf(tries - 1)))
    assert fewest <= hits(scenario, runs) <= most


def test_a_code_is_learned_for_good_where_it_is_used_again(linking: Cafe) -> None:
    """Six digits that never change are put together over several linkings, not so fresh ones."""
    minutes = range(10, 34, 4)
    for reuse in (True, False):
        scenario = linking(
            link__reuse_code=reuse,
            link__lockout_after=3,
            link__lockout_for="1min",
            pairing=[{"device": "meter", "at": f"12:{minute}"} for minute in minutes],
            attacker__step=[{**LEARN[0], "give_up_after": "28min"}, LEARN[1]],
        )
        notes = [
            event.note
            for each in range(4)
            for _, event in live(scenario, each, attack=True).of(Attacked)
            if event.gate == "learned the code" and event.passed
        ]
        assert len(notes) == (4 if reuse else 0)
        assert all(note.startswith("20 of 20 bits") for note in notes)


def test_a_fresh_code_is_learned_from_nothing(linking: Cafe) -> None:
    """What was told of an old code does not stand in the way of the next: three chances are three.

    With 6 bits and 3 tries a linking, each tells them all in half of the runs.
    """
    runs = 60
    scenario = linking(
        link__codes=1 << 6,
        link__lockout_after=3,
        link__lockout_for="1min",
        pairing=[{"device": "meter", "at": f"12:{minute}"} for minute in (10, 14, 18)],
        attacker__step=[{**LEARN[0], "give_up_after": "14min"}, LEARN[1]],
    )
    fewest, most = bounds(runs, 1.0 - 0.5**3)
    assert fewest <= hits(scenario, runs) <= most


@pytest.mark.parametrize("method", ["pake", "oob", "numeric-comparison", "just-works"])
def test_a_method_that_tells_no_bits_is_left_alone(linking: Cafe, method: str) -> None:
    """Against any other method the gate says that there is nothing to learn, and none is sent."""
    scenario = linking(link__pairing=method, attacker__step=LEARN[:1])
    trace = live(scenario, 0, attack=True)
    assert [(e.passed, e.note) for _, e in trace.of(Attacked)] == [
        (False, f"{method} tells no bits")
    ]
    assert {event.device for _, event in trace.of(Linked)} == {"pump", "meter"}


def test_gates_of_learning_come_in_their_order(linking: Cafe) -> None:
    """The step writes its gates down in the declared order, up to the first not passed."""
    for changes in (
        {},
        {"attacker__distance_m": 900.0},
        {"pairing": []},
        {"link__codes": 4},
        {"pairing": [{"device": "usb", "at": "12:10"}]},
    ):
        trace = live(linking(**changes), 0, attack=True)
        gates = [(e.gate, e.passed) for _, e in trace.of(Attacked) if e.step == "learn-code"]
        assert [gate for gate, _ in gates] == list(STEPS["learn-code"].gates)[: len(gates)]
        assert all(passed for _, passed in gates[:-1])


# The person -------------------------------------------------------------------------------


def test_nobody_types_a_code_again_unless_told_to(linking: Cafe) -> None:
    """With a share of 0 a device that fails is not linked again, and one bit or more is told."""
    for replicate in range(6):
        trace = live(linking(patient__behaviour={"retype_code": 0.0}), replicate, attack=True)
        assert retyped(trace) == 0
        assert [e.device for _, e in trace.of(PairingOpened)] == ["pump", "meter"]


def test_a_code_is_typed_again_as_often_as_the_share_says(linking: Cafe) -> None:
    """After the first failure the person goes on in the stated share of runs."""
    runs = 120
    scenario = linking(patient__behaviour={"retype_code": 0.4})
    again = sum(retyped(live(scenario, each, attack=True)) > 0 for each in range(runs))
    fewest, most = bounds(runs, 0.4)
    assert fewest <= again <= most


def test_a_device_that_refuses_is_not_tried_again(linking: Cafe) -> None:
    """After the device locks, and after the pump's code is gone, nobody types a code again."""
    for lockout in (1, 3, 0):
        trace = live(linking(link__lockout_after=lockout), 1, attack=True)
        failures = [e.t for _, e in trace.of(PairingFailed) if e.device == "meter"]
        if lockout:
            assert len(failures) == lockout
            assert retyped(trace) == lockout - 1
        shown = [e.t for _, e in trace.of(PairingOpened) if e.device == "pump"]
        for _, event in trace.of(Acted):
            if event.act == "link on the device again":
                assert event.t - shown[-1] < 120 * 10**6


def test_without_an_attacker_nothing_is_typed_again(linking: Cafe) -> None:
    """Where linkings do not fail, the share makes no difference."""
    always, never = (
        live(linking(patient__behaviour={"retype_code": share}), 0, attack=False)
        for share in (1.0, 0.0)
    )
    assert always.jsonl() == never.jsonl()
