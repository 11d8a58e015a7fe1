"""Days of a wearer, with everything but the wearer's own choices made certain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from testbed.scenario import Scenario
from testbed.trace import Acted, Trace

CERTAIN: dict[str, Any] = {
    "title": "A day at home",
    "time": {"start": "06:00", "duration": "24h"},
    "patient": {"cohort": "adults"},
    "meal": [
        {"at": "07:30", "carbs_g": 45},
        {"at": "12:30", "carbs_g": 70},
        {"at": "18:30", "carbs_g": 80},
    ],
    "radio": {"shadowing_sd_dB": 0.0},
    "pump": {"max_bolus_U": 25.0, "alert_rings": 1},
    "study": {"seed": 11, "arms": {"as-shipped": []}},
}


def day(behaviour: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """Return a day of a person with some behaviour; ``__`` stands for a dot in a key."""
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    if behaviour is not None:
        dotted["patient.behaviour"] = behaviour
    return Scenario.from_written(CERTAIN, "day").patched(dotted)


def acts(trace: Trace, *names: str) -> list[Acted]:
    """Return what the wearer did, of some kinds or all."""
    return [event for _, event in trace.of(Acted) if not names or event.act in names]


@pytest.fixture(scope="session", name="day")
def _day() -> Callable[..., Scenario]:
    """The means to make a day."""
    return day


@pytest.fixture(scope="session", name="acts")
def _acts() -> Callable[..., list[Acted]]:
    """What a wearer did."""
    return acts
