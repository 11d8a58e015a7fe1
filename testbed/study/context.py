"""What metrics must know of a scenario that its traces do not tell."""

from __future__ import annotations

from testbed.outcomes import Context
from testbed.scenario.model import Scenario


def context_of(scenario: Scenario) -> Context:
    """Return what the metrics of a scenario's runs are to know.

    Args:
        scenario: The scenario with the mitigations of one arm applied.
    """
    unsafe, behaviour = scenario.unsafe, scenario.behaviour
    most = unsafe.max_bolus_U
    return Context(
        max_bolus_U=scenario.pump.max_bolus_U if most is None else most,
        most_in_2h_U=unsafe.most_in_2h_U,
        most_in_24h_U=unsafe.most_in_24h_U,
        to_link=tuple(sorted({each.device for each in scenario.pairing})),
        asleep_from=behaviour.asleep_from,
        asleep_until=behaviour.asleep_until,
    )
