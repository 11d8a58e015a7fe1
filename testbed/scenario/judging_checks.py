"""Checks of what a scenario says of its results: its scale of severity and its expectations."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from testbed.scenario.document import Document
from testbed.scenario.errors import KeyPath, Problem, did_you_mean, one_of, show
from testbed.scenario.judging import SeveritySettings
from testbed.scenario.model import Expectation
from testbed.scenario.sections import Item, problem


def unknown_name(
    document: Document, path: KeyPath, kind: str, name: str, known: Collection[str]
) -> Problem:
    """Return the problem of a name that is none of those that are known, with the nearest."""
    near = did_you_mean(name, known)
    hint = f"did you mean {near}?" if near else one_of(tuple(known))
    return problem(document, path, kind, show(name), hint)


def severity_check(
    document: Document, severity: SeveritySettings, metrics: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each threshold of a metric that there is not."""
    for name in severity.thresholds:
        if name not in metrics:
            path = ("severity", "thresholds", name)
            yield unknown_name(document, path, "a metric", name, metrics)


def expectation_checks(
    document: Document,
    arms: Collection[str],
    items: tuple[Item, ...],
    metrics: Collection[str],
) -> Iterator[Problem]:
    """Yield what is wrong with each expectation."""
    for item in items:
        row: Expectation = item.value
        path = ("expect", item.index)
        if row.arm not in arms:
            yield unknown_name(document, (*path, "arm"), "one of the arms", row.arm, arms)
        if row.metric not in metrics:
            yield unknown_name(document, (*path, "metric"), "a metric", row.metric, metrics)
        low, high = row.at_least, row.at_most
        if low is None and high is None:
            yield problem(document, path, "at_most, at_least or both", "neither")
        elif low is not None and high is not None and low > high:
            found = f"{show(low)} above at_most = {show(high)}"
            yield problem(document, (*path, "at_least"), "a number up to at_most", found)
