"""Whether a study came out as its scenario file expects: what makes the file a regression test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from testbed.scenario.model import Expectation
from testbed.study.estimate import Estimate
from testbed.study.results import KINDS, Study

_KIND_OF: Final = dict(zip(("metric", "effect", "price"), KINDS, strict=True))
_DIGITS: Final = (4, 6, 9, 17)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one expectation.

    Attributes:
        passed: Whether it holds.
        arm: The arm it is about.
        metric: The metric it is about.
        of: ``metric``, ``effect`` or ``price``.
        expected: What was expected, in words such as ``at most 0``.
        measured: What the study found.
        message: What the study found, in words.
    """

    passed: bool
    arm: str
    metric: str
    of: str
    expected: str
    measured: Estimate
    message: str


def check(study: Study, expectations: Iterable[Expectation]) -> tuple[Verdict, ...]:
    """Return a verdict for each expectation, in order.

    An expectation is about the mean, and the comparison is exact: ``at_most = 0`` is not met
    by 1e-12.  Where no run defines the metric there is no mean, and the expectation fails: a
    number was expected, and a precaution after which nothing is left to measure is better
    expected by a metric that is always defined, such as ``unauthorised_U``.

    Args:
        study: The finished study.
        expectations: What was expected of it.

    Raises:
        KeyError: If an expectation names an arm that the study does not have.
    """
    return tuple(_verdict(study, each) for each in expectations)


def _verdict(study: Study, wanted: Expectation) -> Verdict:
    found = getattr(study.summary()[wanted.arm], _KIND_OF[wanted.of])
    measured: Estimate = found.get(wanted.metric, Estimate(None, None, None, 0, "not measured"))
    passed = measured.mean is not None and _holds(measured.mean, wanted)
    return Verdict(
        passed,
        wanted.arm,
        wanted.metric,
        wanted.of,
        _in_words(wanted),
        measured,
        _measured(measured, wanted),
    )


def _holds(value: float, wanted: Expectation) -> bool:
    high_enough = wanted.at_least is None or value >= wanted.at_least
    low_enough = wanted.at_most is None or value <= wanted.at_most
    return high_enough and low_enough


def _in_words(wanted: Expectation) -> str:
    low, high = wanted.at_least, wanted.at_most
    if low is not None and high is not None:
        return f"exactly {high:.15g}" if low == high else f"from {low:.15g} to {high:.15g}"
    if low is not None:
        return f"at least {low:.15g}"
    return "anything" if high is None else f"at most {high:.15g}"


def _measured(measured: Estimate, wanted: Expectation) -> str:
    if measured.mean is None:
        return "no run defines it"
    if measured.is_exact:
        limits = "in every run" if wanted.of == "metric" else "in every pair"
    elif measured.low is None or measured.high is None:
        limits = "no interval"
    else:
        limits = f"{measured.low:.4g} to {measured.high:.4g}"
    return f"{_shown(measured.mean, wanted)} ({limits}, n {measured.n})"


def _shown(mean: float, wanted: Expectation) -> str:
    """Return a mean with as many digits as it takes to be on the same side as the mean is."""
    texts = [f"{mean:.{digits}g}" for digits in _DIGITS]
    same = (text for text in texts if _holds(float(text), wanted) == _holds(mean, wanted))
    return next(same, texts[-1])
