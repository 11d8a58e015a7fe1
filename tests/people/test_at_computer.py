"""Who plugs the USB stick in and takes it out, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import stats
from testbed.scenario import Scenario
from testbed.trace import Acted, FrameSent, Trace
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN
from testbed.world import live

Day = Callable[..., Scenario]
Acts = Callable[..., list[Acted]]

ERROR_RATE = 1e-6
OUT = "take the stick out of the computer"
ALWAYS_IN = {"usb__plugged_for": "24h", "usb__download_every": "30min"}


def run(scenario: Scenario, replicate: int = 0) -> Trace:
    """Return one twin."""
    return live(scenario, replicate, attack=False)


def downloads(trace: Trace) -> list[int]:
    """Return when the stick asked the pump for its history."""
    return [event.t for _, event in trace.of(FrameSent) if event.node == "usb"]


def hour(clock: float) -> int:
    """Return the time of the run at an hour of the day."""
    return round((clock - 6.0) * US_PER_HOUR)


def test_who_comes_home_while_it_would_be_in_plugs_it_in_then(day: Day) -> None:
    """Away at 20:00, the stick goes in on coming home, and out with the time that it has."""
    usb: dict[str, Any] = {"usb__plugged_for": "1h", "usb__download_every": "10min"}
    stay = [{"from": "18:00", "until": "20:35", "place": "cafe"}]
    at_home, out = downloads(run(day(**usb))), downloads(run(day(stay=stay, **usb)))
    assert (at_home[0], out[0]) == (hour(20), hour(20) + 35 * US_PER_MIN)
    assert max(at_home[-1], out[-1]) < hour(21) + US_PER_MIN


def test_who_comes_home_too_late_leaves_it(day: Day) -> None:
    """After the time for it there is no plugging in before the next day."""
    stay = [{"from": "18:00", "until": "20:35", "place": "cafe"}]
    assert not downloads(run(day(stay=stay, usb__plugged_for="30min")))


def test_it_is_taken_out_as_often_and_as_soon_as_stated(day: Day, acts: Acts) -> None:
    """Of many evenings the stated share ends the stick's time after one download."""
    behaviour = {"unplugs_after_download": 0.4, "unplug_after_min": 3.0}
    taken = 0
    for replicate in range(100):
        trace = run(day(behaviour, meal=[], usb__download_every="5min"), replicate)
        out = acts(trace, OUT)
        assert [act.t for act in out] in ([], [hour(20) + 3 * US_PER_MIN])
        assert len(downloads(trace)) == (1 if out else 6)
        taken += len(out)
    assert stats.binomtest(taken, 100, 0.4).pvalue > ERROR_RATE


def test_a_stick_that_is_always_taken_out_is_not_in_at_the_start(day: Day) -> None:
    """Left in all day it downloads all day; taken out, once a day and not in the morning."""
    left = downloads(run(day({"unplugs_after_download": 0.0}, **ALWAYS_IN)))
    taken = downloads(run(day({"unplugs_after_download": 1.0}, **ALWAYS_IN)))
    assert left[0] == 0
    assert len(left) > 40
    assert taken == [hour(20)]


def test_nobody_takes_it_out_from_afar_or_asleep(day: Day, acts: Acts) -> None:
    """Who has left, or sleeps, takes the stick out on coming home, or on waking up."""
    behaviour = {"unplugs_after_download": 1.0, "unplug_after_min": 10.0}
    gone = day(behaviour, stay=[{"from": "20:05", "until": "22:00", "place": "cafe"}], **ALWAYS_IN)
    assert [act.t for act in acts(run(gone), OUT)] == [hour(22)]
    sleeps = {**behaviour, "asleep_from": "20:05", "asleep_until": "05:00"}
    asleep = day(sleeps, **ALWAYS_IN)
    assert [act.t for act in acts(run(asleep), OUT)] == [hour(5) + US_PER_DAY]


def test_it_stays_in_until_a_linking_is_done(day: Day, acts: Acts) -> None:
    """A stick that is being linked is not taken out in the middle of it."""
    behaviour = {"unplugs_after_download": 1.0, "unplug_after_min": 0.5, "type_code_s": 60.0}
    scenario = day(behaviour, pairing=[{"device": "usb", "at": "12:00"}], link__pairing="passkey")
    trace = run(scenario)
    frames = downloads(trace)
    (first, *_) = [act.t for act in acts(trace, OUT)]
    assert hour(12) + US_PER_MIN < first
    assert max(t for t in frames if t < hour(13)) <= first
