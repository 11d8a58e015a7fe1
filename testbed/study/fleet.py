"""What the reports of a study's wearers come to for others, arm by arm."""

from __future__ import annotations

from collections.abc import Mapping

from testbed.mitigations import apply_arm
from testbed.people.fleet import Awareness, awareness
from testbed.scenario.model import Scenario
from testbed.study.results import Study

_NOTICED = "noticed"


def fleet_of(study: Study, scenario: Scenario) -> Mapping[str, Awareness]:
    """Return for each arm that tables show when the maker is aware, on average.

    How many cases are noticed is what the study found, over the runs in which there was
    something to notice; how many of these are reported, and how late, is the behaviour of the
    arm's first wearer.

    Args:
        study: What came of the scenario.
        scenario: The scenario.
    """
    found: dict[str, Awareness] = {}
    for arm in study.shown:
        behaviour = apply_arm(scenario, arm).behaviour
        seen = [row.attacked.get(_NOTICED) for row in study.of(arm)]
        told = [each for each in seen if each is not None]
        share = sum(told) / len(told) if told else 0.0
        found[arm] = awareness(share, behaviour.reports, behaviour.report_after_h, scenario.fleet)
    return found
