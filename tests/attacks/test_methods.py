"""Which attack gets insulin delivered against which pairing method and over which channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from testbed.outcomes import Origin, boluses, units_by_origin
from testbed.protocol.channels import CHANNELS
from testbed.protocol.frames import HEADER_BYTES, PAIRING, decode_header
from testbed.protocol.pairings import PAIRINGS
from testbed.scenario import Scenario
from testbed.trace import Attacked, BolusStarted, FrameSent, Linked, Trace
from testbed.units import NANOUNITS_PER_UNIT
from testbed.world import live

Cafe = Callable[..., Scenario]
Attack = Callable[..., Trace]

REPLICATES = range(4)
UNITS = 5.0
BEHAVIOUR = {"missed_bolus": 0.0, "remote_bolus_use": 0.8, "cancel_unexpected_bolus": 0.0}
CAREFUL, CARELESS = 0.0, 1.0

PUTS_IN = {
    "serial-derived": {
        "overhear-pairing",
        "take-part",
        "stand-between",
        "and careless",
        "learn-code",
        "link-unattended",
    },
    "just-works": {
        "take-part",
        "stand-between",
        "and careless",
        "learn-code",
        "link-unattended",
    },
    "passkey": {"see-code", "learn-code", "link-unattended"},
    "numeric-comparison": {"and careless", "link-unattended"},
    "pake": {"see-code", "link-unattended"},
    "oob": {"link-unattended"},
}
"""Against which method which attack puts insulin in.  ``and careless`` is to stand between
while the person takes differing digits for the same; ``see-code`` and ``learn-code`` are each
followed by taking part, and the latter meets a person who types a code again and devices that
never lock."""

ABLE: dict[str, dict[str, Any]] = {
    "see-code": {
        "attacker__capabilities": ["antenna", "sight"],
        "attacker__step": [{"do": "see-code", "give_up_after": "8h"}, {"do": "take-part"}],
    },
    "learn-code": {
        "attacker__step": [{"do": "learn-code"}, {"do": "take-part"}],
        "link__lockout_after": 0,
        "link__pairing_window": "10min",
    },
    "link-unattended": {
        "attacker__capabilities": ["antenna", "touch"],
        "attacker__step": [{"do": "link-unattended"}],
        "unattended": [{"device": "pump", "from": "12:40", "until": "12:45"}],
    },
}
"""What else an attack takes."""


@pytest.fixture(scope="module", name="near")
def _near(cafe: Cafe) -> Cafe:
    """The cafe with the attacker at the same table, where hardly a frame is lost."""
    return lambda **changes: cafe(attacker__distance_m=1.0, **changes)


def bolus(after: str = "45min") -> dict[str, Any]:
    """Return the step that asks the pump for a bolus, at a time when no own one runs."""
    return {"do": "remote-bolus", "after": after, "units": UNITS}


def attackers_units(trace: Trace) -> float:
    """Return the units that the attacker is behind."""
    return units_by_origin(trace)[Origin.ATTACKER] / NANOUNITS_PER_UNIT


def passed(trace: Trace, gate: str) -> list[bool]:
    """Return whether a gate was passed, each time that a step came to it."""
    return [event.passed for _, event in trace.of(Attacked) if event.gate == gate]


def devices_linked(trace: Trace) -> list[str]:
    """Return which devices ended a linking with a link."""
    return [event.device for _, event in trace.of(Linked)]


def test_the_table_names_every_method() -> None:
    """Whoever adds a pairing method says which attack puts insulin in."""
    assert set(PUTS_IN) == {name for name in PAIRINGS if not name.startswith("example")}


@pytest.mark.parametrize(
    "attack", ["overhear-pairing", "take-part", "stand-between", "careless", *ABLE]
)
@pytest.mark.parametrize("method", sorted(PUTS_IN))
def test_an_attack_puts_insulin_in_or_not(
    near: Cafe, attacked: Attack, method: str, attack: str
) -> None:
    """All of the attacker's dose goes in where the method is open to the attack, else nothing."""
    careless = attack == "careless"
    able = ABLE.get(attack, {})
    steps = able.get("attacker__step", [{"do": "stand-between" if careless else attack}])
    scenario = near(
        **{
            "link__pairing": method,
            **able,
            "attacker__step": [*steps, bolus()],
            "patient__behaviour": {
                **BEHAVIOUR,
                "accept_mismatch": CARELESS if careless else CAREFUL,
                "retype_code": 1.0 if attack == "learn-code" else 0.0,
            },
        }
    )
    expected = UNITS if ("and careless" if careless else attack) in PUTS_IN[method] else 0.0
    found = [attackers_units(attacked(scenario, replicate)) for replicate in REPLICATES]
    assert found == [expected] * len(REPLICATES)


@pytest.mark.parametrize("method", sorted(PUTS_IN))
def test_the_twin_gets_nothing_of_the_attackers(near: Cafe, method: str) -> None:
    """By every method the same day without the attacker links pump and meter, and has no dose."""
    scenario = near(link__pairing=method, attacker__step=[{"do": "take-part"}, bolus()])
    twin = live(scenario, 0, attack=False)
    assert devices_linked(twin) == ["pump", "meter"] or devices_linked(twin) == ["meter", "pump"]
    assert attackers_units(twin) == 0.0


@pytest.mark.parametrize("method", sorted(set(PUTS_IN) - {"serial-derived", "just-works"}))
def test_who_is_refused_holds_no_link(near: Cafe, attacked: Attack, method: str) -> None:
    """An attacker who takes part and is refused is not linked with the pump, and has no key."""
    scenario = near(link__pairing=method, attacker__step=[{"do": "take-part"}, bolus()])
    for replicate in REPLICATES:
        trace = attacked(scenario, replicate)
        assert passed(trace, "linked with the pump") == [False]
        assert passed(trace, "knows whom to address") == [False]


# Standing between -------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["just-works", "numeric-comparison", "serial-derived"])
def test_a_relayed_bolus_stays_the_persons(near: Cafe, attacked: Attack, method: str) -> None:
    """What the person asks for on the meter is the person's, though the attacker hands it on."""
    scenario = near(
        link__pairing=method,
        attacker__step=[{"do": "stand-between"}],
        patient__behaviour={**BEHAVIOUR, "accept_mismatch": CARELESS},
    )
    relayed = 0
    for replicate in range(6):
        trace = attacked(scenario, replicate)
        assert passed(trace, "stands between") == [True]
        assert attackers_units(trace) == 0.0
        for given in boluses(trace):
            nodes = [e.node for e in trace.causes(given.position) if isinstance(e, FrameSent)]
            if "attacker" in nodes:
                assert nodes == ["attacker", "meter"]
                assert given.origin is Origin.REMOTE
                assert given.delivered_nU == given.requested_nU
                relayed += 1
    assert relayed >= 3


def test_standing_between_hides_nothing_from_the_careful(near: Cafe, attacked: Attack) -> None:
    """A person who says that the digits differ ends both linkings, and no device is linked."""
    scenario = near(
        link__pairing="numeric-comparison",
        attacker__step=[{"do": "stand-between"}, bolus()],
        patient__behaviour={**BEHAVIOUR, "accept_mismatch": CAREFUL},
    )
    for replicate in REPLICATES:
        trace = attacked(scenario, replicate)
        assert devices_linked(trace) == []
        assert passed(trace, "stands between") == [False]


# Channels ---------------------------------------------------------------------------------

REPLAY = {"do": "replay", "wait": "45min"}


@pytest.mark.parametrize(
    ("channel", "works"), [("plaintext", True), ("mac-no-counter", True), ("aead-counter", False)]
)
def test_a_replay_works_where_nothing_tells_old_from_new(
    near: Cafe, attacked: Attack, channel: str, works: bool
) -> None:
    """A bolus request heard at lunch and sent again is carried out unless a counter stops it."""
    scenario = near(
        link__pairing="oob",
        link__channel=channel,
        attacker__step=[REPLAY],
        patient__behaviour=BEHAVIOUR,
    )
    replayed = 0
    for replicate in range(8):
        trace = attacked(scenario, replicate)
        frames = [(at, event.data) for at, event in trace.of(FrameSent) if event.node == "attacker"]
        for at, data in frames:
            genuine = [e.data for _, e in trace.of(FrameSent) if e.node == "meter"]
            assert data in genuine
            replayed += 1
            started = [p for p, e in trace.of(BolusStarted) if at in _positions(trace, p)]
            assert bool(started) == works
        assert (attackers_units(trace) > 0.0) == (works and bool(frames))
    assert replayed >= 3


def _positions(trace: Trace, position: int) -> list[int]:
    """Return the positions of an event's causes, back to the root."""
    found = []
    while position >= 0:
        found.append(position)
        position = trace.events[position].cause
    return found


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_forging_without_a_key_works_only_in_the_clear(
    near: Cafe, attacked: Attack, channel: str
) -> None:
    """A request under a key of the attacker's making is carried out only where none is asked."""
    scenario = near(
        link__pairing="oob",
        link__channel=channel,
        attacker__step=[{"do": "overhear-pairing"}, bolus()],
        patient__behaviour=BEHAVIOUR,
    )
    expected = UNITS if channel == "plaintext" else 0.0
    for replicate in REPLICATES:
        trace = attacked(scenario, replicate)
        assert passed(trace, "computed the link key") == [False]
        assert attackers_units(trace) == expected


@pytest.mark.parametrize("channel", ["mac-no-counter", "aead-counter"])
def test_with_the_key_every_channel_is_open(near: Cafe, attacked: Attack, channel: str) -> None:
    """No channel keeps out who holds the key of the link."""
    scenario = near(
        link__channel=channel,
        attacker__step=[{"do": "overhear-pairing"}, bolus()],
        patient__behaviour=BEHAVIOUR,
    )
    for replicate in REPLICATES:
        assert attackers_units(attacked(scenario, replicate)) == UNITS


# Key rotation -----------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "units"), [("2min", UNITS), ("45min", 0.0)])
def test_a_rotated_key_shuts_a_listener_out(
    near: Cafe, attacked: Attack, after: str, units: float
) -> None:
    """Who has the key from the linking is let in until it is rotated, and refused afterwards."""
    scenario = near(
        link__rotate_keys_every="20min",  # at 12:20, ten minutes after the linking
        attacker__step=[{"do": "overhear-pairing"}, bolus(after)],
        patient__behaviour=BEHAVIOUR,
    )
    for replicate in REPLICATES:
        trace = attacked(scenario, replicate)
        assert passed(trace, "computed the link key") == [True]
        assert attackers_units(trace) == units


def test_a_rotation_does_not_shut_out_who_is_linked(near: Cafe, attacked: Attack) -> None:
    """Who took part in the linking is a peer like any other, whose key is rotated or kept."""
    scenario = near(
        link__pairing="just-works",
        link__rotate_keys_every="20min",
        attacker__step=[{"do": "take-part"}, bolus()],
        patient__behaviour=BEHAVIOUR,
    )
    for replicate in REPLICATES:
        assert attackers_units(attacked(scenario, replicate)) == UNITS


def test_who_overhears_takes_no_part(near: Cafe, attacked: Attack) -> None:
    """Whatever the method, an attacker that overhears sends no pairing message of its own."""
    for method in sorted(PUTS_IN):
        trace = attacked(
            near(link__pairing=method, attacker__step=[{"do": "overhear-pairing"}, bolus()])
        )
        own = [event.data for _, event in trace.of(FrameSent) if event.node == "attacker"]
        assert all(decode_header(data)[0] != PAIRING for data in own)
        assert all(len(data) > HEADER_BYTES for data in own)
