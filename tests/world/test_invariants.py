"""What holds in every world, whoever lives there, however it is set up, whatever is tried on it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np
import pytest
import testbed.attacks.attacker
import testbed.world.world
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from testbed.attacks import STEPS
from testbed.attacks.step import Knowledge, Situation
from testbed.mitigations import ANY, MITIGATIONS, Mitigation, apply_arm
from testbed.outcomes import Bolus, Origin, boluses, check_conservation, measure, units_by_origin
from testbed.protocol.frames import PAIRING, decode_header
from testbed.randomness import Streams
from testbed.scenario import Scenario
from testbed.study.context import context_of
from testbed.study.watched import Path, value_at, watch
from testbed.trace import (
    Acted,
    Attacked,
    BolusStarted,
    CommandAccepted,
    FrameOverheard,
    FrameSent,
    Linked,
    Noticed,
    Recorder,
    Trace,
)
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN, US_PER_S, to_nanounits
from testbed.world import live

from .random_scenarios import whole_scenarios

# Not made smaller where one fails: a whole world is dear, and the first example says enough.
FAST = (Phase.explicit, Phase.generate)
some = settings(derandomize=True, phases=FAST, deadline=None, max_examples=50)
few = settings(derandomize=True, phases=FAST, deadline=None, max_examples=4)
every_step = pytest.mark.parametrize("do", sorted(STEPS))
replicates = st.integers(0, 40)

# The account --------------------------------------------------------------------------


@some
@given(whole_scenarios(), replicates, st.booleans())
def test_insulin_adds_up(scenario: Scenario, replicate: int, attack: bool) -> None:
    """In any world, with any mitigations, units by origin sum to what was delivered.

    What goes into the body in a minute is never less than nothing.
    """
    trace = live(apply_arm(scenario, "taken", replicate), replicate, attack=attack)
    check_conservation(trace)
    assert sum(units_by_origin(trace).values()) == int(trace.insulin_nU.sum())
    assert trace.insulin_nU.min() >= 0


# Remote bolus off ---------------------------------------------------------------------

OFF: dict[str, dict[str, Any]] = {
    "turned off": {"pump.remote_bolus": False},
    "never turned on": {
        "pump.remote_bolus_as_shipped": False,
        "patient.behaviour.turns_remote_bolus_on": 0.0,
    },
}


@pytest.mark.parametrize("how", OFF)
@few
@given(data=st.data(), replicate=replicates, attack=st.booleans())
@every_step
def test_where_remote_boluses_are_off_none_is_given(
    do: str, how: str, data: st.DataObject, replicate: int, attack: bool
) -> None:
    """No bolus of remote origin, exactly, whoever asks for it by whatever steps."""
    scenario = data.draw(whole_scenarios(do)).patched(OFF[how])
    trace = live(scenario, replicate, attack=attack)
    origins = units_by_origin(trace)
    assert origins[Origin.ATTACKER] == origins[Origin.REMOTE] == 0
    assert measure(trace, trace)["remote_origin_U"] == 0.0
    assert all(bolus.via == "pump" for _, bolus in trace.of(BolusStarted))


# Credentials --------------------------------------------------------------------------

LINKED = "linked with the pump"
GIVES_A_LINK = {
    *((do, LINKED) for do in ("take-part", "stand-between", "link-unattended", "request-link")),
    ("prompt-flooding", LINKED),
    ("third-party-device", "reads what an app says"),
}
"""Gates behind which an attacker holds a link of its own."""
GIVES_A_KEY = {("overhear-pairing", "computed the link key")}
"""Gates behind which it has the key of somebody else's."""
GIVES_NO_KEY = {
    ("known-serial", "knows the serial numbers"),
    ("overhear-command", "heard a command"),
    ("replay", "heard a command"),
    ("overhear-pairing", "heard the linking"),
}
"""Gates behind which it has addresses, or a frame: enough only for some channels."""
GIVES_THE_STICK = {("host-software", "the stick is in the computer")}


def tried(
    monkeypatch: pytest.MonkeyPatch, scenario: Scenario, replicate: int
) -> tuple[Trace, Knowledge]:
    """Run a scenario; return its trace and what its attacker knows in the end."""
    situations: list[Situation] = []

    def note(*given: Any) -> Situation:
        situations.append(Situation(*given))
        return situations[-1]

    with monkeypatch.context() as patched:
        patched.setattr(testbed.attacks.attacker, "Situation", note)
        trace = live(scenario, replicate, attack=True)
    (situation,) = situations
    return trace, situation.knowledge


def gates(trace: Trace, until: int | None = None) -> set[tuple[str, str]]:
    """Return the gates that were passed before a position, with their steps."""
    return {
        (e.step, e.gate)
        for _, e in zip(range(until or len(trace)), trace, strict=False)
        if isinstance(e, Attacked) and e.passed
    }


def by_the_attacker(trace: Trace) -> Iterator[int]:
    """Yield the position of each command that the pump took because of an attacker's act."""
    for at, command in trace.of(CommandAccepted):
        if command.device == "pump":
            for cause in trace.causes(at):
                if isinstance(cause, Acted):
                    break
                if isinstance(cause, Attacked):
                    yield at
                    break


def keys(knowledge: Knowledge) -> int:
    """Return of how many links the attacker has a key, its own and others'."""
    known = [heard for heard in knowledge.pairings if heard.link_key is not None]
    return len(known) + len(knowledge.links)


def frames_of_linkings(trace: Trace, node: str) -> list[int]:
    """Return the positions of the frames of linkings that a node has sent."""
    return [
        at
        for at, event in trace.of(FrameSent)
        if event.node == node and decode_header(event.data)[0] == PAIRING
    ]


@few
@given(data=st.data(), replicate=replicates)
@every_step
def test_a_credential_is_come_by(do: str, data: st.DataObject, replicate: int) -> None:
    """Who holds a link or a key has passed the gate that gives it, and was there to pass it.

    Whose linking was overheard sent frames that the attacker heard; who is linked with the pump
    sent it frames of a linking before.  A command that the pump takes from an attacker follows
    from one of these, from addresses on a channel without a counter, or from the stick.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        scenario = data.draw(whole_scenarios(do))
        trace, knowledge = tried(monkeypatch, scenario, replicate)
    passed = gates(trace)
    heard = {trace.events[event.cause] for _, event in trace.of(FrameOverheard)}
    own = frames_of_linkings(trace, "attacker")
    computed = [each for each in knowledge.pairings if each.link_key is not None]
    if computed:
        assert passed & GIVES_A_KEY
        for each in computed:
            sources = {
                decode_header(frame.data)[1]
                for frame in heard
                if isinstance(frame, FrameSent) and decode_header(frame.data)[0] == PAIRING
            }
            assert {each.initiator, each.responder} <= sources
    unsure = [e for _, e in trace.of(Attacked) if "last word was not heard" in e.note]
    if knowledge.links and not unsure:
        assert passed & GIVES_A_LINK
    if len(knowledge.links) > (("third-party-device", "reads what an app says") in passed):
        assert own
    for at in by_the_attacker(trace):
        before = gates(trace, at)
        open_to_all = scenario.link.channel != "aead-counter" and before & GIVES_NO_KEY
        assert open_to_all or unsure or before & (GIVES_A_LINK | GIVES_A_KEY | GIVES_THE_STICK)


@few
@given(data=st.data(), replicate=replicates)
@every_step
def test_who_was_not_there_when_devices_were_linked_has_nothing(
    do: str, data: st.DataObject, replicate: int
) -> None:
    """An antenna that comes after the linkings has no key, and over a counted channel no command.

    Where nothing else lets it in: no request to be linked, no device that passes on what anybody
    says, nothing but an antenna.
    """
    late = data.draw(whole_scenarios(do)).patched(
        {
            "attacker.capabilities": ["antenna"],
            "attacker.from": "13:00",
            "attacker.until": "22:00",
            "pump.link_requests": False,
            "third_party.linked": False,
            "patient.behaviour.pair_in_private": 0.0,
        }
    )
    with pytest.MonkeyPatch.context() as monkeypatch:
        trace, knowledge = tried(monkeypatch, late, replicate)
    assume(all(e.t < 2 * US_PER_HOUR for _, e in trace.of(Linked)))
    assert keys(knowledge) == 0
    if late.link.channel == "aead-counter":
        assert list(by_the_attacker(trace)) == []
        assert units_by_origin(trace)[Origin.ATTACKER] == 0


# Caps ---------------------------------------------------------------------------------


def flowed(bolus: Bolus, rate: int, until: int) -> int:
    """Return the nanounits of a bolus that had gone in by a time, as the drive counts them."""
    return max(0, min(bolus.delivered_nU, rate * (until - bolus.started_us) // US_PER_MIN))


@few
@given(data=st.data(), replicate=replicates, attack=st.booleans())
@every_step
def test_caps_hold(do: str, data: st.DataObject, replicate: int, attack: bool) -> None:
    """With caps on, no bolus, no bolus over the air, no two hours and no day hold more, exactly.

    In nanounits: of boluses as they began, and of insulin as it flows, in any stretch that ends
    with a bolus or begins with one.
    """
    scenario = data.draw(whole_scenarios(do)).patched(
        {
            "pump.caps.on": True,
            "pump.max_bolus_U": 25.0,
            "patient.behaviour.calculator_at_meals": data.draw(st.sampled_from([0.0, 1.0])),
        }
    )
    pump, caps = scenario.pump, scenario.pump.caps
    quick = pump.bolus_speed == "quick"
    rate = to_nanounits(pump.quick_bolus_U_per_min if quick else pump.bolus_U_per_min)
    given_ = boluses(live(scenario, replicate, attack=attack))
    for bolus in given_:
        remote = bolus.via != "pump"
        cap = min(caps.single_U, caps.remote_single_U) if remote else caps.single_U
        assert bolus.requested_nU <= to_nanounits(cap)
    for window, most in ((2 * US_PER_HOUR, caps.in_2h_U), (US_PER_DAY, caps.in_24h_U)):
        for bolus in given_:
            began = [b for b in given_ if 0 <= bolus.started_us - b.started_us < window]
            assert sum(b.delivered_nU for b in began) <= to_nanounits(most)
            for end in (bolus.ended_us, bolus.started_us + window):
                within = [flowed(b, rate, end) - flowed(b, rate, end - window) for b in given_]
                assert sum(within) <= to_nanounits(most)


# Mitigations that have no part in a day -----------------------------------------------

steady = settings(derandomize=True, phases=FAST, deadline=None, max_examples=3)
every_mitigation = pytest.mark.parametrize(
    "mitigation", MITIGATIONS.values(), ids=lambda each: each.name
)


@steady
@given(data=st.data(), replicate=replicates, attack=st.booleans())
@every_mitigation
def test_what_decides_nothing_changes_nothing(
    mitigation: Mitigation, data: st.DataObject, replicate: int, attack: bool
) -> None:
    """Where no setting of a mitigation was consulted, or none is another, runs are equal in bytes.

    Attacked or not; so a mitigation that lies dormant on a day costs nothing on it.
    """
    scenario = data.draw(whole_scenarios())
    changed = mitigation.apply(scenario)
    consulted: set[Path] = set()
    before = live(watch(scenario, consulted), replicate, attack=attack)
    if all(value_at(scenario, path) == value_at(changed, path) for path in consulted):
        after = live(changed, replicate, attack=attack)
        assert after.jsonl() == before.jsonl()
        assert after.plasma_mgdl.tobytes() == before.plasma_mgdl.tobytes()


OF_THE_ATTACK = ("unauthorised_U", "unsafe_dose", "over_max_bolus", "stage_key", "stage_accepted")
"""What an attacker comes to by itself, whatever day its victim has."""


def links(trace: Trace) -> list[tuple[str, str, int]]:
    """Return which links were made, and when, microseconds."""
    return [(e.device, e.peer, e.t) for _, e in trace.of(Linked)]


def linked_alike(one: Trace, other: Trace) -> bool:
    """Return whether the same links were made at the same times, but for what linking takes."""
    pairs = list(zip_longest(links(one), links(other), fillvalue=("", "", 0)))
    return all(a[:2] == b[:2] and abs(a[2] - b[2]) < 2 * US_PER_MIN for a, b in pairs)


@settings(steady, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data(), replicate=replicates)
@pytest.mark.parametrize(
    "mitigation",
    [each for each in MITIGATIONS.values() if ANY not in each.against],
    ids=lambda each: each.name,
)
def test_what_is_not_against_an_attack_leaves_it_alone(
    mitigation: Mitigation, data: st.DataObject, replicate: int
) -> None:
    """Where no step is one that a mitigation is against, the attack goes as it would without.

    Where it leaves the day that nobody attacks as it is, to the byte, every metric of the attacked
    run is the same: delivered, miscued, missed, stages, harm, who notices.  Where it costs
    something on that day (boluses by another way, readings at other times), what the attacker
    itself comes to is the same, to the nanounit; unless it has devices linked later, because
    nobody can speak in the name of a device that is not linked yet.
    """
    scenario = data.draw(whole_scenarios(data.draw(st.sampled_from(sorted(STEPS)))))
    assert scenario.attacker is not None
    written = scenario.written["attacker"]["step"]
    left = [step for step in written if not mitigation.is_against(frozenset({step["do"]}))]
    assume(left)
    scenario = scenario.patched({"attacker.step": left})
    runs = [
        [live(each, replicate, attack=attack) for attack in (True, False)]
        for each in (scenario, mitigation.apply(scenario))
    ]
    (before, calm), (after, its_calm) = runs
    found = [measure(attacked, twin, context_of(scenario)) for attacked, twin in runs]
    moved = {name for name, value in found[0].items() if found[1][name] != value}
    if its_calm.jsonl() == calm.jsonl():
        assert moved == set()
    elif linked_alike(calm, its_calm):
        assert moved.isdisjoint(OF_THE_ATTACK)
        assert units_by_origin(before)[Origin.ATTACKER] == units_by_origin(after)[Origin.ATTACKER]


# Dice ---------------------------------------------------------------------------------

Log = list[tuple[str, Any]]


class _Noted(set[Path]):
    """Settings as they are consulted, in a log."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def add(self, path: Path) -> None:
        self._log.append(("setting", path))


def logged(scenario: Scenario, replicate: int, attack: bool) -> tuple[Log, Trace]:
    """Return what a world consulted, threw and recorded, in that order, and its trace."""
    log: Log = []

    class Throws(Streams):
        def uniform(self, name: str, occasion: int | str = 0) -> float:
            value = super().uniform(name, occasion)
            log.append(("throw", (name, occasion, value)))
            return value

        def bytes(self, name: str, count: int, occasion: int | str = 0) -> bytes:
            value = super().bytes(name, count, occasion)
            log.append(("throw", ((name, count), occasion, value)))
            return value

    class Notes(Recorder):
        def record(self, event: Any) -> int:
            log.append(("event", event))
            return super().record(event)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(testbed.world.world, "Streams", Throws)
        patched.setattr(testbed.world.world, "Recorder", Notes)
        trace = live(watch(scenario, _Noted(log)), replicate, attack=attack)
    return log, trace


def until_it_differs(log: Log, one: Scenario, other: Scenario) -> Log:
    """Return a log up to where a setting is consulted that two scenarios have differently."""
    for at, (what, told) in enumerate(log):
        if what == "setting" and value_at(one, told) != value_at(other, told):
            return log[:at]
    return log


@steady
@given(
    data=st.data(),
    replicate=replicates,
    attack=st.booleans(),
    adherence=st.sampled_from([1.0, 1.0, 0.4]),
)
@every_mitigation
def test_nothing_differs_before_a_setting_is_consulted_that_does(
    mitigation: Mitigation,
    data: st.DataObject,
    replicate: int,
    attack: bool,
    adherence: float,
) -> None:
    """Up to there two arms consult, throw and record the same, in the same order; so do bodies.

    A setting is noted where it is first read, so that this is also what makes it sound to run
    arms once between them that differ in nothing that was consulted.  Where no such setting is
    consulted at all, the whole runs are the same.
    """
    scenario = data.draw(whole_scenarios(data.draw(st.sampled_from(sorted(STEPS)))))
    changed = mitigation.apply(scenario, adherence)
    (log, trace), (other, its) = (logged(each, replicate, attack) for each in (scenario, changed))
    same = until_it_differs(log, scenario, changed)
    assert other[: len(same)] == same
    if len(same) == len(log):
        assert other == log
        assert its.jsonl() == trace.jsonl()
    at = max((told.t for what, told in same if what == "event"), default=0) // US_PER_MIN
    assert np.array_equal(its.plasma_mgdl[: at + 1], trace.plasma_mgdl[: at + 1])
    assert np.array_equal(its.insulin_nU[:at], trace.insulin_nU[:at])


@steady
@given(data=st.data(), replicate=replicates, attack=st.booleans())
@every_mitigation
def test_a_mitigation_moves_nobody_elses_dice(
    mitigation: Mitigation, data: st.DataObject, replicate: int, attack: bool
) -> None:
    """Whatever two arms both throw for comes out the same, by its name and its occasion."""
    scenario = data.draw(whole_scenarios())
    throws = []
    for each in (scenario, mitigation.apply(scenario)):
        log, _ = logged(each, replicate, attack)
        found: dict[Any, Any] = {}
        for what, told in log:
            if what == "throw":
                name, occasion, value = told
                assert found.setdefault((name, occasion), value) == value
        throws.append(found)
    for key in throws[0].keys() & throws[1].keys():
        assert throws[0][key] == throws[1][key]


# Cancelling ---------------------------------------------------------------------------


@settings(derandomize=True, phases=FAST, deadline=None, max_examples=40)
@given(
    dose_U=st.integers(1, 500).map(lambda steps: steps * 0.05),
    U_per_min=st.floats(0.5, 15.0),
    takes_s=st.floats(0.0, 120.0),
    hold_s=st.sampled_from([0, 90]) | st.integers(0, 600),
    answers=st.sampled_from([(0.95, 0.0, 15.0), (0.2, 0.0, 60.0), (0.66, 0.11, 115.0)]),
    replicate=st.integers(0, 200),
)
def test_a_cancelled_bolus_is_as_large_as_the_race_says(
    dose_U: float,
    U_per_min: float,
    takes_s: float,
    hold_s: int,
    answers: tuple[float, float, float],
    replicate: int,
) -> None:
    """Delivered is the smaller of the dose and rate x latency, in whole nanounits rounded down.

    The latency is that of whoever notices, taken from a day on which nothing is cancelled, less
    the time that the bolus was held.  The drive's rate is a whole number of nanounits a minute.
    """
    fast, never, slowest = answers
    plain = Scenario.from_written(
        {
            "title": "A race",
            "time": {"start": "11:00", "duration": "5h"},
            "patient": {
                "cohort": "all",
                "behaviour": {
                    "answered_fast": fast,
                    "never_answered": never,
                    "slowest_answer_min": slowest,
                    "cancel_takes_s": takes_s,
                    "cancel_unexpected_bolus": 0.0,
                    "shares_serials": 1.0,
                },
            },
            "pump": {
                "max_bolus_U": 25.0,
                "bolus_U_per_min": U_per_min,
                "hold_remote_bolus_for": f"{hold_s}s",
            },
            "link": {"channel": "plaintext"},
            "attacker": {
                "place": "home",
                "distance_m": 0.5,
                "step": [
                    {"do": "known-serial"},
                    {"do": "remote-bolus", "after": "10min", "units": dose_U},
                ],
            },
            "study": {"seed": 11, "arms": {"as-shipped": []}},
        },
        "race",
    )
    patient = live(plain, replicate, attack=True)
    asked = [event.t for _, event in patient.of(Attacked) if event.gate == "command accepted"]
    (whole,) = (bolus for bolus in boluses(patient) if bolus.origin is Origin.ATTACKER)
    assert whole.delivered_nU == whole.requested_nU == to_nanounits(dose_U)
    assert len(asked) == 1
    noticed = [
        event.t
        for _, event in patient.of(Noticed)
        if event.kind in ("remote-bolus-started", "remote-bolus-held") and not event.expected
    ]
    cancels = live(
        plain.patched({"patient.behaviour.cancel_unexpected_bolus": 1.0}), replicate, attack=True
    )
    delivered = units_by_origin(cancels)[Origin.ATTACKER]
    latency = min(noticed, default=5 * US_PER_HOUR) + round(takes_s * US_PER_S) - whole.started_us
    race = to_nanounits(U_per_min) * latency // US_PER_MIN
    assert delivered == max(0, min(to_nanounits(dose_U), race))
