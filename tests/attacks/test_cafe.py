"""The story of the cafe: the bolus goes through because its bytes verify, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.attacks import STEPS
from testbed.outcomes import Origin, boluses, units_by_origin
from testbed.protocol.channels import CHANNELS, Refused
from testbed.protocol.frames import DATA, HEADER_BYTES, PAIRING, decode_header
from testbed.protocol.pairings import PAIRINGS, decode_message
from testbed.protocol.payloads import BolusRequest, MeterReading, decode_payload
from testbed.protocol.roles import Role
from testbed.protocol.suite import ConcreteSuite
from testbed.scenario import Scenario
from testbed.trace import (
    Attacked,
    CommandRefused,
    FrameOverheard,
    FrameRefused,
    FrameSent,
    Linked,
    Moved,
    Trace,
)
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN
from testbed.world import live

quick = settings(derandomize=True, deadline=None, max_examples=60)

Cafe = Callable[..., Scenario]
Attack = Callable[..., Trace]
Gates = Callable[[Trace], list[tuple[str, str, bool]]]
Frames = Callable[[Trace], list[int]]

OVERHEARD = [
    ("overhear-pairing", "heard the linking", True),
    ("overhear-pairing", "computed the link key", True),
]
ADDRESSED = ("remote-bolus", "knows whom to address", True)


def pairing_messages(trace: Trace) -> list[Any]:
    """Return the messages of the linking, from the bytes on the air."""
    return [
        decode_message(event.data[HEADER_BYTES:])[1]
        for _, event in trace.of(FrameSent)
        if decode_header(event.data)[0] == PAIRING
    ]


def link_key(trace: Trace) -> bytes:
    """Return the key of the serial-derived linking, as anyone computes it from the air."""
    key = PAIRINGS["serial-derived"].overhear(ConcreteSuite(), pairing_messages(trace))
    assert key is not None
    return key


def opened_by_the_pump(trace: Trace, position: int) -> Any:
    """Return what a frame carries to the pump under the link's key, or why it is refused."""
    suite, channel = ConcreteSuite(), CHANNELS["aead-counter"]
    frame = trace.events[position]
    assert isinstance(frame, FrameSent)
    state = channel.establish(suite, link_key(trace), Role.RESPONDER)
    counter = decode_header(frame.data)[3]
    result = channel.unseal(
        suite, state, frame.data[:HEADER_BYTES], counter, frame.data[HEADER_BYTES:]
    )
    return result if isinstance(result, Refused) else decode_payload(result[1])


def asked_of_the_pump(trace: Trace, position: int) -> int:
    """Return how many milliunits a frame asks the pump for."""
    request = opened_by_the_pump(trace, position)
    assert isinstance(request, BolusRequest)
    return request.milliunits


def attackers_units(trace: Trace) -> float:
    """Return the units that the attacker is behind."""
    return units_by_origin(trace)[Origin.ATTACKER] / NANOUNITS_PER_UNIT


def last_why(trace: Trace, position: int) -> list[str]:
    """Return why the pump refused what a frame carried."""
    return [
        event.why
        for kind in (FrameRefused, CommandRefused)
        for _, event in trace.of(kind)
        if event.cause == position
    ]


# It works because the bytes verify ----------------------------------------------------


@pytest.mark.parametrize("replicate", range(10))
def test_the_bolus_is_accepted_because_it_verifies(
    cafe: Cafe, attacked: Attack, injected: Frames, accepted: Frames, replicate: int
) -> None:
    """The attacker's frame opens under the key of the linking, and is what the pump accepts."""
    trace = attacked(cafe(), replicate)
    (frame,) = injected(trace)
    assert asked_of_the_pump(trace, frame) == 10_000
    assert accepted(trace) == [frame]


def test_the_attackers_key_is_the_links_key(cafe: Cafe, attacked: Attack, injected: Frames) -> None:
    """The meter's own frames after the linking open under the very same key."""
    scenario = cafe(patient__behaviour={"remote_bolus_use": 0.8, "missed_bolus": 0.0})
    read = 0
    for replicate in range(10):
        trace = attacked(scenario, replicate)
        for at, event in trace.of(FrameSent):
            if event.node == "meter" and decode_header(event.data)[0] == DATA:
                payload = opened_by_the_pump(trace, at)
                assert isinstance(payload, (BolusRequest, MeterReading))
                read += 1
        assert all(
            isinstance(opened_by_the_pump(trace, at), BolusRequest) for at in injected(trace)
        )
    assert read > 10


@pytest.mark.parametrize("replicate", range(5))
def test_all_of_the_bolus_is_the_attackers(cafe: Cafe, attacked: Attack, replicate: int) -> None:
    """With nobody to cancel it, 10 U of attacker origin go in, and none in the twin."""
    scenario = cafe(patient__behaviour={"cancel_unexpected_bolus": 0.0})
    assert attackers_units(attacked(scenario, replicate)) == 10.0
    assert attackers_units(live(scenario, replicate, attack=False)) == 0.0


def test_no_attack_without_an_attacker(cafe: Cafe) -> None:
    """A twin has no frame, no gate and no overhearing of an attacker."""
    for replicate in range(5):
        twin = live(cafe(), replicate, attack=False)
        assert not any(isinstance(event, (Attacked, FrameOverheard)) for event in twin)
        assert all(event.node != "attacker" for _, event in twin.of(FrameSent))


@pytest.mark.parametrize("units", [0.1, 1.0, 2.5, 10.0])
def test_the_dose_is_what_was_asked_for(cafe: Cafe, attacked: Attack, units: float) -> None:
    """The bolus that starts is of the units in the frame."""
    scenario = cafe(attacker__step=[{"do": "overhear-pairing"}, bolus(units)])
    (found,) = (b for b in boluses(attacked(scenario)) if b.origin is Origin.ATTACKER)
    assert found.requested_nU == units * NANOUNITS_PER_UNIT


def bolus(units: float, after: str = "1h") -> dict[str, Any]:
    """Return a remote-bolus step as a file writes it."""
    return {"do": "remote-bolus", "after": after, "units": units}


# It does not work where they do not ---------------------------------------------------

TOO_LATE = {"attacker__from": "12:15"}
NOT_THERE: dict[str, dict[str, Any]] = {
    "too far away": {"attacker__distance_m": 500.0},
    "after the linking": TOO_LATE,
    "gone before the linking": {"attacker__until": "12:05"},
    "in another place": {"attacker__place": "gym"},
    "at the person's work": {"attacker__place": "work"},
}


@pytest.mark.parametrize("why", sorted(NOT_THERE))
def test_who_did_not_hear_the_linking_knows_nothing(
    cafe: Cafe, attacked: Attack, injected: Frames, gates: Gates, why: str
) -> None:
    """Out of reach while the devices are linked, the attacker has no one to address."""
    for replicate in range(5):
        trace = attacked(cafe(**NOT_THERE[why]), replicate)
        assert not injected(trace)
        assert attackers_units(trace) == 0.0
        assert not any(passed for _, _, passed in gates(trace))


def test_a_high_gain_antenna_hears_from_farther(cafe: Cafe, attacked: Attack) -> None:
    """Where a plain antenna hears nothing of the linking, one of 20 dB may hear it all."""
    # 11 dB beyond where the pump's margin is 0, in a cafe with n = 2.5.
    radio = cafe().radio
    far = {
        "attacker__distance_m": 10 ** ((radio.margin_at_1m_dB - radio.body_loss_dB + 11) / 25),
    }
    assert attackers_units(attacked(cafe(**far))) == 0.0
    assert attackers_units(attacked(cafe(**far, attacker__gain_dB=20.0))) > 0.0


def test_gone_before_the_command(cafe: Cafe, attacked: Attack, gates: Gates) -> None:
    """An attacker who heard the linking and left sends into the void: 0 U, no answer."""
    trace = attacked(cafe(attacker__until="13:00"))
    assert gates(trace) == [*OVERHEARD, ADDRESSED, ("remote-bolus", "command accepted", False)]
    assert attackers_units(trace) == 0.0


def test_the_wearer_left_before_the_command(cafe: Cafe, attacked: Attack, injected: Frames) -> None:
    """A command sent when the wearer is elsewhere reaches nobody."""
    trace = attacked(cafe(attacker__step=[{"do": "overhear-pairing"}, bolus(10, "3h")]))
    (frame,) = injected(trace)
    assert not last_why(trace, frame)
    assert attackers_units(trace) == 0.0


STRONG = sorted(set(PAIRINGS) - {"serial-derived"})


@pytest.mark.parametrize("method", STRONG)
def test_a_made_up_key_is_refused_by_its_tag(
    cafe: Cafe, attacked: Attack, injected: Frames, gates: Gates, method: str
) -> None:
    """Where no message tells the key, the frame is refused as anyone's would be, and 0 U go in."""
    for replicate in range(3):
        trace = attacked(cafe(link__pairing=method), replicate)
        assert {event.device for _, event in trace.of(Linked)} == {"pump", "meter"}
        (frame,) = injected(trace)
        assert last_why(trace, frame) == ["the tag does not verify"]
        assert attackers_units(trace) == 0.0
        assert ("overhear-pairing", "computed the link key", False) in gates(trace)
        assert gates(trace)[-2:] == [ADDRESSED, ("remote-bolus", "command accepted", False)]


def test_an_old_nonce_gives_a_key_that_is_refused(cafe: Cafe, attacked: Attack) -> None:
    """The same unseal that accepts a frame under the key refuses it under any other."""
    trace = attacked(cafe())
    suite, channel = ConcreteSuite(), CHANNELS["aead-counter"]
    at = next(at for at, event in trace.of(FrameSent) if event.node == "attacker")
    frame = trace.events[at].data
    for wrong in (bytes(32), link_key(attacked(cafe(), 1))):
        state = channel.establish(suite, wrong, Role.RESPONDER)
        counter = decode_header(frame)[3]
        refused = channel.unseal(suite, state, frame[:HEADER_BYTES], counter, frame[HEADER_BYTES:])
        assert isinstance(refused, Refused)
    assert asked_of_the_pump(trace, at) == 10_000


def test_remote_bolus_off_refuses_what_verifies(
    cafe: Cafe, attacked: Attack, injected: Frames
) -> None:
    """With the feature off the frame verifies, and the pump refuses the command."""
    trace = attacked(cafe(pump__remote_bolus=False))
    (frame,) = injected(trace)
    assert asked_of_the_pump(trace, frame) == 10_000
    assert last_why(trace, frame) == ["feature-off"]
    assert attackers_units(trace) == 0.0


@pytest.mark.parametrize(("units", "maximum"), [(10.05, 10.0), (30.0, 25.0), (2.0, 1.0)])
def test_no_attacker_gets_over_the_maximum(
    cafe: Cafe, attacked: Attack, injected: Frames, units: float, maximum: float
) -> None:
    """A request of more than the pump's maximum verifies, and is refused as such."""
    scenario = cafe(
        attacker__step=[{"do": "overhear-pairing"}, bolus(units)], pump__max_bolus_U=maximum
    )
    trace = attacked(scenario)
    (frame,) = injected(trace)
    assert last_why(trace, frame) == ["over-maximum"]
    assert attackers_units(trace) == 0.0


def test_the_pump_asks_where_it_is_set_to(cafe: Cafe, attacked: Attack, injected: Frames) -> None:
    """Where the pump asks first and nobody says yes, the attacker's command is not carried out."""
    scenario = cafe(
        pump__confirm_remote_bolus=True, patient__behaviour={"accept_unexpected_prompt": 0.005}
    )
    for replicate in range(5):
        trace = attacked(scenario, replicate)
        (frame,) = injected(trace)
        assert last_why(trace, frame) == ["not-confirmed"]
        assert attackers_units(trace) == 0.0


# The trace tells the story ------------------------------------------------------------


def test_gates_come_in_their_order(cafe: Cafe, attacked: Attack, gates: Gates) -> None:
    """Each step writes its gates down in the declared order, up to the first not passed."""
    for changes in ({}, *NOT_THERE.values(), {"link__pairing": "oob"}):
        passed = gates(attacked(cafe(**changes)))
        for name in ("overhear-pairing", "remote-bolus"):
            own = [gate for step, gate, _ in passed if step == name]
            assert own == list(STEPS[name].gates)[: len(own)]
        steps = [step for step, _, _ in passed]
        assert steps == sorted(steps, key=["overhear-pairing", "remote-bolus"].index)


@quick
@given(
    distance=st.sampled_from([1.0, 4.0, 12.0, 16.0, 20.0, 30.0]),
    shadowing=st.sampled_from([0.0, 8.0]),
    method=st.sampled_from(["serial-derived", "serial-derived", "oob"]),
    after=st.integers(0, 90),
    replicate=st.integers(0, 100),
)
def test_no_insulin_without_a_linking_overheard(
    cafe: Cafe,
    attacked: Attack,
    accepted: Frames,
    distance: float,
    shadowing: float,
    method: str,
    after: int,
    replicate: int,
) -> None:
    """Whenever the attacker's command is accepted, hello and reply were overheard before."""
    scenario = cafe(
        attacker__distance_m=distance,
        radio__shadowing_sd_dB=shadowing,
        link__pairing=method,
        attacker__step=[{"do": "overhear-pairing"}, bolus(5, f"{after}min")],
    )
    trace = attacked(scenario, replicate)
    heard = {event.cause for _, event in trace.of(FrameOverheard)}
    kinds = [
        decode_message(trace.events[at].data[HEADER_BYTES:])[1].kind
        for at in sorted(heard)
        if decode_header(trace.events[at].data)[0] == PAIRING
    ]
    if accepted(trace):
        assert {"hello", "reply"} <= set(kinds)
        assert method == "serial-derived"
    assert (attackers_units(trace) > 0) == bool(accepted(trace))


@quick
@given(replicate=st.integers(0, 100), distance=st.floats(0.5, 40.0))
def test_the_attacker_hears_only_where_it_is(
    cafe: Cafe, attacked: Attack, replicate: int, distance: float
) -> None:
    """Everything overheard was sent while the wearer was in the attacker's place."""
    trace = attacked(cafe(attacker__distance_m=distance), replicate)
    moves = [(event.t, event.place) for _, event in trace.of(Moved)]
    for _, event in trace.of(FrameOverheard):
        place = [place for t, place in moves if t <= event.t][-1]
        assert place == "cafe"


def test_the_meters_next_command_is_refused_afterwards(cafe: Cafe, attacked: Attack) -> None:
    """The attacker's leap in the counter leaves the genuine meter behind: its frames are stale."""
    scenario = cafe(
        meal=[{"at": "19:00", "carbs_g": 60}],
        patient__behaviour={"remote_bolus_use": 0.8, "missed_bolus": 0.0},
    )
    stale = 0
    after_13 = (13 - 6) * 60 * US_PER_MIN
    for replicate in range(10):
        trace = attacked(scenario, replicate)
        for at, event in trace.of(FrameSent):
            is_data = decode_header(event.data)[0] == DATA
            if event.node == "meter" and event.t > after_13 and is_data:
                assert last_why(trace, at) == ["the counter is not above the last one accepted"]
                stale += 1
    assert stale > 5
