"""What a wearer makes of meter readings on the pump's screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from testbed.people.behaviour import Behaviour
from testbed.people.person import Person
from testbed.people.readings import ACT, Readings
from testbed.randomness import Streams
from testbed.scenario import Scenario
from testbed.simulation import Simulation
from testbed.trace import Acted, CommandAccepted, Noticed, ReadingStored, Recorder, Trace
from testbed.units import US_PER_HOUR, US_PER_MIN
from testbed.world import live

OWN = {"remote_bolus_use": 0.8, "missed_bolus": 0.0}


def by_meter(day: Callable[..., Scenario], calibration: str, **behaviour: float) -> Trace:
    """Return a day in which the wearer boluses by the meter where possible."""
    scenario = day({**OWN, **behaviour}, cgm__calibration=calibration, time__duration="72h")
    return live(scenario, 0, attack=False)


def test_own_results_calibrate_a_sensor_that_asks_for_it(
    day: Callable[..., Scenario], acts: Callable[..., list[Acted]]
) -> None:
    """Each own result that the pump shows is entered, and the sensor takes it."""
    trace = by_meter(day, "one-point-gain")
    shown = [event.mgdl for _, event in trace.of(ReadingStored) if event.source == "meter"]
    entered = [event.amount for event in acts(trace, ACT)]
    assert len(shown) >= 3
    assert entered == shown
    taken = [event for _, event in trace.of(CommandAccepted) if event.device == "cgm"]
    assert len(taken) == len(shown)


def test_a_factory_calibrated_sensor_is_left_alone(
    day: Callable[..., Scenario], acts: Callable[..., list[Acted]]
) -> None:
    """By default nobody calibrates, whatever the behaviour says."""
    changed = by_meter(day, "factory", calibrate_with_own=0.5, calibrate_with_unasked=0.5)
    assert not acts(changed, ACT)
    assert changed.fingerprint() == by_meter(day, "factory").fingerprint()


def test_who_does_not_calibrate_does_not(
    day: Callable[..., Scenario], acts: Callable[..., list[Acted]]
) -> None:
    """With a share of 0 own results are not entered."""
    assert not acts(by_meter(day, "one-point-gain", calibrate_with_own=0.0), ACT)


class Menu:
    """Stands in for pump, its menu and the transmitter: what a reading does to a wearer."""

    takes_calibrations = True

    def __init__(self, behaviour: Behaviour, start_us: int, seed: int = 1) -> None:
        self.calibration = self
        self.env = Simulation()
        self.pressed: list[tuple[int, int, int]] = []
        self.show: Callable[[int, int], None]
        self.recorder = Recorder()
        person = Person("wearer", self.env, self.recorder, Streams(seed, 0), behaviour, start_us)
        pump: Any = self
        self.wearer = Readings(person, behaviour, pump, pump, pump)

    def when_shown(self, call: Callable[[int, int], None]) -> None:
        """Take the wearer's eyes."""
        self.show = call

    def press(self, mgdl: int, cause: int) -> bool:
        """Note what is entered, when, and which reading on the screen led to it."""
        events = self.recorder.events()
        while cause >= 0 and type(events[cause]) in (Acted, Noticed):
            cause = events[cause].cause
        self.pressed.append((self.env.now, mgdl, cause))
        return True


CREDULOUS = Behaviour(
    calibrate_with_unasked=0.5,
    correct_on_unasked_reading=0.0,
    never_answered=0.0,
    answered_fast=0.95,
)


def unasked(start_us: int, seeds: int = 400) -> Iterator[Menu]:
    """Yield wearers after a reading of 300 mg/dL that nobody asked for."""
    for seed in range(seeds):
        menu = Menu(CREDULOUS, start_us, seed)
        menu.show(300, -7)
        menu.env.run_to(3 * US_PER_HOUR)
        yield menu


def test_a_reading_of_nobodys_asking_is_entered_by_some_and_late() -> None:
    """The share of wearers is the behaviour's, the delay is that of noticing an alert.

    Of 400 wearers, 0.5 within 4.9 standard deviations: refuses a right program once in 10^6.
    """
    menus = list(unasked(12 * US_PER_HOUR))
    entered = [menu.pressed[0] for menu in menus if menu.pressed]
    assert abs(len(entered) - 200) < 4.9 * 10
    assert {(mgdl, cause) for _, mgdl, cause in entered} == {(300, -7)}
    assert sum(at <= 10 * US_PER_MIN for at, _, _ in entered) > 0.8 * len(entered)
    assert len({at for at, _, _ in entered}) > 100


def test_a_sleeper_sees_no_reading() -> None:
    """A reading makes no sound: at night nobody enters one that nobody asked for."""
    assert not any(menu.pressed for menu in unasked(2 * US_PER_HOUR))


@pytest.mark.parametrize(("shown", "own"), [(121, True), (122, False)])
def test_a_reading_is_own_if_the_meter_showed_it(shown: int, own: bool) -> None:
    """The value on the own meter's screen is recognised, once; another one is a stranger's."""
    never = Behaviour(calibrate_with_unasked=0.0, correct_on_unasked_reading=0.0)
    menu = Menu(never, 12 * US_PER_HOUR)
    menu.wearer.measured(121)
    menu.show(shown, -3)
    menu.show(shown, -4)
    menu.env.run_to(US_PER_HOUR)
    assert [cause for _, _, cause in menu.pressed] == ([-3] if own else [])
