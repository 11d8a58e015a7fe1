"""The funnel of an attack: which stages one run came to, each a metric of 0 or 1.

Stages are read off the gates of the attacker's steps and off what devices recorded, never off
what the scenario meant.  An attack that was accepted has had whatever key it took to be, and one
that has a key was near and has heard, touched or run something; so each of the first four
stages holds the next.  What was delivered may differ without any command, by noise on the air,
and does not reach back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from testbed.outcomes.facts import Facts
from testbed.outcomes.harm import EXTRA_ABOVE_250_MIN, EXTRA_BELOW_54_MIN, MISSED_U
from testbed.outcomes.metric import BATTELINO_2019, OWN_DEFINITION, Metric
from testbed.outcomes.noticing import first_notice
from testbed.outcomes.origins import Origin
from testbed.trace import (
    Attacked,
    BasalChanged,
    BolusStarted,
    CommandAccepted,
    FrameOverheard,
    Jammed,
    ReadingStored,
    SettingChanged,
)
from testbed.units import NANOUNITS_PER_UNIT

_TRIES: Final = frozenset(
    {
        "says hello",
        "asks for a confirmation",
        "knows the serial numbers",
        "knows when to make noise",
        "makes noise",
    }
)
"""Gates that anybody passes who tries, or who was told something beforehand."""
_KEYS: Final = ("link key", "linked with", "stands between")
"""Words in the name of a gate behind which a key is held."""
_ACCEPTED: Final = frozenset(
    {CommandAccepted, ReadingStored, SettingChanged, BasalChanged, BolusStarted}
)
_STEP_NU: Final = NANOUNITS_PER_UNIT // 20
"""The smallest step in which boluses are dosed here, nanounits."""
_LASTING_MIN: Final = 30
"""How long the amount given so far has to be another; longer than a bolus takes to flow."""
_NEAR: Final = frozenset({FrameOverheard, Jammed})
"""Events of an attacker that is in reach of the devices."""


def _is_accepted(run: Facts) -> bool:
    events = run.trace.events
    return any(type(events[position]) in _ACCEPTED for position in run.of_the_attack)


def _has_key(run: Facts) -> bool:
    gates = run.of(Attacked)
    by_gate = any(gate.passed and any(key in gate.gate for key in _KEYS) for _, gate in gates)
    return by_gate or run.once(_is_accepted)


def _has_heard(run: Facts) -> bool:
    gates = run.of(Attacked)
    return any(gate.passed and gate.gate not in _TRIES for _, gate in gates) or run.once(_has_key)


def _is_in_range(run: Facts, twin: Facts) -> bool:
    if run is twin:
        return False
    if run.once(_has_heard):
        return True
    return any(type(event) in _NEAR for event in run.trace.events)


def _is_delivered(run: Facts, twin: Facts) -> bool:
    if run is twin:
        return False
    by_attack = run.by_origin[Origin.ATTACKER] + run.by_origin[Origin.MISCUED] > 0
    return by_attack or _is_other_insulin(run, twin)


def _is_other_insulin(run: Facts, twin: Facts) -> bool:
    """Return whether what had been given so far was another amount for long enough.

    An attacker's frames can make the person's own request wait for seconds: the same dose then
    flows a little later, which is no other insulin.
    """
    ahead = np.cumsum(run.trace.insulin_nU - twin.trace.insulin_nU)
    apart = np.abs(ahead) >= _STEP_NU
    edges = np.flatnonzero(np.diff(np.concatenate(([False], apart, [False]))))
    return bool(np.any(edges[1::2] - edges[::2] >= _LASTING_MIN))


def _is_unnoticed(run: Facts, twin: Facts) -> bool:
    return _is_delivered(run, twin) and run.once(first_notice) is None


def _is_harmed(run: Facts, twin: Facts) -> bool:
    beyond = (each.of(run, twin) or 0.0 for each in (EXTRA_BELOW_54_MIN, EXTRA_ABOVE_250_MIN))
    return _is_delivered(run, twin) and any(minutes > 0 for minutes in beyond)


def _stage(
    name: str, label: str, definition: str, of: Callable[[Facts, Facts], bool], source: str = ""
) -> Metric:
    return Metric(
        name=f"stage_{name}",
        label=f"attacks: {label}",
        unit="share",
        definition=f"1 if {definition}; otherwise 0.",
        source=source or OWN_DEFINITION,
        worse="higher",
        decimals=3,
        on_request=True,
        needs_attacker=True,
        of=lambda run, twin: float(of(run, twin)),
    )


STAGES: Final = (
    _stage(
        "in_range",
        "in range",
        "the attacker heard a frame, made noise, or came to the next stage",
        _is_in_range,
    ),
    _stage(
        "heard",
        "heard or saw what it waited for",
        "a gate of a step was passed, other than that of merely trying, or the next stage was "
        "reached",
        lambda run, _twin: run.once(_has_heard),
    ),
    _stage(
        "key",
        "has a key that it takes",
        "the attacker came to hold a link or its key, or the next stage was reached",
        lambda run, _twin: run.once(_has_key),
    ),
    _stage(
        "accepted",
        "accepted",
        "a device acted on what the attacker sent: a command accepted, a reading stored, a "
        "setting or the basal changed, a bolus begun",
        lambda run, _twin: run.once(_is_accepted),
    ),
    _stage(
        "delivered",
        "other insulin than without it",
        "insulin was delivered for the attacker or by false readings, or what had been delivered "
        f"until then was for {_LASTING_MIN} min on end not what it was in the twin, by 0.05 U or "
        f"more; a dose that flows a little later is none, {MISSED_U.name} and rescue by suspending "
        "are",
        _is_delivered,
    ),
    _stage(
        "unnoticed",
        "noticed by nobody",
        "the stage before was reached, and no person noticed an alert that the attack led to",
        _is_unnoticed,
    ),
    _stage(
        "harmed",
        "with level 2 glucose",
        "insulin was other than without the attack, and there are more minutes below 54 or above "
        "250 mg/dL than in the twin",
        _is_harmed,
        f"{OWN_DEFINITION}; level 2 by {BATTELINO_2019}",
    ),
)
"""The stages in order.  The last two are both of runs that came to the one before them."""
