"""Whether a study came out as its scenario file expects: what makes the file a regression test."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from testbed.outcomes import METRICS
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
        telling: Where it failed, the replicate that is furthest on the wrong side, to be looked
            at; ``None`` where it passed or no run defines the metric.
    """

    passed: bool
    arm: str
    metric: str
    of: str
    expected: str
    measured: Estimate
    message: str
    telling: int | None = None

    @property
    def what(self) -> str:
        """What was judged, such as ``remote-bolus-off: effect of unauthorised_U``."""
        return _what(self.arm, self.of, self.metric)

    def lines(self) -> list[str]:
        """Return two lines for people: what was judged, and what was expected and measured."""
        return [
            f"{'pass' if self.passed else 'FAIL'}  {self.what}",
            f"      expected {self.expected}, measured {self.message}",
        ]

    def closer(self, file: str) -> list[str]:
        """Return lines that say what the metric is, and which command looks closer.

        Args:
            file: The scenario file as its reader knows it.
        """
        metric = METRICS[self.metric]
        lines = [f"      {metric.name} ({metric.unit}): {metric.definition}"]
        if self.telling is None:
            return lines
        words = ["testbed", "explain", file, "--arm", self.arm, "--replicate", str(self.telling)]
        if self.of == "price":
            words.append("--twin")
        lines.append(f"      furthest off is replicate {self.telling}: {shlex.join(words)}")
        return lines


def name_of(wanted: Expectation) -> str:
    """Return an expectation as a name, such as ``remote-bolus-off: remote_origin_U at most 0``."""
    return f"{_what(wanted.arm, wanted.of, wanted.metric)} {_in_words(wanted)}"


def _what(arm: str, of: str, metric: str) -> str:
    return f"{arm}: {metric if of == 'metric' else f'{of} of {metric}'}"


def told(file: str, study: Study, verdicts: Sequence[Verdict]) -> list[str]:
    """Return what became of all expectations of a file, in lines for people.

    Args:
        file: The scenario file as its reader knows it.
        study: The study that was judged.
        verdicts: What :func:`check` returned.
    """
    if not verdicts:
        return [f"{study.scenario}: no [[expect]] rows, nothing to check"]
    lines = []
    for verdict in verdicts:
        lines += verdict.lines()
        if not verdict.passed:
            lines += verdict.closer(file)
    held = sum(verdict.passed for verdict in verdicts)
    return [*lines, f"{held} of {len(verdicts)} expectations hold"]


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
        None if passed else _furthest(study, wanted, measured.mean),
    )


def _furthest(study: Study, wanted: Expectation, mean: float | None) -> int | None:
    """Return the replicate that is furthest on the side on which the mean is wrong."""
    too_high = mean is not None and wanted.at_most is not None and mean > wanted.at_most
    choose = max if too_high else min
    found = dict(_values(study, wanted))
    return choose(found, key=lambda replicate: found[replicate]) if found else None


def _values(study: Study, wanted: Expectation) -> Iterator[tuple[int, float]]:
    """Yield the value of each replicate that an expectation is about, where there is one."""
    others = {row.replicate: row for row in study.of(study.baseline)}
    for row in study.of(wanted.arm):
        other = others[row.replicate]
        if wanted.of == "price":
            value, less = row.twin.get(wanted.metric), other.twin.get(wanted.metric)
        else:
            value, less = row.attacked.get(wanted.metric), other.attacked.get(wanted.metric)
        if wanted.of == "metric":
            less = 0.0
        if value is not None and less is not None:
            yield row.replicate, value - less


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
