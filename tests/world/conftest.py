"""Random scenarios of a few hours: a linking in public, a meal, and perhaps a stranger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from testbed.devices import THERAPIES
from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.scenario import Scenario
from testbed.trace import AnyEvent, Attacked, FrameLost, FrameOverheard, Trace

ATTACKS = (
    ("overhear-pairing",),
    ("overhear-pairing",),
    ("take-part",),
    ("stand-between",),
    ("replay",),
    ("overhear-pairing", "take-part"),
)
"""What comes before the request, by the names of the steps."""
REMOTE_BOLUS = {"do": "remote-bolus", "after": "20min", "units": 4.0}

WRITTEN: dict[str, Any] = {
    "title": "An afternoon with a stranger",
    "time": {"start": "11:00", "duration": "3h"},
    "meal": [{"at": "12:30", "carbs_g": 70}],
    "stay": [
        {"from": "11:30", "place": "cafe", "until": "13:30"},
    ],
    "pairing": [{"device": "meter", "at": "12:00"}],
    "patient": {"cohort": "all", "behaviour": {"remote_bolus_use": 0.5}},
    "radio": {"shadowing_sd_dB": 0.0},
    "attacker": {
        "place": "cafe",
        "distance_m": 3.0,
        "step": [{"do": "overhear-pairing"}, REMOTE_BOLUS],
    },
    "study": {
        "seed": 7,
        "replicates": 2,
        "baseline": "as-shipped",
        "arms": {
            "as-shipped": [],
            "remote-bolus-off": ["remote-bolus-off"],
            "pair-in-private": ["pair-in-private"],
            "cancel-unexpected-bolus": ["cancel-unexpected-bolus"],
            "all-advice": ["@advice"],
        },
    },
}


def afternoon(**changes: Any) -> Scenario:
    """Return the afternoon with some settings changed; ``__`` stands for a dot in a key."""
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    return Scenario.from_written(WRITTEN, "afternoon").patched(dotted)


@st.composite
def random_scenarios(draw: st.DrawFn) -> Scenario:
    """Draw an afternoon: radio, people, pump, link and attack all drawn."""
    recipe = draw(st.sampled_from(ATTACKS))
    units = draw(st.sampled_from([0.05, 1.0, 4.0, 10.0, 30.0]))
    after = draw(st.sampled_from(["0s", "1min", "20min", "45min"]))
    attack: list[dict[str, Any]] = [{"do": name, "give_up_after": "3min"} for name in recipe]
    listens = recipe[0] in ("overhear-pairing", "replay")
    if listens:
        attack[0]["give_up_after"] = "2h"
    attack.append({"do": "remote-bolus", "units": units, "after": after})
    return afternoon(
        time__start=draw(st.sampled_from(["11:00", "11:29", "10:17"])),
        time__duration=f"{draw(st.sampled_from([240, 181, 152, 121]))}min",
        study__seed=draw(st.integers(0, 2**64 - 1)),
        link__pairing=draw(st.sampled_from(["serial-derived", "just-works", *sorted(PAIRINGS)])),
        link__channel=draw(st.sampled_from(sorted(CHANNELS))),
        pump__max_bolus_U=draw(st.sampled_from([1.0, 10.0, 25.0])),
        pump__bolus_U_per_min=draw(st.sampled_from([0.5, 1.5, 15.0])),
        pump__therapy=draw(st.sampled_from(["open-loop", "open-loop", *sorted(THERAPIES)])),
        pump__reservoir_U=draw(st.sampled_from([300.0, 300.0, 4.0])),
        pump__confirm_remote_bolus=draw(st.sampled_from([False, False, True])),
        patient__behaviour=draw(
            st.fixed_dictionaries(
                {
                    "remote_bolus_use": st.sampled_from([0.0, 0.5, 0.8]),
                    "pair_in_private": st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0]),
                    "accept_unexpected_prompt": st.sampled_from([0.005, 0.5]),
                    "accept_mismatch": st.sampled_from([0.0, 1.0]),
                }
            )
        ),
        radio__shadowing_sd_dB=draw(st.sampled_from([0.0, 4.0])),
        attacker__distance_m=draw(st.sampled_from([0.5, 3.0, 10.0, 40.0])),
        attacker__from="11:00" if listens else "11:59",
        attacker__gain_dB=draw(st.sampled_from([0.0, 10.0])),
        attacker__step=attack,
    )


def apart_from_the_attacker(trace: Trace, until_us: int | None = None) -> list[AnyEvent]:
    """Return a run's events without the attacker's own, causes left out.

    Args:
        trace: The run.
        until_us: Only events before this time, all if left out.
    """
    kept: list[Any] = []
    for event in trace:
        own = getattr(event, "node", None) == "attacker" or isinstance(
            event, (Attacked, FrameOverheard)
        )
        if (until_us is None or event.t < until_us) and not own:
            kept.append(without_cause(event))
    return kept


def without_cause(event: Any) -> Any:
    """Return an event without its cause, which is a position and moves with any other line."""
    return msgspec.structs.replace(event, cause=-1)


def first_act_of_the_attacker(trace: Trace) -> int | None:
    """Return when the attacker first put anything on the air, None if it never did."""
    return next(
        (
            event.t
            for event in trace
            if getattr(event, "node", None) == "attacker"
            and not isinstance(event, (FrameLost, FrameOverheard))
        ),
        None,
    )


@pytest.fixture(scope="session", name="afternoon")
def _afternoon() -> Callable[..., Scenario]:
    """The means to make an afternoon."""
    return afternoon


@pytest.fixture(scope="session", name="scenarios")
def _scenarios() -> st.SearchStrategy[Scenario]:
    """Random scenarios."""
    return random_scenarios()


@pytest.fixture(scope="session")
def others() -> Callable[..., list[AnyEvent]]:
    """The events of a run apart from the attacker's."""
    return apart_from_the_attacker


@pytest.fixture(scope="session")
def first_act() -> Callable[[Trace], int | None]:
    """When the attacker first acts."""
    return first_act_of_the_attacker
