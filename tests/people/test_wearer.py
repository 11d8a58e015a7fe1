"""What the wearer does in a day, and that one choice does not move another's dice."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from testbed.outcomes import boluses, units_by_origin
from testbed.outcomes.origins import Origin
from testbed.people import PROFILES
from testbed.protocol.pairings import PAIRINGS
from testbed.scenario import Scenario
from testbed.trace import (
    Acted,
    Alerted,
    BolusStarted,
    Linked,
    Moved,
    Noticed,
    PairingOpened,
    RunStarted,
    Trace,
)
from testbed.units import US_PER_DAY, US_PER_MIN, to_nanounits
from testbed.world import live

quick = settings(derandomize=True, deadline=None, max_examples=25)

Day = Callable[..., Scenario]
Acts = Callable[..., list[Acted]]

ERROR_RATE = 1e-6
BOLUS = ("bolus on the pump", "bolus on the meter")


def run(scenario: Scenario, replicate: int = 0, attack: bool = False) -> Trace:
    """Return one run, as a twin unless told otherwise."""
    return live(scenario, replicate, attack=attack)


@quick
@given(st.integers(0, 1000), st.sampled_from(sorted(PROFILES)))
def test_the_same_seed_makes_the_same_decisions(
    day: Day, acts: Acts, replicate: int, profile: str
) -> None:
    """A person with the same dice does the same things at the same times."""
    scenario = day(patient__profile=profile)
    assert acts(run(scenario, replicate)) == acts(run(scenario, replicate))


# Meals and boluses --------------------------------------------------------------------


def test_boluses_are_forgotten_as_often_as_stated(day: Day, acts: Acts) -> None:
    """Of many meals the stated share goes without a bolus."""
    missed, meals = 0, 0
    for replicate in range(200):
        trace = run(day({"missed_bolus": 0.3}), replicate)
        meals += len(acts(trace, "eat"))
        missed += len(acts(trace, "eat")) - len(acts(trace, *BOLUS))
    assert meals == 600
    assert stats.binomtest(missed, meals, 0.3).pvalue > ERROR_RATE


def test_a_person_who_never_forgets_boluses_for_each_meal(day: Day, acts: Acts) -> None:
    """Without missed boluses each meal is followed by one, at once."""
    for replicate in range(20):
        trace = run(day({"missed_bolus": 0.0, "remote_bolus_use": 0.0}), replicate)
        eaten, dosed = acts(trace, "eat"), acts(trace, *BOLUS)
        assert [event.t for event in dosed] == [event.t for event in eaten]
        assert len(list(trace.of(BolusStarted))) == len(eaten) == 3


def test_without_estimation_error_the_dose_is_exact(day: Day, acts: Acts) -> None:
    """Without error the dose is carbohydrate over carb ratio, to the nearest 0.05 U."""
    exact = {"missed_bolus": 0.0, "carb_error_cv": 0.0}
    for replicate in range(30):
        trace = run(day(exact, patient__cohort="all"), replicate)
        (person,) = (event for _, event in trace.of(RunStarted))
        for meal, dose in zip(acts(trace, "eat"), acts(trace, *BOLUS), strict=True):
            wanted = meal.amount / person.carb_ratio_g_per_U
            assert dose.amount == round(round(wanted * 20) / 20, 10)
            assert abs(dose.amount - wanted) <= 0.025 + 1e-9


def test_estimates_are_right_on_average(day: Day, acts: Acts) -> None:
    """Over many meals the estimates' mean is the truth, and their variation the setting's."""
    behaviour = {"missed_bolus": 0.0, "carb_error_cv": 0.3, "remote_bolus_use": 0.0}
    ratios = []
    for replicate in range(150):
        scenario = day(behaviour, patient__cohort=["adult#001"])
        trace = run(scenario, replicate)
        (person,) = (event for _, event in trace.of(RunStarted))
        ratios += [
            dose.amount * person.carb_ratio_g_per_U / meal.amount
            for meal, dose in zip(acts(trace, "eat"), acts(trace, *BOLUS), strict=True)
        ]
    assert stats.ttest_1samp(ratios, 1.0).pvalue > ERROR_RATE
    assert stats.tstd(ratios) == pytest.approx(0.3, rel=0.25)


def test_no_more_is_dialled_than_the_pump_takes(day: Day, acts: Acts) -> None:
    """A meal that needs more than the largest bolus gets the largest bolus."""
    scenario = day({"missed_bolus": 0.0}, pump__max_bolus_U=2.0)
    for replicate in range(5):
        assert all(event.amount <= 2.0 for event in acts(run(scenario, replicate), *BOLUS))


def test_a_linked_meter_is_used_as_often_as_stated(day: Day, acts: Acts) -> None:
    """Of many doses the stated share is asked for on the meter, each after a finger-stick."""
    by_meter = dosed = 0
    for replicate in range(200):
        trace = run(day({"missed_bolus": 0.0, "remote_bolus_use": 0.4}), replicate)
        by_meter += len(acts(trace, "bolus on the meter"))
        dosed += len(acts(trace, *BOLUS))
        assert len(acts(trace, "finger-stick")) == len(acts(trace, "bolus on the meter"))
    assert stats.binomtest(by_meter, dosed, 0.4).pvalue > ERROR_RATE


def test_what_is_asked_for_on_the_meter_comes_by_air(day: Day, acts: Acts) -> None:
    """A dose asked for on the meter is delivered as a remote bolus, and expected."""
    trace = run(day({"missed_bolus": 0.0, "remote_bolus_use": 0.8}), 3)
    asked = sum(to_nanounits(event.amount) for event in acts(trace, "bolus on the meter"))
    assert asked > 0
    assert units_by_origin(trace)[Origin.REMOTE] == asked
    assert all(e.expected for _, e in trace.of(Noticed) if e.kind == "remote-bolus-started")


def test_a_meter_that_is_not_linked_is_not_used(day: Day, acts: Acts) -> None:
    """Before the meter is linked every dose is asked for on the pump."""
    scenario = day(
        {"missed_bolus": 0.0, "remote_bolus_use": 0.8}, pairing=[{"device": "meter", "at": "22:00"}]
    )
    for replicate in range(10):
        trace = run(scenario, replicate)
        assert not acts(trace, "bolus on the meter")
        assert len(acts(trace, "bolus on the pump")) == 3


def test_a_refused_remote_bolus_is_given_on_the_pump(day: Day, acts: Acts) -> None:
    """With remote bolus off the dose is the same, by the pump's buttons."""
    behaviour = {"missed_bolus": 0.0, "remote_bolus_use": 0.8}
    for replicate in range(10):
        on, off = (
            run(day(behaviour, pump__remote_bolus=feature), replicate) for feature in (True, False)
        )
        assert [b.requested_nU for b in boluses(on)] == [b.requested_nU for b in boluses(off)]
        assert {b.origin for b in boluses(off)} == {Origin.OWN}


# Alerts -------------------------------------------------------------------------------

LOW = {"missed_bolus": 0.0, "carb_error_cv": 0.6}


def test_a_sleeping_person_wakes_as_often_as_stated(day: Day) -> None:
    """Of many alerts while asleep the stated share is noticed, where none is ignored awake."""
    heard = noticed = 0
    behaviour = {**LOW, "asleep_from": "00:00", "asleep_until": "23:59", "wakes_to_alert": 0.15}
    for replicate in range(150):
        trace = run(day({**behaviour, "never_answered": 0.0}), replicate)
        alerts = [at for at, e in trace.of(Alerted) if e.kind == "low-glucose"]
        seen = {e.cause for _, e in trace.of(Noticed)}
        late = US_PER_DAY - 200 * US_PER_MIN
        alerts = [at for at in alerts if trace.events[at].t < late]
        heard += len(alerts)
        noticed += len(seen & set(alerts))
    assert heard > 200
    assert stats.binomtest(noticed, heard, 0.15).pvalue > ERROR_RATE


def test_who_sleeps_through_a_ring_may_wake_to_the_next(day: Day) -> None:
    """Of alerts that ring three times while asleep 1 - (1 - p)^3 are noticed, each only once."""
    heard = noticed = 0
    behaviour = {**LOW, "asleep_from": "00:00", "asleep_until": "23:59", "wakes_to_alert": 0.3}
    rings = {"pump__alert_rings": 3, "pump__alert_repeat": "1min"}
    for replicate in range(150):
        trace = run(day({**behaviour, "never_answered": 0.0}, **rings), replicate)
        late = US_PER_DAY - 200 * US_PER_MIN
        reading_of = {
            at: e.cause for at, e in trace.of(Alerted) if e.kind == "low-glucose" and e.t < late
        }
        seen = [reading_of[e.cause] for _, e in trace.of(Noticed) if e.cause in reading_of]
        assert len(seen) == len(set(seen))
        heard += len(set(reading_of.values()))
        noticed += len(seen)
    assert heard > 200
    assert stats.binomtest(noticed, heard, 1 - 0.7**3).pvalue > ERROR_RATE


def test_an_alert_that_was_noticed_is_acknowledged(day: Day) -> None:
    """Who noticed an alert silences it: of its rings the last comes before it is noticed."""
    silenced = 0
    for replicate in range(30):
        trace = run(day(LOW, pump__alert_rings=12, pump__alert_repeat="1min"), replicate)
        for _, noticed in trace.of(Noticed):
            reading = trace.events[noticed.cause].cause
            rings = [e.t for _, e in trace.of(Alerted) if e.cause == reading]
            assert max(rings) <= noticed.t
            silenced += len(rings) < 12
    assert silenced > 10


def test_an_empty_reservoir_is_changed_when_noticed(day: Day, acts: Acts) -> None:
    """Noticing the alert of the reservoir is followed by a new one, and insulin flows again."""
    trace = run(day({"never_answered": 0.0}, pump__reservoir_U=25.0))
    changed = acts(trace, "change the reservoir")
    assert changed
    assert trace.insulin_nU.sum() > to_nanounits(25.0)


def test_a_reservoir_is_changed_once(day: Day, acts: Acts) -> None:
    """However late its alerts are noticed, a reservoir that was changed is not changed again."""
    behaviour = {"never_answered": 0.0, "answered_fast": 0.2, "slowest_answer_min": 180.0}
    behaviour |= {"asleep_from": "05:00", "asleep_until": "05:01"}
    pump = {"pump__reservoir_U": 10.0, "pump__low_reservoir_U": 1.0}
    both = 0
    for replicate in range(10):
        trace = run(day(behaviour, **pump), replicate)
        changed = [event.t // US_PER_MIN for event in acts(trace, "change the reservoir")]
        both += sum(event.kind == "reservoir-empty" for _, event in trace.of(Noticed))
        for earlier, later in itertools.pairwise(changed):
            assert trace.insulin_nU[earlier:later].sum() >= to_nanounits(8.9)
    assert both > 3


def test_awake_people_never_notice_the_stated_share(day: Day) -> None:
    """Of many alerts while awake the share never noticed is the stated one."""
    heard = noticed = 0
    behaviour = {**LOW, "asleep_from": "05:00", "asleep_until": "05:01", "never_answered": 0.4}
    for replicate in range(150):
        trace = run(day(behaviour), replicate)
        late = US_PER_DAY - 200 * US_PER_MIN
        alerts = {at for at, e in trace.of(Alerted) if e.kind == "low-glucose" and e.t < late}
        heard += len(alerts)
        noticed += len({e.cause for _, e in trace.of(Noticed)} & alerts)
    assert heard > 200
    assert stats.binomtest(heard - noticed, heard, 0.4).pvalue > ERROR_RATE


def test_a_noticed_low_is_treated(day: Day, acts: Acts) -> None:
    """Each low-glucose alert noticed is followed at once by the stated carbohydrate."""
    treated = 0
    for replicate in range(20):
        trace = run(day({**LOW, "rescue_carbs_g": 17.0}), replicate)
        seen = [e.t for _, e in trace.of(Noticed) if e.kind == "low-glucose"]
        eaten = acts(trace, "treat a low")
        assert [event.t for event in eaten] == seen
        assert all(event.amount == 17.0 for event in eaten)
        treated += len(seen)
    assert treated > 10


def test_all_that_is_eaten_goes_into_the_body(day: Day, acts: Acts) -> None:
    """Carbohydrate in the series is that of meals and treatments, up to the run's end."""
    for replicate in range(10):
        trace = run(day(LOW), replicate)
        eaten = sum(event.amount for event in acts(trace, "eat", "treat a low"))
        late = sum(
            event.amount
            for event in acts(trace, "eat", "treat a low")
            if event.t > US_PER_DAY - 60 * US_PER_MIN
        )
        assert eaten - late - 1e-6 <= trace.carbs_g.sum() <= eaten + 1e-6


# One choice, and no other dice --------------------------------------------------------

STRANGER: dict[str, Any] = {
    "stay": [{"from": "11:00", "place": "cafe", "until": "14:00"}],
    "pairing": [{"device": "meter", "at": "12:00"}],
    "attacker": {
        "place": "cafe",
        "distance_m": 2.0,
        "step": [
            {"do": "overhear-pairing"},
            {"do": "remote-bolus", "after": "50min", "units": 6.0},
        ],
    },
}


@pytest.mark.parametrize(
    ("choice", "low", "high"),
    [
        ("cancel_unexpected_bolus", 0.0, 1.0),
        ("accept_unexpected_prompt", 0.005, 0.5),
        ("accept_mismatch", 0.0, 1.0),
    ],
)
def test_choices_about_attacks_change_nothing_in_a_twin(
    day: Day, choice: str, low: float, high: float
) -> None:
    """How a person answers what an attacker does is never asked where there is none."""
    for replicate in range(10):
        one, other = (
            run(day({choice: value, "remote_bolus_use": 0.8}, **STRANGER), replicate)
            for value in (low, high)
        )
        assert one.jsonl() == other.jsonl()


def test_to_cancel_or_not_is_the_first_difference(day: Day) -> None:
    """Two attacked days that differ in cancelling are the same up to the first cancelling."""
    cancelled = 0
    for replicate in range(30):
        never, always = (
            run(day({"cancel_unexpected_bolus": share}, **STRANGER), replicate, attack=True)
            for share in (0.0, 1.0)
        )
        first = next((at for at, e in always.of(Acted) if e.act == "cancel the bolus"), len(always))
        cancelled += first < len(always)
        assert never.events[:first] == always.events[:first]
        if first == len(always):
            assert never.jsonl() == always.jsonl()
    assert cancelled > 3


def test_another_meal_forgotten_leaves_the_other_estimates(day: Day, acts: Acts) -> None:
    """A higher share of missed boluses takes doses away, and changes none that are left."""
    for replicate in range(30):
        few, many = (
            {
                (event.t, event.amount)
                for event in acts(
                    run(day({"missed_bolus": share, "remote_bolus_use": 0.0}), replicate), *BOLUS
                )
            }
            for share in (0.0, 0.3)
        )
        assert many <= few


# Linking ------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [0.0, 1.0])
def test_linking_is_put_off_until_in_private(day: Day, private: float) -> None:
    """Who links in private waits in a public place until home; who does not, does not."""
    for replicate in range(5):
        trace = run(day({"pair_in_private": private}, **STRANGER), replicate)
        opened = [event.t // US_PER_MIN for _, event in trace.of(PairingOpened)]
        assert set(opened) == {8 * 60 if private else 6 * 60}
        places = [e.place for _, e in trace.of(Moved) if e.t <= opened[0] * US_PER_MIN]
        assert places[-1] == ("home" if private else "cafe")


def test_who_never_gets_home_never_links(day: Day) -> None:
    """A linking that waits for a private place that does not come is never opened."""
    scenario = day(
        {"pair_in_private": 1.0},
        stay=[{"from": "06:30", "place": "bus"}],
        pairing=[{"device": "meter", "at": "12:00"}],
    )
    assert not list(run(scenario).of(PairingOpened))


@pytest.mark.parametrize("method", sorted(PAIRINGS))
@pytest.mark.parametrize("device", ["cgm", "meter", "usb"])
def test_a_person_can_link_by_every_method(day: Day, method: str, device: str) -> None:
    """Left in peace, a person who does what the screens ask links a device by any method."""
    scenario = day(
        {"second_device_s": 4.0},
        pairing=[{"device": device, "at": "12:00"}],
        link__pairing=method,
    )
    for replicate in range(3):
        linked = [(e.device, e.peer) for _, e in run(scenario, replicate).of(Linked)]
        assert sorted(linked) == sorted([("pump", device), (device, "pump")])
