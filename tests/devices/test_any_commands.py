"""Whatever is pressed, said over the air and sensed: the account holds, and so do the limits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import THERAPIES, PumpSettings
from testbed.outcomes import check_conservation, units_by_origin
from testbed.protocol.payloads import (
    BolusRequest,
    CgmReading,
    Payload,
    ResumeRequest,
    Setting,
    SettingRequest,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.protocol.roles import Role
from testbed.trace import (
    BasalChanged,
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    ExtraDelivered,
    SettingChanged,
    Trace,
)
from testbed.units import NANOUNITS_PER_UNIT as U
from testbed.units import US_PER_MIN

thorough = settings(derandomize=True, deadline=None, max_examples=150)

MakeRig = Callable[..., Any]
Plan = list[tuple[int, str, Any]]

MINUTES = 240
BASAL = 0.02
"""The programme's rate, U/min."""

numbers = st.integers(0, 2**16 - 1)
said: dict[str, st.SearchStrategy[Payload]] = {
    "meter": st.one_of(
        st.builds(BolusRequest, st.integers(0, 12_000), numbers),
        st.builds(SuspendRequest, numbers),
        st.builds(ResumeRequest, numbers),
        st.builds(
            TemporaryBasalRequest,
            st.integers(0, 2),
            st.integers(0, 400) | st.integers(0, 9_000),
            st.sampled_from([0, 1, 30, 200, 2000]),
            numbers,
        ),
    ),
    "usb": st.builds(
        SettingRequest, st.integers(0, 4), st.sampled_from([0, 60, 500, 3000, 40_000]), numbers
    ),
    "cgm": st.builds(CgmReading, st.integers(39, 400), numbers),
}
pressed = st.one_of(
    st.tuples(st.just("bolus"), st.floats(0.0, 12.0)),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("temporary rate"), st.tuples(st.floats(0.0, 6.0), st.integers(0, 100))),
    st.tuples(st.just("temporary percent"), st.tuples(st.floats(0, 400), st.integers(0, 100))),
    st.tuples(
        st.sampled_from(["cancel", "suspend", "resume", "end temporary", "new reservoir"]),
        st.none(),
    ),
)
commands = st.one_of(
    *(st.tuples(st.just(kind), payload) for kind, payload in said.items()), pressed
)
plans = st.lists(
    st.tuples(st.integers(0, MINUTES * US_PER_MIN - 1), commands).map(lambda c: (c[0], *c[1])),
    max_size=25,
)


def either(**on: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return a safeguard as shipped, or with some settings."""
    return st.sampled_from([{}, on])


CAPS = {"on": True, "single_U": 3.0, "remote_single_U": 1.0, "in_2h_U": 4.5, "in_24h_U": 6.0}
pumps = st.fixed_dictionaries(
    {
        "caps": either(**CAPS),
        "foresight": either(
            limits_on_board=True, most_on_board_U=4.0, refuses_predicted_low=True, largest_meal_g=60
        ),
        "habit": either(on=True, remembered=5, false_alarms=0.4),
        "prompts": either(limited=True, lock_for="20min"),
        "watchdog": either(on=True, rings_after="5min", resumes_after="20min", refuses_for="10min"),
        "plausibility": either(on=True),
        "hold_remote_bolus_for": st.sampled_from(["0s", "90s", "10min"]),
        "confirm_remote_bolus": st.sampled_from([False, False, False, True]),
        "confirm_remote_commands": st.sampled_from([False, False, False, True]),
        "therapy": st.sampled_from(sorted(THERAPIES)),
        "reservoir_U": st.sampled_from([0.0, 2.0, 8.0, 300.0]),
        "max_bolus_U": st.sampled_from([1.0, 10.0]),
        "max_basal_U_per_h": st.sampled_from([1.2, 2.0, 5.0]),
        "bolus_speed": st.sampled_from(["standard", "quick"]),
        "remote_suspend": st.booleans(),
        "remote_temp_basal": st.booleans(),
        "remote_settings": st.booleans(),
    }
)


def press(pump: Any, what: str, how: Any) -> None:
    """Press something on the pump."""
    if what == "bolus":
        pump.press_bolus(how, -1)
    elif what == "answer":
        pump.press_answer(how)
    elif what == "temporary rate":
        pump.press_temporary_rate(how[0], how[1] * US_PER_MIN, -1)
    elif what == "temporary percent":
        pump.press_temporary_percent(how[0], how[1] * US_PER_MIN, -1)
    else:
        getattr(pump, "press_" + what.replace(" ", "_"))(-1)


def carry_out(rig: Any, plan: Plan, linked: bool = True) -> Trace:
    """Do everything in a plan, from its peers and on its pump, and finish."""
    peers = {kind: rig.peer(kind, linked=linked) for kind in said}
    if not linked:
        for kind, peer in peers.items():  # each holds a key that the pump does not know
            peer.install("pump", rig.pump.endpoint.address, kind.ljust(32).encode(), Role.INITIATOR)
    for when, what, how in sorted(plan, key=lambda each: each[0]):
        rig.env.run_to(when)
        if what in peers:
            rig.say(peers[what], how)
        else:
            press(rig.pump, what, how)
    rig.finish()
    rig.body.advance(MINUTES)
    return Trace(
        rig.recorder.events(), rig.body.plasma_mgdl, rig.drive.insulin_nU, rig.body.carbs_g
    )


@thorough
@given(pumps, plans)
def test_every_nanounit_has_an_origin_and_came_out_of_a_reservoir(
    Rig: MakeRig, pump: dict[str, Any], plan: Plan
) -> None:
    """Origins sum to what was delivered; filled is delivered, discarded and left; no more."""
    rig = Rig(MINUTES, PumpSettings.model_validate(pump), basal_U_per_min=BASAL)
    trace = carry_out(rig, plan)
    check_conservation(trace)
    delivered = int(trace.insulin_nU.sum())
    assert sum(units_by_origin(trace).values()) == delivered
    reservoir = rig.reservoir
    assert reservoir.delivered_nU == delivered
    assert reservoir.filled_nU == delivered + reservoir.discarded_nU + reservoir.left_nU
    assert reservoir.left_nU >= 0
    assert trace.insulin_nU.min() >= 0


@thorough
@given(pumps, plans)
def test_no_limit_is_exceeded_whoever_asks(Rig: MakeRig, pump: dict[str, Any], plan: Plan) -> None:
    """No bolus is larger or faster, and no basal faster, than the settings at that time allow."""
    rig = Rig(MINUTES, PumpSettings.model_validate(pump), basal_U_per_min=BASAL)
    events = carry_out(rig, plan).events
    largest, fastest = pump["max_bolus_U"], pump["max_basal_U_per_h"]
    flow = 1.5 if pump["bolus_speed"] == "standard" else 15.0
    for event in events:
        if isinstance(event, SettingChanged):
            largest = event.value if event.setting == "max_bolus_U" else largest
            fastest = event.value if event.setting == "max_basal_U_per_h" else fastest
        elif isinstance(event, BolusStarted):
            assert 0 < event.nanounits <= largest * U
        elif isinstance(event, BasalChanged):
            assert 0 <= event.nU_per_min <= fastest * U / 60 + 1
        elif isinstance(event, BolusEnded):
            started = events[event.cause]
            assert isinstance(started, BolusStarted)
            minutes = (event.t - started.t) / US_PER_MIN
            assert event.delivered_nU <= min(started.nanounits, flow * U * minutes + 1)


wanted = st.one_of(
    st.tuples(st.just("meter"), st.builds(BolusRequest, st.integers(300, 1200), numbers)),
    st.tuples(st.just("bolus"), st.floats(0.5, 3.2)),
    st.tuples(
        st.just("usb"),
        st.builds(SettingRequest, st.just(1), st.sampled_from([9000, 25_000]), numbers),
    ),
    st.tuples(st.just("temporary percent"), st.tuples(st.floats(0, 99), st.just(20))),
    st.tuples(st.just("cancel"), st.none()),
)


@st.composite
def greedy_plans(draw: st.DrawFn) -> Plan:
    """Draw a plan of somebody who wants bolus after bolus, some minutes apart."""
    gaps = draw(st.lists(st.integers(2 * US_PER_MIN, 25 * US_PER_MIN), min_size=15, max_size=30))
    times = [t for t in accumulate(gaps) if t < MINUTES * US_PER_MIN]
    return [(t, *draw(wanted)) for t in times]


@thorough
@given(greedy_plans(), st.sampled_from([2.0, 24.0]), st.sampled_from(["standard", "quick"]))
def test_caps_are_never_exceeded_whoever_asks(
    Rig: MakeRig, plan: Plan, hours: float, bolus_speed: str
) -> None:
    """With caps on, no bolus and no window of two or 24 hours holds more than its cap, exactly.

    What is asked for over the air, settings among it, changes nothing about that.
    """
    chosen = {"caps": CAPS, "remote_settings": True, "bolus_speed": bolus_speed}
    rig = Rig(MINUTES, PumpSettings.model_validate(chosen), basal_U_per_min=BASAL)
    events = carry_out(rig, plan).events
    flows: list[tuple[int, int]] = []  # from when, and how many nanounits
    for event in events:
        if isinstance(event, BolusStarted):
            remote = event.via == "remote"
            assert event.nanounits <= CAPS["remote_single_U" if remote else "single_U"] * U
        elif isinstance(event, BolusEnded):
            flows.append((events[event.cause].t, event.delivered_nU))
    speed = (15 if bolus_speed == "quick" else 1.5) * U / US_PER_MIN
    window = hours * 60 * US_PER_MIN
    cap = CAPS["in_2h_U" if hours == 2 else "in_24h_U"] * U
    edges = [t for t, _ in flows] + [t + nU / speed - window for t, nU in flows]
    for begin in edges:  # where what is inside a window is greatest, one of its ends is an edge
        inside = 0.0
        for t, nU in flows:
            first, last = max(begin, t), min(begin + window, t + nU / speed)
            inside += max(0.0, last - first) * speed
        assert inside <= cap + len(flows)  # a nanounit for each division


@thorough
@given(pumps, plans)
def test_remote_bolus_off_gives_nothing_of_remote_origin(
    Rig: MakeRig, pump: dict[str, Any], plan: Plan
) -> None:
    """Shipped off and not turned on, no bolus comes over the air, whatever else is built in."""
    chosen = PumpSettings.model_validate({**pump, "remote_bolus_as_shipped": False})
    rig = Rig(MINUTES, chosen, basal_U_per_min=BASAL)
    events = carry_out(rig, plan).events
    assert all(event.via == "pump" for event in events if isinstance(event, BolusStarted))


@thorough
@given(pumps, plans)
def test_the_watchdog_ends_every_stop_over_the_air(
    Rig: MakeRig, pump: dict[str, Any], plan: Plan
) -> None:
    """With the watchdog on, a suspension that came over the air lasts no longer than it allows."""
    dog = {"on": True, "rings_after": "5min", "resumes_after": "20min", "refuses_for": "10min"}
    chosen = {**pump, "watchdog": dog, "remote_suspend": True, "confirm_remote_commands": False}
    rig = Rig(MINUTES, PumpSettings.model_validate(chosen), basal_U_per_min=BASAL)
    since: int | None = None
    for event in [*carry_out(rig, plan).events, None]:
        if since is not None:
            until = MINUTES * US_PER_MIN if event is None else event.t
            assert until - since <= 20 * US_PER_MIN
        if isinstance(event, BasalChanged) and event.why == "suspended":
            since = event.t if event.by == "meter" else None
        elif isinstance(event, BasalChanged) and event.why == "resumed":
            since = None


@thorough
@given(pumps, plans)
def test_nothing_is_delivered_while_suspended(
    Rig: MakeRig, pump: dict[str, Any], plan: Plan
) -> None:
    """Between a suspension and its end every whole minute is empty, whatever else is asked."""
    rig = Rig(MINUTES, PumpSettings.model_validate(pump), basal_U_per_min=BASAL)
    trace = carry_out(rig, plan)
    since: int | None = None
    spans: list[tuple[int, int]] = []
    for _, event in trace.of(BasalChanged):
        if event.why == "suspended":
            since = event.t
        elif event.why == "resumed" and since is not None:
            spans.append((since, event.t))
            since = None
    spans += [(since, MINUTES * US_PER_MIN)] if since is not None else []
    for begin, end in spans:
        inside = trace.insulin_nU[-(-begin // US_PER_MIN) : end // US_PER_MIN]
        assert not inside.any()


@thorough
@given(pumps, plans)
def test_no_command_acts_on_a_pump_without_the_link(
    Rig: MakeRig, pump: dict[str, Any], plan: Plan
) -> None:
    """What comes over the air from devices that hold no link with the pump changes nothing."""
    chosen = PumpSettings.model_validate(pump)
    buttons = [each for each in plan if each[1] not in said]
    heard, quiet = (Rig(MINUTES, chosen, basal_U_per_min=BASAL) for _ in range(2))
    one, other = carry_out(heard, plan, linked=False), carry_out(quiet, buttons, linked=False)
    assert np.array_equal(one.insulin_nU, other.insulin_nU)
    assert heard.pump.history.rows == quiet.pump.history.rows
    kinds = (BasalDelivered, ExtraDelivered, BolusEnded, SettingChanged)
    assert [(e.t, type(e)) for e in heard.events(*kinds)] == [
        (e.t, type(e)) for e in quiet.events(*kinds)
    ]


def test_settings_that_may_be_changed_are_all_there() -> None:
    """Each setting of the protocol has its field, so the plans above try them all."""
    assert [each.value for each in Setting] == [1, 2, 3]
