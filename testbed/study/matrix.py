"""Every attack against every mitigation: what each changes of the harm, and what it costs.

Each path of attack is a study of its own, with an arm for each mitigation by itself, the system as
shipped as baseline, and all lines of the advice together.  Effects are of the attacked runs of one
path.  Prices are of the runs that nobody attacked, of all paths' days together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from testbed.outcomes import METRICS
from testbed.study.estimate import Effect, Estimate

BASELINE: Final = "as-shipped"
ALL_ADVICE: Final = "all-advice"
HARMS: Final = ("unauthorised_U", "miscued_U", "missed_U")
"""Metrics of harm in units: the one of a path is that with the most of it as shipped."""
PRICES: Final = (
    *("tir_pct", "below_54_min", "above_250_min", "prompts", "own_refused"),
    *("meals_without_bolus", "bolus_delay_min", "finger_sticks", "false_cancels"),
    *("false_alarms", "night_wakings", "unlinked_h", "no_reading_h", "no_app_h"),
)
"""What is looked at when nobody attacks."""

SURE_BELOW: Final = 0.05
"""A corrected p-value below this is called sure."""
NO_RUN: Final = "no run differs"
EVERY_RUN: Final = "in every run"


@dataclass(frozen=True, slots=True)
class PathOfAttack:
    """One path of attack, and the harm that it does to the system as shipped.

    Attributes:
        name: The scenario's name.
        title: The story in a line.
        steps: What the attacker does, in order.
        metrics: The metrics of harm that it is judged by; the first is that of rankings.
        levels: Each of them in the attacked runs as shipped.
    """

    name: str
    title: str
    steps: tuple[str, ...]
    metrics: tuple[str, ...]
    levels: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one mitigation changes of one path.

    Attributes:
        path: The path's name.
        mitigation: The mitigation's name, or ``all-advice``.
        metric: The metric of harm.
        level: The metric in the attacked runs with the mitigation.
        effect: That less the same as shipped, paired by replicate; p-values corrected.
        why_zero: Where the effect is exactly 0: whether no run differs in anything, or the metric
            is the same in every run; empty otherwise.
        is_against: Whether the mitigation says that it can change a step of the path at all.
    """

    path: str
    mitigation: str
    metric: str
    level: Estimate
    effect: Effect
    why_zero: str
    is_against: bool

    @property
    def is_group(self) -> bool:
        """Whether it is of several mitigations together."""
        return self.mitigation == ALL_ADVICE

    @property
    def is_sure(self) -> bool:
        """Whether the effect is sure; see :func:`is_sure`."""
        return is_sure(self.effect)

    @property
    def removes_harm(self) -> bool:
        """Whether there is less harm on average."""
        return worsening(self.metric, self.effect) < 0

    def is_as_good_as(self, other: Cell) -> bool:
        """Return whether two cells are the same in print."""
        decimals = METRICS[self.metric].decimals
        mine, yours = self.effect.mean or 0.0, other.effect.mean or 0.0
        return round(mine, decimals) == round(yours, decimals)


@dataclass(frozen=True, slots=True)
class Price:
    """What one mitigation costs by one metric, when nobody attacks."""

    mitigation: str
    metric: str
    cost: Effect
    why_zero: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The cells of every path and mitigation.

    Attributes:
        paths: The paths in order.
        mitigations: The mitigations in order, ``all-advice`` last.
        cells: Path by path, metric by metric, mitigation by mitigation.
        prices: Mitigation by mitigation.
        replicates: How many replicates each arm of each path has.
        seeds: The seed of each path's study, by its name.
    """

    paths: tuple[PathOfAttack, ...]
    mitigations: tuple[str, ...]
    cells: tuple[Cell, ...]
    prices: tuple[Price, ...]
    replicates: int
    seeds: Mapping[str, int]

    @property
    def tested(self) -> int:
        """Over how many effects p-values are corrected: those that are not 0 in every run."""
        return sum(not cell.why_zero for cell in self.cells)

    @property
    def priced(self) -> int:
        """Over how many prices p-values are corrected."""
        return sum(not price.why_zero for price in self.prices)

    def of(self, path: str, metric: str | None = None) -> tuple[Cell, ...]:
        """Return the cells of one path, of one metric or of that of its rankings.

        Raises:
            KeyError: If there is no such path.
        """
        chosen = {each.name: each for each in self.paths}[path]
        wanted = metric or chosen.metrics[0]
        return tuple(each for each in self.cells if (each.path, each.metric) == (path, wanted))

    def ranking(self, path: str) -> tuple[Cell, ...]:
        """Return the cells of one path by how much harm they leave, those exactly 0 left out.

        A tie goes by the mitigation's place.
        """
        found = (each for each in self.of(path) if not each.why_zero)
        return tuple(sorted(found, key=lambda cell: worsening(cell.metric, cell.effect)))

    @property
    def broken(self) -> tuple[Cell, ...]:
        """Cells that are not 0 although the mitigation is against no step of the path."""
        return tuple(each for each in self.cells if not (each.is_against or each.why_zero))


def is_sure(effect: Effect) -> bool:
    """Return whether p is below 0.05 after correction, or every pair differs by the same.

    What is the same in every run has a sign test of patients, whose p is as low as it can be with
    so few of them, and not low enough for a correction over hundreds.
    """
    if effect.is_exact:
        return effect.mean != 0
    return effect.p_adjusted is not None and effect.p_adjusted < SURE_BELOW


def worsening(metric: str, effect: Estimate) -> float:
    """Return an effect with its sign turned so that more is worse; none counts as 0."""
    sign = -1.0 if METRICS[metric].worse == "lower" else 1.0
    return sign * (effect.mean or 0.0)
