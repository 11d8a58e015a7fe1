"""What a precaution does and leaves alone in whole runs, by exact rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import Origin, units_by_origin
from testbed.scenario import Scenario
from testbed.trace import FrameSent, Noticed, PairingOpened, Trace
from testbed.world import live

quick = settings(derandomize=True, deadline=None, max_examples=80)

Afternoon = Callable[..., Scenario]
Scenarios = st.SearchStrategy[Scenario]

OFF = MITIGATIONS["remote-bolus-off"]
PRIVATE = MITIGATIONS["pair-in-private"]
CANCEL = MITIGATIONS["cancel-unexpected-bolus"]


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_cancelling_is_free_when_nobody_attacks(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """Without an attacker, to cancel unexpected boluses leaves the trace as it is."""
    scenario = data.draw(scenarios)
    twin = live(scenario, replicate, attack=False)
    assert live(CANCEL.apply(scenario), replicate, attack=False).jsonl() == twin.jsonl()


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_remote_bolus_off_is_free_for_who_never_uses_it(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """For a wearer who never asks on the meter, to turn it off leaves the trace as it is."""
    scenario = data.draw(scenarios).patched({"patient.behaviour.remote_bolus_use": 0.0})
    twin = live(scenario, replicate, attack=False)
    assert live(OFF.apply(scenario), replicate, attack=False).jsonl() == twin.jsonl()


@quick
@given(data=st.data(), replicate=st.integers(0, 40), attack=st.booleans())
def test_pairing_in_private_is_free_for_who_does(
    scenarios: Scenarios, data: st.DataObject, replicate: int, attack: bool
) -> None:
    """Where the linking is in private anyway, the advice leaves the trace as it is."""
    scenario = data.draw(scenarios).patched(
        {"stay": [{"from": "13:00", "place": "cafe"}], "time.start": "08:00"}
    )
    trace = live(scenario, replicate, attack=attack)
    assert live(PRIVATE.apply(scenario), replicate, attack=attack).jsonl() == trace.jsonl()


def test_pairing_in_private_waits_for_a_private_place(afternoon: Afternoon) -> None:
    """A wearer who takes the advice links when home again, and the stranger hears nothing."""
    for replicate in range(10):
        trace = live(PRIVATE.apply(afternoon()), replicate, attack=True)
        opened = [event.t // 60_000_000 for _, event in trace.of(PairingOpened)]
        assert set(opened) == {150}
        assert units_by_origin(trace)[Origin.ATTACKER] == 0


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_cancelling_does_not_change_what_is_noticed_first(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """The advice to cancel changes nothing up to the first unexpected bolus noticed."""
    scenario = data.draw(scenarios)
    before = live(scenario, replicate, attack=True)
    after = live(CANCEL.apply(scenario), replicate, attack=True)

    def first_notice(trace: Trace) -> int:
        return next(
            (
                at + 1
                for at, event in trace.of(Noticed)
                if not event.expected and event.kind == "remote-bolus-started"
            ),
            len(trace),
        )

    assert first_notice(before) == first_notice(after)
    assert before.events[: first_notice(before)] == after.events[: first_notice(after)]


@quick
@given(data=st.data(), replicate=st.integers(0, 40))
def test_cancelling_never_lets_more_of_the_attackers_insulin_in(
    scenarios: Scenarios, data: st.DataObject, replicate: int
) -> None:
    """With one unauthorized request, to cancel never adds to the units of the attacker."""
    scenario = data.draw(scenarios)
    before = units_by_origin(live(scenario, replicate, attack=True))
    after = units_by_origin(live(CANCEL.apply(scenario), replicate, attack=True))
    requests = [step for step in scenario.written["attacker"]["step"] if step["do"] != "replay"]
    if len(requests) == len(scenario.written["attacker"]["step"]) and (
        sum(step["do"] == "remote-bolus" for step in requests) == 1
    ):
        assert after[Origin.ATTACKER] <= before[Origin.ATTACKER]


@pytest.mark.parametrize("name", sorted(MITIGATIONS))
def test_no_precaution_stops_readings(afternoon: Afternoon, name: str) -> None:
    """With any one precaution the transmitter sends its readings as before, and maybe more."""
    scenario = afternoon()

    def frames(trace: Trace) -> list[int]:
        return [event.t for _, event in trace.of(FrameSent) if event.node == "cgm"]

    with_it = live(MITIGATIONS[name].apply(scenario), 0, attack=False)
    assert set(frames(live(scenario, 0, attack=False))) <= set(frames(with_it))
