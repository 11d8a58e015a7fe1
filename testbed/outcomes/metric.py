"""What a metric is: a pure function of a run and its twin, with what a reader must know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from testbed.outcomes.facts import Facts

BATTELINO_2019: Final = "Battelino et al., Diabetes Care 2019;42:1593"
BATTELINO_2023: Final = "Battelino et al., Lancet Diabetes Endocrinol 2023;11:42"
KOVATCHEV: Final = "Kovatchev et al., Diabetes Care 1997;20:1655 and 2006;29:2433"
OWN_DEFINITION: Final = "defined by this testbed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number a run is reduced to.

    Attributes:
        name: Its key in tables and files; the unit stands at its end where it has one.
        label: Its name in words, for an axis.
        unit: The unit, ``"share"`` for 0 or 1 a run, or ``"1"`` for an index.
        definition: What it is, in a sentence or two.
        source: Where the definition comes from.
        worse: Which way is worse for the person.
        decimals: Decimal places worth printing.
        least: The least that it can be, or ``None`` where it has no end below.
        most: The most that it can be, or ``None`` where it has no end above.
        on_request: Whether tables leave it out unless it is asked for; files always have it.
        needs_attacker: Whether it says nothing about a run that nobody attacked.
        of: The metric of a run and its twin, from the facts of each, in that order;
            ``None`` where it is not defined for this run.
    """

    name: str
    label: str
    unit: str
    definition: str
    source: str
    worse: Literal["higher", "lower", "neither"]
    decimals: int
    of: Callable[[Facts, Facts], float | None]
    least: float | None = None
    most: float | None = None
    on_request: bool = False
    needs_attacker: bool = False

    @property
    def is_share(self) -> bool:
        """Whether every run gives 0 or 1, so that the mean is a share of runs."""
        return self.unit == "share"
