"""The metric of noticing: how long an attacker's bolus runs before anybody is aware of it."""

from __future__ import annotations

from testbed.outcomes.facts import Facts
from testbed.outcomes.metric import OWN_DEFINITION, Metric
from testbed.outcomes.origins import Origin
from testbed.trace import NO_CAUSE
from testbed.units import US_PER_MIN


def _time_to_notice(run: Facts, _twin: Facts) -> float | None:
    unauthorised = [each for each in run.boluses if each.origin is Origin.ATTACKER]
    if not unauthorised:
        return None
    starts = {each.position for each in unauthorised}
    events = run.trace.events
    for position, noticed in run.noticed:
        at = position
        while at != NO_CAUSE:
            if at in starts:
                return (noticed.t - unauthorised[0].started_us) / US_PER_MIN
            at = events[at].cause
    return None


TIME_TO_NOTICE_MIN = Metric(
    name="time_to_notice_min",
    label="time until a person notices",
    unit="min",
    definition=(
        "Minutes from the start of the attacker's first bolus until a person first notices an "
        "alert that a bolus of the attacker's led to; not defined where nobody does, "
        "so its mean is over the runs in which somebody did."
    ),
    source=OWN_DEFINITION,
    worse="higher",
    decimals=1,
    needs_attacker=True,
    of=_time_to_notice,
)
