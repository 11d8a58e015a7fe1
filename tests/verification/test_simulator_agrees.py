"""The simulated attacker gets a command accepted if and only if the search found an attack.

Every method, channel, ability and person is lived by the people and devices of the simulator in
the cafe, with an attacker at the same table who tries all the steps that its ability allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from testbed.api import load
from testbed.outcomes import Origin, units_by_origin
from testbed.protocol.channels import CHANNELS
from testbed.protocol.vectors import built_in
from testbed.scenario import Scenario
from testbed.trace import Attacked
from testbed.verification.abilities import Person
from testbed.verification.channel_use import AUTHENTICITY, FRESHNESS
from testbed.verification.verify import BROKEN, HOLDS, Row
from testbed.world import live

CAFE = Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml"
REPLICATES = range(3)

BOLUS = {"do": "remote-bolus", "after": "45min", "units": 5.0}
OVERHEAR = {"do": "overhear-pairing"}
TAKE_PART = {"do": "take-part"}
LEARN_CODE = {"do": "learn-code"}
BETWEEN = {"do": "stand-between"}

Strategy = dict[str, Any]

_PASSIVE: list[Strategy] = [
    # The second linking puts a new key in the place of the first one's.
    {"attacker.step": [OVERHEAR, OVERHEAR, BOLUS]},
]
_ACTIVE: list[Strategy] = [
    *_PASSIVE,
    {"attacker.step": [TAKE_PART, BOLUS]},
    {"attacker.step": [BETWEEN, BOLUS]},
    {"attacker.step": [OVERHEAR, TAKE_PART, BOLUS]},
    {"attacker.step": [LEARN_CODE, TAKE_PART, BOLUS], "link.pairing_window": "10min"},
]
_SEEN: list[Strategy] = [
    *_ACTIVE,
    {
        "attacker.capabilities": ["antenna", "sight"],
        "attacker.step": [{"do": "see-code"}, TAKE_PART, BOLUS],
    },
]
STRATEGIES: dict[str, list[Strategy]] = {
    "serial": [
        # It comes when the devices are linked, and hears them speak.
        {"attacker.from": "12:20", "attacker.step": [{"do": "overhear-command"}, BOLUS]},
    ],
    "passive": _PASSIVE,
    "active": _ACTIVE,
    "code-seen": _SEEN,
    "touch": [
        *_SEEN,
        {
            "attacker.capabilities": ["antenna", "touch"],
            "attacker.step": [{"do": "link-unattended"}, BOLUS],
            "unattended": [{"device": "pump", "from": "12:40", "until": "12:45"}],
        },
    ],
}
"""What a simulated attacker can do with each ability."""


@pytest.fixture(scope="module", name="day")
def _day() -> Callable[[Row, str, Strategy], Scenario]:
    """The means to make the day that a row is about."""
    cafe = load(CAFE)

    def make(row: Row, channel: str, strategy: Strategy) -> Scenario:
        careless = float(row.person is Person.CARELESS)
        return cafe.patched(
            {
                "radio.shadowing_sd_dB": 0.0,
                "attacker.distance_m": 1.0,
                "attacker.from": "12:08",
                "link.pairing": row.method,
                "link.channel": channel,
                "link.reuse_code": row.reused,
                "link.lockout_after": 0,
                # Linked twice, as in the search.
                "pairing": [{"device": "meter", "at": "12:10"}, {"device": "meter", "at": "12:25"}],
                "patient.behaviour": {
                    "missed_bolus": 0.0,
                    "remote_bolus_use": 0.8,
                    "cancel_unexpected_bolus": 0.0,
                    "accept_mismatch": careless,
                    "retype_code": careless,
                },
                **strategy,
            }
        )

    return make


def attackers_units(scenario: Scenario) -> int:
    """Return how much insulin the attacker is behind in some replicates of a day."""
    return sum(
        units_by_origin(live(scenario, replicate, attack=True))[Origin.ATTACKER]
        for replicate in REPLICATES
    )


def disagreements(
    rows: list[Row], worked: Callable[[Row, str], bool], goal: str
) -> Iterator[tuple[str, str, str, bool]]:
    """Yield where the simulator and the search do not agree."""
    for row in rows:
        for channel in CHANNELS:
            says = row.channels[channel][goal].says
            assert says in (BROKEN, HOLDS), "a bound that is hit decides nothing"
            exists = says == BROKEN
            if worked(row, channel) != exists:
                yield row.name, f"{row.ability} {row.person}", channel, exists


@pytest.mark.parametrize("method", sorted(method.name for method in built_in()))
def test_a_command_of_the_attackers_is_accepted_if_and_only_if_the_search_finds_how(
    rows: list[Row], day: Callable[[Row, str, Strategy], Scenario], method: str
) -> None:
    """Some step of the simulator's does what the search found, and none does what it did not."""

    def worked(row: Row, channel: str) -> bool:
        strategies = STRATEGIES[row.ability]
        return any(attackers_units(day(row, channel, each)) for each in strategies)

    own = [row for row in rows if row.method == method]
    assert list(disagreements(own, worked, AUTHENTICITY)) == []


def test_a_replayed_command_is_accepted_if_and_only_if_the_search_finds_how(
    rows: list[Row], day: Callable[[Row, str, Strategy], Scenario]
) -> None:
    """Where no key is known, a replay works over just those channels on which it was found."""
    replay = {"attacker.step": [{"do": "replay", "wait": "45min"}]}
    unknown = [row for row in rows if row.channels["aead-counter"][FRESHNESS].says != BROKEN]

    def worked(row: Row, channel: str) -> bool:
        return attackers_units(day(row, channel, replay)) > 0

    some = [row for row in unknown if row.ability == "passive"]
    assert len(some) >= 6
    assert list(disagreements(some, worked, FRESHNESS)) == []


def test_the_key_is_computed_if_and_only_if_the_search_finds_how(
    rows: list[Row], day: Callable[[Row, str, Strategy], Scenario]
) -> None:
    """Who overhears a linking has the key of those methods of which a listener has it."""
    for row in rows:
        if row.ability == "passive":
            trace = live(day(row, "aead-counter", _PASSIVE[0]), 0, attack=True)
            gates = [e.passed for _, e in trace.of(Attacked) if e.gate == "computed the link key"]
            assert gates == [row.goals["key secrecy"].says == BROKEN] * 2
