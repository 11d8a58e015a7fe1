"""The paths of the advisory: each works where bytes verify and a person or a pump goes by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from testbed.outcomes import Origin, units_by_origin
from testbed.protocol.pairings import PAIRINGS
from testbed.scenario import Scenario
from testbed.trace import (
    Acted,
    Alerted,
    Attacked,
    CommandRefused,
    FrameLost,
    FrameRefused,
    FrameSent,
    Jammed,
    Linked,
    ReadingStored,
    SettingChanged,
    Trace,
)
from testbed.units import NANOUNITS_PER_UNIT, US_PER_MIN
from testbed.world import live

Cafe = Callable[..., Scenario]
Attack = Callable[..., Trace]

QUIET = {"cancel_unexpected_bolus": 0.0, "missed_bolus": 0.0}
EAGER = {**QUIET, "accept_unexpected_prompt": 0.5, "answered_fast": 0.95, "never_answered": 0.0}
HEAR = {"do": "overhear-pairing", "give_up_after": "7h"}
USB = {"device": "usb", "at": "12:10"}
CGM = [{"device": "cgm", "at": "12:10"}]
REPLICATES = range(3)


@pytest.fixture(scope="module", name="near")
def _near(cafe: Cafe) -> Cafe:
    """The cafe with the attacker at the same table, where hardly a frame is lost."""

    def make(*steps: dict[str, Any], **changes: Any) -> Scenario:
        changes = {"patient__behaviour": QUIET, "attacker__distance_m": 1.0, **changes}
        return cafe(**changes, attacker__step=list(steps))

    return make


def bolus(after: str = "10min", units: float = 5.0) -> dict[str, Any]:
    """Return the step that asks the pump for a bolus."""
    return {"do": "remote-bolus", "after": after, "units": units}


def units(trace: Trace, origin: Origin = Origin.ATTACKER) -> float:
    """Return the units of an origin, those that the attacker is behind if not told otherwise."""
    return units_by_origin(trace)[origin] / NANOUNITS_PER_UNIT


def extra(trace: Trace, twin: Trace) -> float:
    """Return the units delivered beyond those of the twin."""
    return float(trace.insulin_nU.sum() - twin.insulin_nU.sum()) / NANOUNITS_PER_UNIT


def notes(trace: Trace, step: str, gate: str) -> list[tuple[bool, str]]:
    """Return whether a gate was passed and its note, each time that a step came to it."""
    return [(e.passed, e.note) for _, e in trace.of(Attacked) if (e.step, e.gate) == (step, gate)]


# A link request ---------------------------------------------------------------------------

ASK = {"do": "request-link", "after": "6h", "times": 40, "wait_for_answer": "2min"}


@pytest.mark.parametrize("method", sorted(PAIRINGS))
def test_a_confirmed_request_links_only_where_nothing_else_is_asked(
    near: Cafe, attacked: Attack, method: str
) -> None:
    """Methods that ask the person for a code, a comparison or a touch stop who was confirmed."""
    scenario = near(
        ASK,
        bolus(),
        pairing=[],
        link__pairing=method,
        pump__link_requests=True,
        patient__behaviour=EAGER,
    )
    trace = attacked(scenario)
    confirmed = any(e.act == "confirm the link request" for _, e in trace.of(Acted))
    assert confirmed == (method != "oob")  # who cannot touch has nothing to say hello with
    assert (units(trace) > 0) == (method in {"serial-derived", "just-works"})


def test_no_prompt_where_requests_are_not_taken(near: Cafe, attacked: Attack) -> None:
    """As shipped the pump shows nothing, and its trace has no link of the attacker's."""
    trace = attacked(near(ASK, pairing=[], patient__behaviour=EAGER))
    assert not any(e.kind == "confirm-link-request" for _, e in trace.of(Alerted))
    assert not list(trace.of(Linked))


@pytest.mark.parametrize(("shares", "asked"), [(0.0, False), (1.0, True)])
def test_a_request_by_address_takes_the_serial_number(
    near: Cafe, attacked: Attack, shares: float, asked: bool
) -> None:
    """A pump that heeds only requests for it is asked only by who knows its serial number."""
    scenario = near(
        {"do": "known-serial"},
        ASK,
        pairing=[],
        pump__link_requests=True,
        pump__link_requests_by_address=True,
        patient__behaviour={**EAGER, "shares_serials": shares},
    )
    trace = attacked(scenario)
    assert any(e.kind == "confirm-link-request" for _, e in trace.of(Alerted)) is asked


def test_one_prompt_for_a_device_that_says_hello_again(near: Cafe, attacked: Attack) -> None:
    """While a request is on the screen, more of the same device ring no second alert."""
    step = {**ASK, "times": 5, "wait_for_answer": "5s"}
    never = {**QUIET, "never_answered": 0.5, "answered_fast": 0.2, "slowest_answer_min": 180.0}
    scenario = near(step, pairing=[], pump__link_requests=True, patient__behaviour=never)
    rung = [e for _, e in attacked(scenario).of(Alerted) if e.kind == "confirm-link-request"]
    assert len(rung) == 1


# Flooding ---------------------------------------------------------------------------------


def test_flooding_gets_more_confirmed_than_asking_once(near: Cafe, attacked: Attack) -> None:
    """The more prompts there are, the more people have confirmed one in the end."""
    confirmed = Counter[int]()
    for times in (1, 60):
        flood = {"do": "prompt-flooding", "after": "6h", "times": times, "every": "60s"}
        scenario = near(flood, pairing=[], pump__link_requests=True, patient__behaviour=EAGER)
        for replicate in range(10):
            confirmed[times] += any(
                e.device == "pump" for _, e in attacked(scenario, replicate).of(Linked)
            )
    assert confirmed[60] >= confirmed[1] + 5


def test_flooding_with_boluses_ends_with_the_first_confirmed(near: Cafe, attacked: Attack) -> None:
    """Of all the boluses asked for one is confirmed and given, and then no more are asked for."""
    flood = {"do": "prompt-flooding", "after": "5min", "ask": "bolus", "units": 4, "times": 100}
    scenario = near(HEAR, flood, pump__confirm_remote_bolus=True, patient__behaviour=EAGER)
    assert [units(attacked(scenario, replicate)) for replicate in REPLICATES] == [4.0] * 3


# False readings ---------------------------------------------------------------------------

FALSE_STICK = {"do": "false-meter-reading", "after": "5min", "mgdl": 350}


@pytest.mark.parametrize("method", ["serial-derived", "oob"])
def test_a_false_reading_is_stored_where_it_verifies(
    near: Cafe, attacked: Attack, method: str
) -> None:
    """The pump stores the value under the link's key, and refuses it under a made-up one."""
    trace = attacked(near(HEAR, FALSE_STICK, link__pairing=method))
    stored = [e.mgdl for _, e in trace.of(ReadingStored) if e.source == "meter"]
    assert (350 in stored) == (method == "serial-derived")


def test_remote_bolus_off_does_not_close_the_path_of_readings(near: Cafe) -> None:
    """A calculator that corrects by the false reading gives the same units with it off."""
    manner = {**QUIET, "calculator_at_meals": 1.0, "remote_bolus_use": 0.0}
    found = []
    for on in (True, False):
        scenario = near(
            HEAR,
            FALSE_STICK,
            pump__remote_bolus=on,
            patient__behaviour=manner,
            pump__max_bolus_U=25,
        )
        found.append(
            [
                extra(live(scenario, r, attack=True), live(scenario, r, attack=False))
                for r in REPLICATES
            ]
        )
    assert found[0] == found[1]
    assert min(found[0]) > 1.0


def test_false_lows_stop_the_basal_and_silence_the_sensor(near: Cafe, attacked: Attack) -> None:
    """The pump stores the false value, gives no basal, and refuses the sensor's own readings."""
    step = {"do": "false-cgm-reading", "after": "5min", "mgdl": 50, "lasts": "1h"}
    scenario = near(HEAR, step, pairing=CGM, pump__therapy="suspend-on-low", meal=[])
    trace, twin = attacked(scenario), live(scenario, 0, attack=False)
    false = [e.t // US_PER_MIN for _, e in trace.of(ReadingStored) if e.mgdl == 50]
    assert len(false) == 12
    assert trace.insulin_nU[false[1] : false[-1]].sum() == 0
    assert twin.insulin_nU[false[1] : false[-1]].sum() > 0
    assert any(e.node == "pump" and "counter" in e.why for _, e in trace.of(FrameRefused))


def test_a_loop_gives_by_false_highs_what_is_put_down_to_them(near: Cafe, attacked: Attack) -> None:
    """What a closed loop gives beyond its programme by false readings is of their origin."""
    step = {"do": "false-cgm-reading", "after": "5min", "mgdl": 350}
    high = {"pairing": CGM, "meal": [], "pump__max_basal_U_per_h": 4}
    given = [
        units(attacked(near(HEAR, step, pump__therapy=therapy, **high)), Origin.MISCUED)
        for therapy in ("open-loop", "hybrid-closed-loop")
    ]
    assert given[0] == 0.0
    assert given[1] > 1.0


def test_who_stands_between_holds_true_readings_back(near: Cafe, attacked: Attack) -> None:
    """While it lies, no reading of the sensor's own is passed on, and afterwards they are again."""
    step = {"do": "false-cgm-reading", "after": "5min", "mgdl": 222, "lasts": "30min"}
    trace = attacked(near({"do": "stand-between"}, step, pairing=CGM, third_party__linked=True))
    stored = [(e.t, e.mgdl) for _, e in trace.of(ReadingStored) if e.source == "cgm"]
    false = [t for t, mgdl in stored if mgdl == 222]
    during = [mgdl for t, mgdl in stored if false[0] <= t <= false[-1]]
    assert set(during) == {222}
    assert any(t > false[-1] and mgdl != 222 for t, mgdl in stored)


# Jamming ----------------------------------------------------------------------------------


def jam(what: str, **more: Any) -> dict[str, Any]:
    """Return the step that jams, from when the person has come to the cafe."""
    return {"do": "jam", "after": "5h 50min", "what": what, "lasts": "90min", **more}


def test_readings_are_jammed_by_the_clock_alone(near: Cafe, attacked: Attack) -> None:
    """Two readings heard tell when the next comes; noise that is loud enough stops most of them."""
    trace = attacked(near(jam("readings"), attacker__gain_dB=20.0, pairing=[]))
    lost = [e for _, e in trace.of(FrameLost) if (e.node, e.why) == ("pump", "jammed")]
    assert len(lost) > 10
    assert len(list(trace.of(Jammed))) <= 20
    assert any(e.kind == "no-sensor-signal" for _, e in trace.of(Alerted))


def test_a_burst_of_frames_is_not_taken_for_the_interval(near: Cafe, attacked: Attack) -> None:
    """Frames of a rotation, as long as readings and at once, do not make the attacker hurry."""
    trace = attacked(
        near(
            {**jam("readings"), "after": "5h 56min"},  # so that it hears the rotation of 12:00
            attacker__gain_dB=20.0,
            pairing=[],
            link__rotate_keys_every="1h",
        )
    )
    made = [event.t for _, event in trace.of(Jammed)]
    assert made
    assert all(later - sooner >= US_PER_MIN for sooner, later in pairwise(made))


def test_noise_that_is_not_loud_enough_stops_nothing(near: Cafe, attacked: Attack) -> None:
    """Devices on one body hear each other over the noise of a plain antenna some metres off."""
    trace = attacked(near(jam("readings"), attacker__distance_m=4.0, pairing=[]))
    lost = [e for _, e in trace.of(FrameLost) if (e.node, e.why) == ("pump", "jammed")]
    assert list(trace.of(Jammed))
    assert len(lost) <= 2


def test_a_jammed_answer_is_made_up_for_by_the_screen(near: Cafe, attacked: Attack) -> None:
    """Who gets no answer on the meter looks at the pump, and doses once."""
    scenario = near(
        jam("answers"),
        attacker__gain_dB=20.0,
        pairing=[],
        patient__behaviour={**QUIET, "remote_bolus_use": 0.8},
    )
    jammed = 0
    for replicate in range(6):
        trace, twin = attacked(scenario, replicate), live(scenario, replicate, attack=False)
        jammed += any((e.node, e.why) == ("meter", "jammed") for _, e in trace.of(FrameLost))
        assert extra(trace, twin) == 0.0
    assert jammed


@pytest.mark.parametrize("limit", [0.05, 0.2])
def test_noise_keeps_to_the_radios_limit(near: Cafe, attacked: Attack, limit: float) -> None:
    """Over its whole length, jamming everything takes no larger share than the radio allows."""
    step = jam("everything", lasts="2min", pause="100ms")
    trace = attacked(near(step, radio__jam_duty_limit=limit))
    granted = sum(e.granted_us for _, e in trace.of(Jammed))
    assert 0 < granted <= limit * 2 * US_PER_MIN * 1.01


# Too little insulin -----------------------------------------------------------------------

STOPS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "suspend": ({}, {"pump__remote_suspend": True}),
    "temporary-basal": ({"percent": 20}, {"pump__remote_temp_basal": True}),
    "max-basal": ({}, {"pump__remote_settings": True, "pairing": [USB]}),
}


@pytest.mark.parametrize("by", STOPS)
def test_delivery_is_halted_where_it_is_allowed(near: Cafe, by: str) -> None:
    """Each command takes insulin away where the pump takes it, and nothing where it does not."""
    step, how = STOPS[by]
    step = {"do": "halt-delivery", "after": "2min", "by": by, **step}
    place = {"stay": [{"from": "11:45", "until": "13:45", "place": "cafe"}], "usb__place": "cafe"}
    allowed = near(HEAR, step, **{**place, **how})
    refused = near(HEAR, step, **{**place, **how, next(iter(how)): False})
    missing = extra(live(allowed, 0, attack=True), live(allowed, 0, attack=False))
    assert missing < -1.0
    trace = live(refused, 0, attack=True)
    assert notes(trace, "halt-delivery", "command accepted") == [(False, "feature-off")]


def test_what_was_undone_is_done_again(near: Cafe, attacked: Attack) -> None:
    """A pump that its owner has resumed is suspended again where the step says so."""
    step = {"do": "halt-delivery", "after": "2min", "times": 3, "every": "20min"}
    manner = {**EAGER, "undo_unexpected_command": 1.0}
    trace = attacked(near(HEAR, step, pump__remote_suspend=True, patient__behaviour=manner))
    said = notes(trace, "halt-delivery", "command accepted")
    assert said[0] == (True, "accepted")
    assert any(ok for ok, _ in said[1:])


# The computer -----------------------------------------------------------------------------

CHANGES = {"do": "host-software", "max_bolus_U": 1, "max_basal_U_per_h": 0.1, "low_alert_mgdl": 55}


def test_software_on_the_host_needs_neither_antenna_nor_key(near: Cafe, attacked: Attack) -> None:
    """Settings change through the stick, wherever the attacker is, and it sends no frame itself."""
    scenario = near(
        CHANGES,
        attacker__capabilities=["host"],
        attacker__place="street",
        pump__remote_settings=True,
    )
    trace = attacked(scenario)
    changed = {e.setting: e.value for _, e in trace.of(SettingChanged)}
    assert changed == {"max_bolus_U": 1.0, "max_basal_U_per_h": 0.1, "low_alert_mgdl": 55.0}
    assert not any(e.node == "attacker" for _, e in trace.of(FrameSent))


def test_a_stick_that_is_not_in_reaches_no_pump(near: Cafe, attacked: Attack) -> None:
    """Whose stick stays out of the computer has nothing to fear from it."""
    scenario = near(
        {**CHANGES, "give_up_after": "20h"},
        attacker__capabilities=["host"],
        pump__remote_settings=True,
        usb__place="school",
    )
    trace = attacked(scenario)
    assert not list(trace.of(SettingChanged))
    assert notes(trace, "host-software", "the stick is in the computer") == [(False, "")]


# Serial numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["plaintext", "mac-no-counter", "aead-counter"])
@pytest.mark.parametrize("shares", [0.0, 1.0])
def test_a_serial_number_opens_what_asks_for_no_key(
    near: Cafe, attacked: Attack, channel: str, shares: float
) -> None:
    """Known beforehand it is enough over a channel without keys, and is worth nothing on others."""
    scenario = near(
        {"do": "known-serial", "after": "6h"},
        bolus("1s"),
        pairing=[],
        link__channel=channel,
        patient__behaviour={**QUIET, "shares_serials": shares},
    )
    assert units(attacked(scenario)) == (5.0 if channel == "plaintext" and shares else 0.0)


def test_sharing_serial_numbers_moves_no_other_attack(near: Cafe, attacked: Attack) -> None:
    """A day without that step is the same to the byte, whoever has shared serial numbers."""
    found = {
        attacked(
            near(HEAR, bolus(), patient__behaviour={**QUIET, "shares_serials": shares})
        ).fingerprint()
        for shares in (0.0, 1.0)
    }
    assert len(found) == 1


# Another maker's device -------------------------------------------------------------------


@pytest.mark.parametrize("side", ["plaintext", "mac-no-counter", "aead-counter"])
def test_another_makers_device_is_as_open_as_its_side(
    near: Cafe, attacked: Attack, side: str
) -> None:
    """By the strongest linking with the pump, the attacker's dose goes in over a side in clear."""
    scenario = near(
        {"do": "third-party-device", "after": "6h", "give_up_after": "1h"},
        bolus("1min"),
        pairing=[],
        link__pairing="oob",
        third_party__linked=True,
        third_party__side=side,
    )
    assert units(attacked(scenario)) == (5.0 if side == "plaintext" else 0.0)


def test_the_pump_decides_what_another_makers_device_may_do(near: Cafe, attacked: Attack) -> None:
    """Linked as a USB link it may ask for no bolus, whatever its side is told."""
    scenario = near(
        {"do": "third-party-device", "after": "6h"},
        bolus("1min"),
        pairing=[],
        third_party__linked=True,
        third_party__linked_as="usb",
    )
    trace = attacked(scenario)
    assert units(trace) == 0.0
    assert any(e.why == "not from a usb" for _, e in trace.of(CommandRefused))


# Split doses ------------------------------------------------------------------------------


def test_a_largest_bolus_does_not_stop_several_small_ones(near: Cafe, attacked: Attack) -> None:
    """One dose over the limit is refused, and doses within it add up to as much."""
    at_once = near(HEAR, bolus("20min", 6.0), pump__max_bolus_U=2, meal=[])
    split = {"do": "split-doses", "after": "20min", "units": 2, "times": 3}
    in_parts = near(HEAR, split, pump__max_bolus_U=2, meal=[])
    assert units(attacked(at_once)) == 0.0
    assert units(attacked(in_parts)) == 6.0
