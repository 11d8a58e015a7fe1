"""How the wearer changes the delivery: for exercise and in a low, on the pump or on the meter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy import stats
from testbed.people.noticing import is_asleep
from testbed.scenario import Scenario
from testbed.trace import Acted, CommandAccepted, FrameSent, Noticed, Trace
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN
from testbed.world import live

Day = Callable[..., Scenario]
Acts = Callable[..., list[Acted]]

ERROR_RATE = 1e-6
START = 6 * US_PER_HOUR
RUN = {"at": "17:00", "lasts": "45min"}
NO_BOLUS: dict[str, Any] = {"meal": [], "patient__cohort": ["adult#001"]}
ALLOWED = {"pump__remote_suspend": True, "pump__remote_temp_basal": True}


def run(scenario: Scenario, replicate: int = 0) -> Trace:
    """Return one twin."""
    return live(scenario, replicate, attack=False)


def at(hours: float) -> int:
    """Return the time of the run at an hour of the day."""
    return round(hours * US_PER_HOUR) - START


def test_exercise_is_eased_for_as_often_as_stated(day: Day, acts: Acts) -> None:
    """Of many times of exercise the stated shares have a temporary basal and a suspension."""
    behaviour = {
        "eases_for_exercise": 0.6,
        "suspends_for_exercise": 0.3,
        "changes_on_meter": 0.0,
        "suspends_in_low": 0.0,
    }
    eased = suspended = 0
    for replicate in range(150):
        trace = run(day(behaviour, exercise=[RUN], **NO_BOLUS), replicate)
        eased += len(acts(trace, "set a temporary basal on the pump"))
        suspended += len(acts(trace, "suspend on the pump"))
    assert stats.binomtest(eased + suspended, 150, 0.6).pvalue > ERROR_RATE
    assert stats.binomtest(suspended, eased + suspended, 0.3).pvalue > ERROR_RATE


@pytest.mark.parametrize("on_meter", [0.0, 0.8])
def test_a_temporary_basal_runs_from_before_exercise_to_its_end(day: Day, on_meter: float) -> None:
    """Basal is the stated percentage from its lead before exercise to the end, nowhere else."""
    behaviour = {
        "eases_for_exercise": 1.0,
        "suspends_for_exercise": 0.0,
        "exercise_basal_percent": 40,
        "ease_before_min": 60.0,
        "changes_on_meter": on_meter,
    }
    scenario = day(behaviour, exercise=[RUN], **NO_BOLUS, **ALLOWED)
    for replicate in range(3):
        eased = run(scenario, replicate).insulin_nU
        plain = run(day(behaviour, **NO_BOLUS), replicate).insulin_nU
        begins, ends = at(16) // US_PER_MIN, at(17.75) // US_PER_MIN
        during = eased[begins + 1 : ends - 1].sum() / plain[begins + 1 : ends - 1].sum()
        assert during == pytest.approx(0.4, abs=1e-6)
        assert (eased[:begins] == plain[:begins]).all()
        assert eased[ends + 1 :].sum() == pytest.approx(plain[ends + 1 :].sum(), rel=1e-6)


def test_delivery_is_suspended_for_exercise_and_resumed_after_it(day: Day, acts: Acts) -> None:
    """No insulin flows from the start of exercise to its end, and it flows again afterwards."""
    behaviour = {
        "eases_for_exercise": 1.0,
        "suspends_for_exercise": 1.0,
        "changes_on_meter": 0.0,
        "suspends_in_low": 0.0,
    }
    trace = run(day(behaviour, exercise=[RUN], **NO_BOLUS))
    (suspended,), (resumed,) = (acts(trace, f"{act} on the pump") for act in ("suspend", "resume"))
    assert (suspended.t, resumed.t) == (at(17), at(17.75))
    assert not trace.insulin_nU[at(17) // US_PER_MIN : at(17.75) // US_PER_MIN].any()
    assert trace.insulin_nU[at(17.75) // US_PER_MIN :].any()


def test_exercise_comes_every_day(day: Day, acts: Acts) -> None:
    """Over three days there are three times of exercise, the first one's lead before the start."""
    behaviour = {"eases_for_exercise": 1.0, "suspends_for_exercise": 0.0, "changes_on_meter": 0.0}
    early = {"at": "07:00", "lasts": "1h"}
    scenario = day(behaviour, exercise=[early], time__duration="72h", **NO_BOLUS)
    times = [act.t for act in acts(run(scenario), "set a temporary basal on the pump")]
    # The lead of 90 min would begin in sleep: on the first day the start comes first.
    assert times == []
    awake = day({**behaviour, "asleep_until": "05:00"}, exercise=[early], time__duration="72h")
    times = [act.t for act in acts(run(awake), "set a temporary basal on the pump")]
    lead = at(5.5)  # on the day before the next one starts
    assert times == [0, *(number * US_PER_DAY + lead for number in (1, 2, 3))]


def test_the_meter_is_used_as_often_as_stated_and_its_alert_expected(day: Day, acts: Acts) -> None:
    """The stated share is asked for over the air, carried out so, and surprises nobody."""
    behaviour = {
        "eases_for_exercise": 1.0,
        "suspends_for_exercise": 0.0,
        "changes_on_meter": 0.6,
        "never_answered": 0.0,
    }
    by_meter = 0
    for replicate in range(100):
        trace = run(day(behaviour, exercise=[RUN], **NO_BOLUS, **ALLOWED), replicate)
        asked = len(acts(trace, "set a temporary basal on the meter"))
        carried_out = [
            position
            for position, event in trace.of(CommandAccepted)
            if event.command == "temporary-basal"
            and any(type(cause) is FrameSent for cause in trace.causes(position))
        ]
        assert len(carried_out) == asked
        seen = [event for _, event in trace.of(Noticed) if event.kind == "remote-command"]
        assert [event.expected for event in seen] == [True] * asked
        by_meter += asked
    assert stats.binomtest(by_meter, 100, 0.6).pvalue > ERROR_RATE


def test_what_the_pump_does_not_take_from_the_meter_is_pressed_on_it(day: Day, acts: Acts) -> None:
    """Where remote suspensions are off, the person presses the pump's buttons in the end."""
    behaviour = {
        "eases_for_exercise": 1.0,
        "suspends_for_exercise": 1.0,
        "changes_on_meter": 0.8,
    }
    fell_back = 0
    for replicate in range(10):
        trace = run(day(behaviour, exercise=[RUN], **NO_BOLUS), replicate)
        tried = acts(trace, "suspend on the meter")
        (pressed,) = acts(trace, "suspend on the pump")
        if tried:
            assert tried[0].t < pressed.t < tried[0].t + US_PER_MIN
            fell_back += 1
        assert not trace.insulin_nU[at(17.05) // US_PER_MIN : at(17.7) // US_PER_MIN].any()
    assert fell_back > 3


LOW = {"missed_bolus": 0.0, "carb_error_cv": 0.6, "suspends_in_low": 1.0, "changes_on_meter": 0.0}


def test_delivery_is_suspended_in_a_low_for_a_while(day: Day, acts: Acts) -> None:
    """Who suspends in a low resumes after the stated time, and does neither asleep."""
    suspensions = 0
    for replicate in range(20):
        scenario = day({**LOW, "suspended_for_min": 20.0})
        trace = run(scenario, replicate)
        begun, ended = (
            [act.t for act in acts(trace, f"{act} on the pump")] for act in ("suspend", "resume")
        )
        assert ended == [t + 20 * US_PER_MIN for t in begun][: len(ended)]
        assert len(begun) - len(ended) <= 1
        for t in (*begun, *ended):
            assert not is_asleep(scenario.behaviour, (START + t) % US_PER_DAY)
        suspensions += len(begun)
    assert suspensions > 10


def test_suspending_in_lows_shortens_them(day: Day) -> None:
    """Over the same days there is less insulin and less time below 70 mg/dL."""
    low = {**LOW, "rescue_carbs_g": 5.0, "suspended_for_min": 90.0}
    below, insulin = [], []
    for share in (0.0, 1.0):
        traces = [run(day({**low, "suspends_in_low": share}), each) for each in range(20)]
        below.append(sum(int((trace.plasma_mgdl < 70).sum()) for trace in traces))
        insulin.append(sum(int(trace.insulin_nU.sum()) for trace in traces))
    assert insulin[1] < insulin[0]
    assert below[1] < below[0]


def test_without_exercise_nothing_about_it_is_decided(day: Day) -> None:
    """Who eases for exercise lives the same day as who does not, as long as there is none."""
    one, other = (run(day({"eases_for_exercise": share})) for share in (0.0, 1.0))
    assert one.jsonl() == other.jsonl()
