"""Who is behind each unit of insulin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.outcomes import (
    ConservationError,
    Origin,
    boluses,
    check_conservation,
    origin_of,
    units_by_origin,
)
from testbed.trace import (
    Acted,
    Alerted,
    Attacked,
    BasalChanged,
    BasalDelivered,
    BolusEnded,
    BolusStarted,
    CommandAccepted,
    ExtraDelivered,
    FrameOverheard,
    FrameSent,
    Noticed,
    ReadingStored,
    Recorder,
    Trace,
)

if TYPE_CHECKING:
    from tests.outcomes.conftest import Script


def test_bolus_that_an_attack_led_to_over_the_air_is_the_attackers(script: Script) -> None:
    """An attacker's step met before any person's act makes the bolus the attacker's."""
    position = script.bolus(script.sent(script.attacked()))
    assert origin_of(script.trace(), position) is Origin.ATTACKER


def test_bolus_pressed_on_the_pump_is_the_persons_own(script: Script) -> None:
    """A person's act with no frame on the way to the pump was made on the pump."""
    position = script.bolus(script.acted())
    assert origin_of(script.trace(), position) is Origin.OWN


def test_bolus_asked_for_on_the_meter_is_remote_and_legitimate(script: Script) -> None:
    """A person's act with a frame on the way to the pump came over the air."""
    sent = script.sent(script.acted())
    accepted = script.add(CommandAccepted(0, sent, "pump", "bolus"))
    position = script.bolus(accepted)
    assert origin_of(script.trace(), position) is Origin.REMOTE


def test_bolus_that_nothing_led_to_is_the_programmes(script: Script) -> None:
    """A bolus whose causes hold neither an act nor an attack is the pump's own doing."""
    position = script.bolus(-1)
    assert origin_of(script.trace(), position) is Origin.PROGRAMME


def extra(script: Script, cause: int, by: str) -> int:
    """Write basal beyond the programme, set by something; return its position."""
    changed = script.add(BasalChanged(0, cause, 60, "more", by))
    script.delivered += 50
    return script.add(ExtraDelivered(0, changed, 50))


def test_extra_basal_is_whose_command_set_it(script: Script) -> None:
    """Basal beyond the programme has an origin as a bolus has: by its chain of causes."""
    set_by = {
        extra(script, script.acted(), "pump"): Origin.OWN,
        extra(script, script.sent(script.acted()), "meter"): Origin.REMOTE,
        extra(script, script.sent(script.attacked()), "meter"): Origin.ATTACKER,
    }
    trace = script.trace()
    assert {at: origin_of(trace, at) for at in set_by} == set_by
    assert {units_by_origin(trace)[origin] for origin in set_by.values()} == {50}
    check_conservation(trace)


def test_what_a_loop_gives_is_the_loops(script: Script) -> None:
    """Extra basal by a reading of the wearer's own sensor is the loop's."""
    stored = script.add(ReadingStored(0, script.sent(-1), "cgm", 200))
    position = extra(script, stored, "loop")
    assert origin_of(script.trace(), position) is Origin.LOOP
    assert units_by_origin(script.trace())[Origin.LOOP] == 50


def test_what_a_loop_gives_by_a_false_reading_is_miscued(script: Script) -> None:
    """A therapy's order by an attacker's reading is the order of a therapy that was deceived."""
    stored = script.add(ReadingStored(0, script.sent(script.attacked()), "cgm", 400))
    position = extra(script, stored, "loop")
    assert origin_of(script.trace(), position) is Origin.MISCUED


def test_what_a_person_gives_by_a_false_reading_is_miscued(script: Script) -> None:
    """A person's act by an attacker's reading is one of a person who was deceived."""
    stored = script.add(ReadingStored(0, script.sent(script.attacked()), "meter", 400))
    by_buttons = script.bolus(script.acted(cause=stored))
    by_meter = script.bolus(script.sent(script.acted(cause=script.acted(cause=stored))))
    trace = script.trace()
    assert origin_of(trace, by_buttons) is origin_of(trace, by_meter) is Origin.MISCUED


def test_what_a_person_measured_after_an_attack_is_no_false_reading(script: Script) -> None:
    """A finger-stick that an alert of an attack's led to tells what is so."""
    alert = script.noticed(script.bolus(script.sent(script.attacked())), 1)
    stick = script.acted(cause=alert)
    stored = script.add(ReadingStored(0, script.sent(stick), "meter", 300))
    position = script.bolus(script.acted(cause=stored))
    assert origin_of(script.trace(), position) is Origin.OWN


def test_person_led_to_act_by_an_attack_still_acted(script: Script) -> None:
    """A person's act decides even where its own cause leads back to an attack."""
    act = script.acted(cause=script.sent(script.attacked()))
    position = script.bolus(act)
    assert origin_of(script.trace(), position) is Origin.OWN


def test_replay_of_a_persons_frame_is_the_attackers(script: Script) -> None:
    """A frame sent again by an attacker is the attacker's, whoever made it first."""
    heard = script.add(FrameOverheard(0, script.sent(script.acted()), "attacker"))
    step = script.add(Attacked(0, heard, "replay", "in-range", True))
    position = script.bolus(script.sent(step))
    assert origin_of(script.trace(), position) is Origin.ATTACKER


def test_cancelled_bolus_counts_what_was_delivered(script: Script) -> None:
    """A bolus counts with the units it delivered, not those it was asked for."""
    start = script.add(BolusStarted(0, script.attacked(), 100, "remote"))
    script.add(BolusEnded(60, start, 30, "cancelled"))
    script.delivered += 30
    trace = script.trace()
    (bolus,) = boluses(trace)
    assert (bolus.requested_nU, bolus.delivered_nU, bolus.why) == (100, 30, "cancelled")
    assert units_by_origin(trace)[Origin.ATTACKER] == 30


def test_every_origin_is_present_in_a_run_without_insulin(script: Script) -> None:
    """An origin of which nothing came is zero, not missing."""
    assert units_by_origin(script.trace()) == dict.fromkeys(Origin, 0)


def test_insulin_that_no_event_accounts_for_is_an_error(script: Script) -> None:
    """Units that the series has and the events lack raise an error that names both sums."""
    script.bolus(-1, 10)
    script.delivered += 7
    with pytest.raises(ConservationError, match=r"sums to 10 nU.*delivered 17 nU"):
        check_conservation(script.trace())


@pytest.mark.parametrize("twice", [True, False])
def test_bolus_that_ends_without_running_is_an_error(script: Script, twice: bool) -> None:
    """The end of a bolus names a bolus that is running, once."""
    cause = script.bolus(-1) if twice else 0
    script.add(BolusEnded(0, cause, 1, "completed"))
    with pytest.raises(ConservationError, match="position of a bolus that is running"):
        units_by_origin(script.trace())


_PLAIN = (
    lambda cause: Acted(0, cause, "wearer", "press"),
    lambda cause: Attacked(0, cause, "step", "gate", True),
    lambda cause: FrameSent(0, cause, "meter", b""),
    lambda cause: BasalChanged(0, cause, 1, "therapy", "loop"),
    lambda cause: Alerted(0, cause, "pump", "bolus-started"),
    lambda cause: Noticed(0, cause, "wearer", "bolus-started", True),
)


@st.composite
def _runs(draw: st.DrawFn) -> Trace:
    log = Recorder()
    per_minute = np.zeros(30, dtype=np.int64)
    for at in range(draw(st.integers(0, 40))):
        cause = draw(st.integers(-1, at - 1))
        kind = draw(st.integers(0, len(_PLAIN) + 2))
        if kind < len(_PLAIN):
            log.record(_PLAIN[kind](cause))
            continue
        amount = draw(st.integers(0, 40_000_000_000))
        per_minute[draw(st.integers(0, 29))] += amount
        if kind == len(_PLAIN):
            log.record(BasalDelivered(0, cause, amount))
        elif kind == len(_PLAIN) + 1:
            log.record(ExtraDelivered(0, cause, amount))
        else:
            start = log.record(BolusStarted(0, cause, amount, "any"))
            log.record(BolusEnded(1, start, amount, "completed"))
    return Trace(log.events(), np.full(31, 120.0), per_minute, np.zeros(30))


@given(_runs())
@settings(derandomize=True, deadline=None)
def test_units_by_origin_sum_to_what_the_pump_delivered(trace: Trace) -> None:
    """Whatever led to what, the origins sum to the series exactly, in whole nanounits."""
    by_origin = units_by_origin(trace)
    assert tuple(by_origin) == tuple(Origin)
    assert sum(by_origin.values()) == int(trace.insulin_nU.sum())
    check_conservation(trace)
