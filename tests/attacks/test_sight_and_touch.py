"""Seeing a code on a screen, and handling a pump that its owner has out of sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.api import load
from testbed.attacks import CAPABILITIES, STEPS
from testbed.outcomes import Origin, units_by_origin
from testbed.protocol.pairings import PAIRINGS
from testbed.scenario import Scenario, ScenarioError
from testbed.trace import Acted, Attacked, FrameSent, Linked, Moved, PairingOpened, Trace
from testbed.units import US_PER_S
from testbed.world import live

Cafe = Callable[..., Scenario]
Attack = Callable[..., Trace]

CAFE = Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml"
BEHAVIOUR = {"missed_bolus": 0.0, "remote_bolus_use": 0.8, "cancel_unexpected_bolus": 0.0}
SEE = [
    {"do": "see-code", "give_up_after": "6h 30min"},
    {"do": "take-part", "give_up_after": "3min"},
    {"do": "remote-bolus", "after": "45min", "units": 5},
]
LINK = [
    {"do": "link-unattended", "give_up_after": "7h"},
    {"do": "remote-bolus", "after": "10min", "units": 5},
]
LEFT = [{"device": "pump", "from": "12:40", "until": "12:45"}]
ANYONES = ("passkey", "oob")


@pytest.fixture(scope="module", name="near")
def _near(cafe: Cafe) -> Cafe:
    """The cafe with an attacker at the same table who can do what a step may need."""

    def make(**changes: Any) -> Scenario:
        return cafe(
            **{
                "attacker__distance_m": 1.0,
                "attacker__capabilities": ["antenna", "sight", "touch"],
                "link__pairing": "passkey",
                "patient__behaviour": BEHAVIOUR,
                **changes,
            }
        )

    return make


def attackers_units(trace: Trace) -> float:
    """Return the units that the attacker is behind."""
    return units_by_origin(trace)[Origin.ATTACKER] / 1e9


def gates_of(trace: Trace, step: str) -> list[tuple[str, bool, str]]:
    """Return the gates of a step: which, whether it was passed, and the note."""
    return [(e.gate, e.passed, e.note) for _, e in trace.of(Attacked) if e.step == step]


# A code on a screen -----------------------------------------------------------------------

UNSEEN: dict[str, tuple[dict[str, Any], str]] = {
    "too far to read": ({"attacker__distance_m": 4.0}, "no code in view"),
    "in another place": ({"attacker__place": "gym"}, "no code in view"),
    "come too late": ({"attacker__from": "12:20"}, "no code in view"),
    "a method without a code": ({"link__pairing": "oob"}, "no code in view"),
    "a slow reader": (
        {"attacker__step": [{**SEE[0], "read_s": 15.0}, *SEE[1:]]},
        "it was gone before it was read",
    ),
}


@pytest.mark.parametrize("why", sorted(UNSEEN))
def test_who_did_not_see_the_code_gets_nothing(near: Cafe, attacked: Attack, why: str) -> None:
    """Without a code in view for as long as reading takes, the gate says why, and 0 U go in."""
    changes, note = UNSEEN[why]
    trace = attacked(near(**{"attacker__step": SEE, **changes}))
    gate, passed, said = gates_of(trace, "see-code")[-1]
    assert (passed, said) == (False, note)
    assert gate in STEPS["see-code"].gates
    assert {event.device for _, event in trace.of(Linked)} == {"pump", "meter"}
    assert attackers_units(trace) == 0.0


@pytest.mark.parametrize("sight_m", [3.9, 4.1])
def test_a_screen_is_read_from_as_far_as_the_setting_says(
    near: Cafe, attacked: Attack, sight_m: float
) -> None:
    """From 4 m the code is read if sight reaches 4.1 m, and not if it reaches 3.9 m."""
    scenario = near(attacker__step=SEE, attacker__distance_m=4.0, attacker__sight_m=sight_m)
    assert gates_of(attacked(scenario), "see-code")[-1][1] == (sight_m > 4.0)


def test_the_code_is_read_before_anybody_types_it(near: Cafe, attacked: Attack) -> None:
    """The attacker has the code as long after it is shown as reading it takes."""
    trace = attacked(near(attacker__step=SEE))
    (opened,) = [e.t for _, e in trace.of(PairingOpened) if e.device == "pump"]
    assert [(e.gate, e.t - opened) for _, e in trace.of(Attacked) if e.step == "see-code"] == [
        ("a code is shown in view", 0),
        ("read the code", 2 * US_PER_S),
    ]


def test_a_code_seen_once_is_good_for_good_where_it_is_used_again(
    near: Cafe, attacked: Attack
) -> None:
    """Who saw a code that never changes lets itself in at the next linking, and else cannot."""
    for reuse in (True, False):
        scenario = near(
            link__reuse_code=reuse,
            pairing=[{"device": "meter", "at": "12:10"}, {"device": "meter", "at": "12:30"}],
            attacker__step=[SEE[0], {"do": "take-part", "after": "10min"}, SEE[2]],
        )
        assert attackers_units(attacked(scenario)) == (5.0 if reuse else 0.0)


# A pump out of sight ----------------------------------------------------------------------

UNTOUCHED: dict[str, tuple[dict[str, Any], str, str]] = {
    "never left": (
        {"unattended": []},
        "an unattended pump in reach",
        "no unattended pump in reach",
    ),
    "left in another place": (
        {"attacker__place": "gym"},
        "an unattended pump in reach",
        "no unattended pump in reach",
    ),
    "gone before": (
        {"attacker__until": "12:30"},
        "an unattended pump in reach",
        "no unattended pump in reach",
    ),
    "taken back": (
        {"attacker__step": [{**LINK[0], "handle_s": 400.0}, LINK[1]]},
        "put it into pairing mode",
        "its owner had an eye on it again",
    ),
}


@pytest.mark.parametrize("method", ANYONES)
@pytest.mark.parametrize("why", sorted(UNTOUCHED))
def test_who_cannot_get_hold_of_the_pump_gets_nothing(
    near: Cafe, attacked: Attack, why: str, method: str
) -> None:
    """A pump that is not in reach and unattended for long enough is not opened, nor linked."""
    changes, gate, note = UNTOUCHED[why]
    written = {"attacker__step": LINK, "unattended": LEFT, "link__pairing": method, **changes}
    trace = attacked(near(**written))
    assert gates_of(trace, "link-unattended")[-1] == (gate, False, note)
    assert [e.device for _, e in trace.of(PairingOpened)].count("pump") == 1
    assert [e.device for _, e in trace.of(Linked)].count("pump") == 1
    assert attackers_units(trace) == 0.0


@pytest.mark.parametrize("method", sorted(PAIRINGS))
def test_the_attackers_link_is_its_own_doing(near: Cafe, attacked: Attack, method: str) -> None:
    """The rogue link follows from the attacker's gate, and the owner's own link stays."""
    scenario = near(attacker__step=LINK, unattended=LEFT, link__pairing=method)
    trace = attacked(scenario)
    *_, (at, last) = trace.of(Linked)
    assert (last.device, last.peer) == ("pump", "meter")
    assert any(isinstance(event, Attacked) for event in trace.causes(at))
    assert not any(isinstance(event, Acted) for event in trace.causes(at))
    gates = gates_of(trace, "link-unattended")
    assert [gate for gate, _, _ in gates] == list(STEPS["link-unattended"].gates)
    assert all(passed for _, passed, _ in gates)


def test_a_rogue_device_has_the_rights_of_its_kind(near: Cafe, attacked: Attack) -> None:
    """Linked as a CGM the rogue device cannot ask for a bolus: its request is refused."""
    step = {**LINK[0], "device": "cgm"}
    trace = attacked(near(attacker__step=[step, LINK[1]], unattended=LEFT))
    assert gates_of(trace, "link-unattended")[-1][1]
    assert gates_of(trace, "remote-bolus")[-1][:2] == ("command accepted", False)
    assert attackers_units(trace) == 0.0


def test_the_attacker_goes_to_the_pump_and_back(near: Cafe, attacked: Attack) -> None:
    """From across the cafe no frame arrives, but with the pump in hand the linking succeeds."""
    far = near(attacker__step=LINK, unattended=LEFT, attacker__distance_m=300.0)
    trace = attacked(far)
    assert gates_of(trace, "link-unattended")[-1][1]
    assert gates_of(trace, "remote-bolus")[-1] == (
        "command accepted",
        False,
        "no answer that verifies",
    )


@pytest.mark.parametrize("hours", [24, 72])
def test_an_unattended_time_comes_every_day(near: Cafe, hours: int) -> None:
    """The pump is left and looked after again once a day, as the scenario says."""
    trace = live(near(unattended=LEFT, time__duration=f"{hours}h"), 0, attack=False)
    acts = [event.act for _, event in trace.of(Acted) if "the pump" in event.act]
    both = ["leave the pump unattended", "look after the pump again"]
    assert [act for act in acts if act in both] == both * (hours // 24)


# Without a capability ---------------------------------------------------------------------

quick = settings(derandomize=True, deadline=None, max_examples=40)


@quick
@given(
    given_=st.sets(st.sampled_from(CAPABILITIES)),
    steps=st.sampled_from([SEE, LINK]),
    method=st.sampled_from(["passkey", "pake", "oob", "numeric-comparison"]),
    replicate=st.integers(0, 50),
)
def test_who_is_not_given_a_capability_cannot(
    near: Cafe,
    attacked: Attack,
    given_: set[str],
    steps: list[dict[str, Any]],
    method: str,
    replicate: int,
) -> None:
    """Without the capability that its step needs, the attacker has no link and no units."""
    needed = {"sight" if steps is SEE else "touch", "antenna"}
    scenario = near(
        attacker__step=steps,
        attacker__capabilities=sorted(given_),
        unattended=LEFT,
        link__pairing=method,
    )
    units = attackers_units(attacked(scenario, replicate))
    works = needed <= given_ and (steps is LINK or method in ("passkey", "pake"))
    assert units == (5.0 if works else 0.0)


@pytest.mark.parametrize(("step", "missing"), [("see-code", "sight"), ("link-unattended", "touch")])
def test_a_step_without_its_capability_is_an_error_of_the_file(
    tmp_path: Path, step: str, missing: str
) -> None:
    """A scenario whose attacker lacks what a step needs is refused, with line and remedy."""
    text = CAFE.read_text("utf-8").replace('do = "overhear-pairing"', f'do = "{step}"')
    path = tmp_path / "cafe.toml"
    path.write_text(text, "utf-8")
    line = 1 + text.splitlines().index(f'do = "{step}"')
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}:{line}: attacker.step[1].do: expected a step that the attacker's capabilities "
        f'allow, found "{step}", it needs {missing}; attacker.capabilities gives antenna'
    )


# The twin ---------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [SEE, LINK], ids=["see-code", "link-unattended"])
def test_the_twin_knows_nothing_of_the_attacker(near: Cafe, steps: list[dict[str, Any]]) -> None:
    """Capabilities and steps move nothing of the day without the attacker."""
    with_ = near(attacker__step=steps, unattended=LEFT)
    without = near(attacker__capabilities=["antenna"], unattended=LEFT)
    twins = [live(each, 0, attack=False) for each in (with_, without)]
    assert twins[0].jsonl() == twins[1].jsonl()
    assert not any(
        isinstance(event, Attacked) or (isinstance(event, FrameSent) and event.node == "attacker")
        for event in twins[0]
    )


def test_leaving_the_pump_moves_nothing_else(near: Cafe) -> None:
    """Without an attacker a day with an unattended pump is the day with one that is not."""
    left, kept = (live(near(unattended=each), 0, attack=False) for each in (LEFT, []))
    assert (left.insulin_nU == kept.insulin_nU).all()
    assert (left.plasma_mgdl == kept.plasma_mgdl).all()
    assert [e for _, e in left.of(Moved)] == [e for _, e in kept.of(Moved)]
    assert len(left) == len(kept) + 2
