"""Metrics of noticing: whether anybody becomes aware of an attack, who, by what and how soon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from testbed.outcomes.facts import Facts
from testbed.outcomes.metric import OWN_DEFINITION, Metric
from testbed.outcomes.origins import Origin
from testbed.trace import NO_CAUSE, Attacked, FrameLost, FrameOverheard, FrameRefused, FrameSent
from testbed.units import US_PER_MIN

_PARTNER: Final = "care-partner"
_ON_THE_AIR: Final = frozenset({Attacked, FrameSent, FrameLost, FrameOverheard, FrameRefused})


class Notice(NamedTuple):
    """The first time that somebody noticed an alert that an attack had led to.

    Attributes:
        who: Who noticed it, as the trace names them.
        kind: What the alert was about, as the trace names it.
        minutes: Minutes since a device first did something for the attack: took a command or a
            reading, linked, alerted.
    """

    who: str
    kind: str
    minutes: float


def first_notice(run: Facts) -> Notice | None:
    """Return when somebody first noticed the attack, None where nobody did."""
    found = run.of_the_attack
    first = next(((at, each) for at, each in run.noticed if each.cause in found), None)
    if first is None:
        return None
    events = run.trace.events
    began = min(
        events[position].t for position in found if type(events[position]) not in _ON_THE_AIR
    )
    _, noticed = first
    return Notice(noticed.who, noticed.kind, (noticed.t - began) / US_PER_MIN)


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


def _time_to_detect(run: Facts, _twin: Facts) -> float | None:
    notice = run.once(first_notice)
    return None if notice is None else notice.minutes


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
    least=0.0,
    needs_attacker=True,
    of=_time_to_notice,
)
TIME_TO_DETECT_MIN = Metric(
    name="time_to_detect_min",
    label="time until a person notices the attack by anything",
    unit="min",
    definition=(
        "Minutes from the first thing that a device did for the attack (took a command or a "
        "reading, linked, alerted) until a person first notices an alert that the attack led to, "
        "whatever it is about; not defined where nobody does."
    ),
    source=OWN_DEFINITION,
    worse="higher",
    decimals=1,
    least=0.0,
    on_request=True,
    needs_attacker=True,
    of=_time_to_detect,
)


def _noticed(name: str, by: str, of: Callable[[Notice], bool]) -> Metric:
    def noticed(run: Facts, _twin: Facts) -> float:
        notice = run.once(first_notice)
        return float(notice is not None and of(notice))

    return Metric(
        name=name,
        label=f"runs in which {by} notices",
        unit="share",
        definition=(
            f"1 if {by} is the first to notice an alert that the attack led to; otherwise 0. An "
            "alert of glucose that the attack brought about is none: what it is about is glucose."
        ),
        source=OWN_DEFINITION,
        worse="lower",
        decimals=3,
        on_request=True,
        needs_attacker=True,
        of=noticed,
    )


NOTICED = _noticed("noticed", "somebody", lambda _notice: True)
NOTICED_BY_WEARER = _noticed(
    "noticed_by_wearer", "the wearer", lambda notice: notice.who != _PARTNER
)
NOTICED_BY_PARTNER = _noticed(
    "noticed_by_partner", "the care partner", lambda notice: notice.who == _PARTNER
)
DETECTION: Final = (NOTICED, NOTICED_BY_WEARER, NOTICED_BY_PARTNER, TIME_TO_DETECT_MIN)
"""Whether the attack as a whole is noticed, by whom, and how soon."""
