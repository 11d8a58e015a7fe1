"""What a person loses who does without another maker's device: its app has nothing new to show.

Such a device is there to be looked at elsewhere than on the pump.  Whether anybody looks is not
modelled, so what is counted is the time in which there would be nothing to see.
"""

from __future__ import annotations

from typing import Final

from testbed.outcomes.facts import Facts
from testbed.outcomes.metric import OWN_DEFINITION, Metric
from testbed.trace import FrameLost, FrameRefused, FrameSent
from testbed.units import US_PER_HOUR, US_PER_MIN

_DEVICE: Final = "third-party-side"
_APP: Final = "app"
_IN_A_ROW: Final = 3
"""How many answers may stay away before the app counts as without: as for sensor readings."""


def _without(run: Facts) -> float:
    """Return the hours in which the app's newest answer was old, all of them if none came."""
    every = run.context.app_asks_every
    if not every:
        return 0.0
    answers, missed = {}, set()
    for position, event in enumerate(run.trace.events):
        if isinstance(event, FrameSent):
            if event.node == _DEVICE:
                answers[position] = event.t
        elif isinstance(event, FrameLost | FrameRefused) and event.node == _APP:
            missed.add(event.cause)
    end = run.person.minutes * US_PER_MIN
    heard = [t for position, t in answers.items() if position not in missed]
    if not heard:
        return end / US_PER_HOUR
    at, without = 0, 0
    for t in (*heard, end):
        without += max(0, t - at - _IN_A_ROW * every)
        at = t
    return without / US_PER_HOUR


NO_APP_H: Final = Metric(
    name="no_app_h",
    label="time without another maker's app",
    unit="h",
    definition="Hours in which the newest answer that the app of another maker's device had was "
    "older than three times what it asks after, the whole run if it had none; 0 in a scenario "
    "that has no such device for anybody.",
    source=OWN_DEFINITION,
    worse="higher",
    decimals=2,
    on_request=True,
    of=lambda run, _twin: _without(run),
)
