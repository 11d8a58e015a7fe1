"""The scenario: what a person writes, composed, loaded and checked.

Composes the settings that each room below owns, and explains every error of a file with
its line, its key, what was expected and what was found.
"""

from testbed.scenario.errors import Problem, ScenarioError
from testbed.scenario.load import load_scenario, parse_scenario
from testbed.scenario.model import ADVICE_GROUP, Expectation, Scenario

__all__ = [
    "ADVICE_GROUP",
    "Expectation",
    "Problem",
    "Scenario",
    "ScenarioError",
    "load_scenario",
    "parse_scenario",
]
