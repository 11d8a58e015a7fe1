"""What metrics must know of a scenario that its traces do not tell."""

from __future__ import annotations

from testbed.outcomes import Context
from testbed.scenario.model import Scenario


def context_of(scenario: Scenario) -> Context:
    """Return what the metrics of a scenario's runs are to know.

    Args:
        scenario: The scenario.  None of what is taken from it is a mitigation's to change: arms
            are held against the same limits.
    """
    unsafe, behaviour, other = scenario.unsafe, scenario.behaviour, scenario.third_party
    return Context(
        max_bolus_U=unsafe.max_bolus_U,
        most_in_2h_U=unsafe.most_in_2h_U,
        most_in_24h_U=unsafe.most_in_24h_U,
        to_link=tuple(sorted({each.device for each in scenario.pairing})),
        asleep_from=behaviour.asleep_from,
        asleep_until=behaviour.asleep_until,
        app_asks_every=other.asks_every if other.linked else 0,
    )
