"""Every step: what it states, and that what it writes down in a run is what it states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import pytest
from testbed.attacks import CAPABILITIES, STEPS, STRIDE, Step
from testbed.attacks.step import Process, Situation
from testbed.cli.catalogue import CATALOGUE
from testbed.scenario import Scenario
from testbed.trace import Attacked, Trace

Cafe = Callable[..., Scenario]
Attack = Callable[..., Trace]

QUIET = {"cancel_unexpected_bolus": 0.0, "missed_bolus": 0.0}
EAGER = {**QUIET, "accept_unexpected_prompt": 0.5, "answered_fast": 0.95, "never_answered": 0.0}
ON_METER = {**QUIET, "remote_bolus_use": 0.8}
HEAR = {"do": "overhear-pairing", "give_up_after": "7h"}
CGM = [{"device": "cgm", "at": "12:10"}]
LEFT = [{"device": "pump", "from": "12:40", "until": "12:45"}]
LUNCH = [{"at": "12:30", "carbs_g": 60}]
AT_NOON = "6h"

Story = dict[str, Any]
GOES_WELL: dict[str, tuple[list[Story], Story]] = {
    "overhear-pairing": ([HEAR], {}),
    "overhear-command": ([{"do": "overhear-command"}], {"meal": LUNCH, "behaviour": ON_METER}),
    "see-code": (
        [{"do": "see-code"}],
        {"link__pairing": "passkey", "attacker__capabilities": ["antenna", "sight"]},
    ),
    "learn-code": (
        [{"do": "learn-code"}],
        {
            "link__pairing": "passkey",
            "link__codes": 16,
            "link__lockout_after": 0,
            "behaviour": {**QUIET, "retype_code": 1.0},
        },
    ),
    "take-part": ([{"do": "take-part"}], {}),
    "stand-between": ([{"do": "stand-between"}], {}),
    "link-unattended": (
        [{"do": "link-unattended"}],
        {"unattended": LEFT, "attacker__capabilities": ["antenna", "touch"]},
    ),
    "request-link": (
        [{"do": "request-link", "after": AT_NOON, "times": 40}],
        {"pump__link_requests": True, "pairing": [], "behaviour": EAGER},
    ),
    "prompt-flooding": (
        [{"do": "prompt-flooding", "after": AT_NOON}],
        {"pump__link_requests": True, "pairing": [], "behaviour": EAGER},
    ),
    "known-serial": ([{"do": "known-serial"}], {"behaviour": {**QUIET, "shares_serials": 1.0}}),
    "third-party-device": (
        [{"do": "third-party-device"}],
        {"third_party__linked": True},
    ),
    "remote-bolus": ([HEAR, {"do": "remote-bolus", "after": "5min", "units": 2}], {}),
    "split-doses": (
        [HEAR, {"do": "split-doses", "after": "30min", "units": 1, "times": 3}],
        {"meal": []},
    ),
    "halt-delivery": ([HEAR, {"do": "halt-delivery"}], {"pump__remote_suspend": True}),
    "false-meter-reading": ([HEAR, {"do": "false-meter-reading", "mgdl": 300}], {}),
    "false-cgm-reading": ([HEAR, {"do": "false-cgm-reading", "mgdl": 300}], {"pairing": CGM}),
    "replay": (
        [{"do": "replay", "wait": "10min", "times": 2}],
        {"meal": LUNCH, "behaviour": ON_METER, "link__channel": "mac-no-counter", "pairing": []},
    ),
    "jam": ([{"do": "jam", "lasts": "7h"}], {}),
    "host-software": (
        [{"do": "host-software", "max_bolus_U": 1, "max_basal_U_per_h": 0.1}],
        {"attacker__capabilities": ["host"], "pump__remote_settings": True},
    ),
}
"""A story for each step in which it passes its gates: the steps, and what else is changed."""
OR_ELSE: dict[str, Story] = {"overhear-pairing": {"link__pairing": "passkey"}}
"""Changes to a story for a gate that only another method leads to: a code in place of a key."""


def story(cafe: Cafe, step: str, **changes: Any) -> Scenario:
    """Return the cafe with a step's story, and changes to that."""
    steps, how = GOES_WELL[step]
    how = {"attacker__distance_m": 1.0, "behaviour": QUIET, **how, **changes}
    return cafe(**{"patient__behaviour": how.pop("behaviour"), "attacker__step": steps, **how})


def come_to(trace: Trace, step: str) -> list[tuple[str, bool]]:
    """Return the gates that a step came to, and whether each was passed."""
    return [(e.gate, e.passed) for _, e in trace.of(Attacked) if e.step == step]


def test_every_step_has_a_story() -> None:
    """Whoever adds a step says in which story it passes its gates."""
    assert set(GOES_WELL) == {name for name in STEPS if not name.startswith("count-")}


@pytest.mark.parametrize("step", sorted(GOES_WELL))
def test_gates_are_passed_in_the_stated_order(cafe: Cafe, attacked: Attack, step: str) -> None:
    """In the runs of its story a step passes all of its gates, first ones first."""
    gates = STEPS[step].gates
    seen: set[str] = set()
    for changes in ({}, OR_ELSE.get(step, {})):
        for replicate in range(6):
            found = come_to(attacked(story(cafe, step, **changes), replicate), step)
            passed = list(dict.fromkeys(gate for gate, ok in found if ok))
            assert passed == sorted(passed, key=gates.index)
            seen |= set(passed)
            if seen == set(gates):
                return
    pytest.fail(f"{step}: expected {gates}, found {seen}")


HINDERED: dict[str, Story] = {
    "in its own way": {},
    "too far away": {"attacker__distance_m": 900.0},
    "a pairing by touch": {"link__pairing": "oob"},
    "as shipped, nothing allowed": {
        "pump__link_requests": False,
        "pump__remote_bolus": False,
        "pump__remote_suspend": False,
        "pump__remote_settings": False,
    },
    "nobody links anything": {"pairing": []},
}


@pytest.mark.parametrize("how", HINDERED)
@pytest.mark.parametrize("step", sorted(GOES_WELL))
def test_only_stated_gates_are_come_to(cafe: Cafe, attacked: Attack, step: str, how: str) -> None:
    """Whatever stops a step, it comes to stated gates alone, and first to the first."""
    gates = STEPS[step].gates
    for replicate in range(2):
        found = come_to(attacked(story(cafe, step, **HINDERED[how]), replicate), step)
        firsts = list(dict.fromkeys(gate for gate, _ in found))
        assert set(firsts) <= set(gates)
        assert firsts == sorted(firsts, key=gates.index)


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_states_what_it_is(step: str) -> None:
    """Preconditions are sentences, letters are of STRIDE, and ``testbed list`` shows both."""
    kind = STEPS[step]
    assert all(each.endswith(".") and each[0].isupper() for each in kind.preconditions)
    assert kind.stride <= set(STRIDE)
    assert kind.needs <= set(CAPABILITIES)
    (row,) = (row for row in CATALOGUE["attacks"]() if row["name"] == step)
    assert row["preconditions"] == list(kind.preconditions)
    assert row["stride"] == [words for letter, words in STRIDE.items() if letter in kind.stride]


class Whole(Step):
    """A step that states all that is asked for."""

    do: Literal["whole"] = "whole"
    preconditions: ClassVar[tuple[str, ...]] = ("Somebody is there.",)
    gates: ClassVar[tuple[str, ...]] = ("one", "two")
    stride: ClassVar[frozenset[str]] = frozenset("S")

    def run(self, situation: Situation) -> Process:
        """Do nothing."""
        yield from ()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("preconditions", ()),
        ("preconditions", "a text is no list of sentences"),
        ("gates", ()),
        ("gates", ("one", "one")),
        ("stride", frozenset()),
        ("stride", frozenset("X")),
        ("needs", frozenset({"luck"})),
    ],
)
def test_a_step_that_states_it_wrongly_is_refused(name: str, wrong: Any) -> None:
    """A class that leaves out or misstates what it is cannot be defined."""
    with pytest.raises(TypeError, match=f"Wrong.{name}: expected"):
        type("Wrong", (Whole,), {name: wrong, "__module__": __name__})


def test_every_letter_of_stride_is_somebodys() -> None:
    """There is a step for each kind of threat but repudiation, which no step adds to another."""
    letters = frozenset().union(*(step.stride for step in STEPS.values()))
    assert letters == set(STRIDE) - {"R"}
