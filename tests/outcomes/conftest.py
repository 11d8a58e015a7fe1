"""A hand-made run, written event by event."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from testbed.trace import (
    Acted,
    Alerted,
    Attacked,
    BolusEnded,
    BolusStarted,
    Event,
    FrameSent,
    Noticed,
    RunStarted,
    Trace,
)
from testbed.units import US_PER_MIN


class Script:
    """Writes events in order and returns their positions, as a world would."""

    def __init__(self, correction_factor: float = 40.0, minutes: int = 60) -> None:
        self.minutes = minutes
        self.delivered = 0
        self.events: list[Event] = []
        self.add(RunStarted(0, -1, "adult#001", 0, minutes, 10.0, correction_factor))

    def add(self, event: Event) -> int:
        """Write an event and return its position."""
        self.events.append(event)
        return len(self.events) - 1

    def attacked(self, minute: float = 0) -> int:
        """Write a gate that an attacker's step passed."""
        return self.add(Attacked(int(minute * US_PER_MIN), -1, "remote-bolus", "in-range", True))

    def acted(self, cause: int = -1, minute: float = 0) -> int:
        """Write an act of the wearer."""
        return self.add(Acted(int(minute * US_PER_MIN), cause, "wearer", "ask-bolus", 1.0))

    def sent(self, cause: int, minute: float = 0) -> int:
        """Write a frame that went on the air."""
        return self.add(FrameSent(int(minute * US_PER_MIN), cause, "meter", b"\x01"))

    def meal(self, minute: float = 0, carbs_g: float = 60.0) -> int:
        """Write that the wearer eats."""
        return self.add(Acted(int(minute * US_PER_MIN), -1, "wearer", "eat", carbs_g))

    def alert(self, kind: str, cause: int = -1, minute: float = 0) -> int:
        """Write that the pump rings."""
        return self.add(Alerted(int(minute * US_PER_MIN), cause, "pump", kind))

    def bolus(self, cause: int, nanounits: int = 10, minute: float = 0) -> int:
        """Write a bolus that is delivered at once; return the position of its start."""
        t = int(minute * US_PER_MIN)
        start = self.add(BolusStarted(t, cause, nanounits, "remote"))
        self.add(BolusEnded(t, start, nanounits, "completed"))
        self.delivered += nanounits
        return start

    def noticed(self, cause: int, minute: float) -> int:
        """Write an alert and that the wearer noticed it."""
        t = int(minute * US_PER_MIN)
        alert = self.add(Alerted(t, cause, "pump", "bolus-started"))
        return self.add(Noticed(t, alert, "wearer", "bolus-started", False))

    def trace(self, mgdl: NDArray[np.float64] | None = None) -> Trace:
        """Return the run, all its boluses in the first minute."""
        insulin = np.zeros(self.minutes, dtype=np.int64)
        insulin[0] = self.delivered
        plasma = np.full(self.minutes + 1, 120.0) if mgdl is None else mgdl
        return Trace(tuple(self.events), plasma, insulin, np.zeros(self.minutes))


@pytest.fixture
def script() -> Script:
    """An hour of a person with a correction factor of 40 mg/dL per U."""
    return Script()


@pytest.fixture
def make_script() -> type[Script]:
    """The means to write several runs, or one of another person."""
    return Script
