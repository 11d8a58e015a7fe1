"""What a study estimates: a number with its limits, and how it is told to people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from testbed.markup import html_table

_DIGITS: Final = 4
"""Digits of a number whose metric is not known."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number estimated from runs.

    Attributes:
        mean: The mean or share; ``None`` where no run defines it.
        low: Lower 95 % limit, or ``None`` where there is no interval.
        high: Upper 95 % limit, or ``None`` where there is no interval.
        n: How many runs, or pairs of runs, were used.
        method: How mean and limits were reached: a name of :mod:`testbed.study.methods`, and
            what else is to be known in brackets.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    method: str

    @property
    def is_exact(self) -> bool:
        """Whether every run gave this very number, so that the interval has no width."""
        return self.mean is not None and self.low == self.mean == self.high

    def mean_text(self, decimals: int, *, signed: bool = False) -> str:
        """Return the mean for people, ``none`` where there is none."""
        return "none" if self.mean is None else number_text(self.mean, decimals, signed=signed)

    def limits_text(self, decimals: int) -> str:
        """Return the limits for people, or why there are none."""
        if self.mean is None:
            return "in no run"
        if self.is_exact:
            return "in every run"
        if self.low is None or self.high is None:
            return "no interval"
        return f"{number_text(self.low, decimals)} to {number_text(self.high, decimals)}"

    def on_two_lines(self, decimals: int, *, signed: bool = False) -> str:
        """Return the mean for people, and below it the limits."""
        mean = self.mean_text(decimals, signed=signed)
        return f"{mean}\n{self.limits_text(decimals)}"

    def _repr_html_(self) -> str:
        """Return the number as a small HTML table, for notebooks."""
        return html_table(type(self).__name__.lower(), self._told())

    def _told(self) -> list[tuple[str, str]]:
        """Return what is told of it, by name."""
        limits = f"{_plain(self.low)} to {_plain(self.high)}"
        if self.low is None or self.high is None:
            limits = "no interval"
        return [
            ("mean", _plain(self.mean)),
            ("95 % limits", limits),
            ("runs or pairs", str(self.n)),
            ("method", self.method),
        ]


@dataclass(frozen=True, slots=True)
class Effect(Estimate):
    """An arm compared with the baseline, pair by pair.

    Attributes:
        p: The p-value of there being no difference, or ``None`` where there is no test.
        test: Which test it is of: a name of :mod:`testbed.study.methods`.
        p_adjusted: The same after Holm's correction over the study's arms; ``None`` for the
            baseline itself.
        ratio: The arm's share over the baseline's, with limits; ``None`` where it is not a share
            or the baseline's is 0.
    """

    p: float | None = None
    test: str = "no test"
    p_adjusted: float | None = None
    ratio: Estimate | None = None

    def _told(self) -> list[tuple[str, str]]:
        """Return what is told of it, by name, with its test."""
        return [
            *Estimate._told(self),
            ("p", f"{_plain(self.p)} ({self.test})"),
            ("p, corrected", _plain(self.p_adjusted)),
            ("ratio", "none" if self.ratio is None else _plain(self.ratio.mean)),
        ]


def _plain(value: float | None) -> str:
    return "none" if value is None else f"{value:.{_DIGITS}g}"


def number_text(value: float, decimals: int, *, signed: bool = False) -> str:
    """Return a number for people: only an exact zero is printed as ``0``.

    A number too small for its decimals is printed with one digit that is not 0, such as
    ``-0.003`` or ``2e-05``, so that nothing looks like a zero that is none.

    Args:
        value: The number.
        decimals: Decimal places; as many as it takes where the number would look like a zero.
        signed: Whether a positive number gets a plus sign.
    """
    if value == 0:
        return "0"
    sign = "+" if signed else ""
    text = format(value, f"{sign}.{decimals}f")
    return text if float(text) else format(value, f"{sign}.1g")
