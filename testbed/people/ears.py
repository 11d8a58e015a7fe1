"""A person's ears and skin: which ring of an alert is noticed, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from testbed.devices import Loudness, Pump
from testbed.people.noticing import minutes_to_notice
from testbed.people.person import Person
from testbed.simulation import Call
from testbed.units import US_PER_MIN


class Heard(NamedTuple):
    """An alert that somebody is about to notice.

    Attributes:
        kind: What the alert is about.
        alert: Position in the trace of the ring.
        began: When the alert began, however often it rang since.
        decision: Front of the names of the dice about it.
        woken: Whether it woke the person.
    """

    kind: str
    alert: int
    began: int
    decision: str
    woken: bool


class Ears:
    """One person in earshot of one pump.

    Published answers are to whole alerts, so an alert is judged once; only who slept through a
    ring, or did not feel it, is asked again at the next.

    Args:
        person: Whose.
        pump: The pump.
        near: Whether the person is near it now.
        notice: Called when an alert is noticed.
    """

    def __init__(
        self,
        person: Person,
        pump: Pump,
        near: Callable[[], bool],
        notice: Callable[[Heard], None],
    ) -> None:
        self._person = person
        self._pump = pump
        self._near = near
        self._notice = notice
        self._judged: dict[str, int] = {}

    def ring(self, kind: str, alert: int) -> None:
        """Take a ring: notice it some time later, or not at all."""
        person, began = self._person, self._pump.alert_since(kind)
        if began is None or self._judged.get(kind) == began or not self._near():
            return
        manner, dice, asleep = person.manner, person.dice, person.asleep
        decision = f"{person.name}/alert/{kind}/{person.env.now // US_PER_MIN}"
        if self._pump.alert_loudness(kind) is Loudness.VIBRATION:
            feels = manner.feels_vibration_asleep if asleep else manner.feels_vibration_awake
            if not dice.chance(f"{decision}/feels", feels):
                return
        u = dice.uniform(f"{decision}/notices")
        if asleep:
            if not dice.chance(f"{decision}/wakes", manner.wakes_to_alert):
                return
            u *= 1.0 - manner.never_answered  # who wakes to it has noticed it
        self._judged[kind] = began
        minutes = minutes_to_notice(manner, u)
        if minutes is not None:
            heard = Heard(kind, alert, began, decision, asleep)
            person.env.later(round(minutes * US_PER_MIN), self._due, heard)

    def _due(self, timer: Call) -> None:
        """Notice an alert, unless sleep or a way came first: then a later ring is a new chance."""
        heard: Heard = timer.value
        if (self._person.asleep and not heard.woken) or not self._near():
            if self._judged.get(heard.kind) == heard.began:
                del self._judged[heard.kind]
            return
        self._notice(heard)
