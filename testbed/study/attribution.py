"""To which mitigation how much of what all of them do together is owed: exact Shapley shares.

A share is the mean, over every order in which mitigations could be taken one after the other, of
what one adds when it is taken (Shapley, in Contributions to the Theory of Games II, 1953;307).  It
is the one division that adds up to the whole, treats equals alike and gives nothing to what never
adds anything.  Other than the effect of a mitigation by itself, it does not credit two locks on
one door with twice the door.

Shares are worked out in each replicate by itself, in fractions, so that they add up to that
replicate's effect without a rounding error; the mean and its interval are those of all replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from testbed.mitigations import arms_of
from testbed.scenario.model import Adoption
from testbed.scenario.study_settings import StudySettings
from testbed.study.estimate import Estimate
from testbed.study.results import Study
from testbed.study.statistics import estimate_mean

Side = Literal["effect", "price"]
"""What is divided: the effect on attacked runs, or the price when nobody attacks."""


@dataclass(frozen=True, slots=True)
class Game:
    """A full factorial: mitigations, and the arm of each of their combinations.

    Attributes:
        players: The mitigations, with their adherence where it is below 1.
        arms: The arm's name of each combination; bit ``i`` of the position is player ``i``.
    """

    players: tuple[str, ...]
    arms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """How an effect is divided among mitigations.

    Attributes:
        metric: The metric.
        of: ``effect`` or ``price``.
        total: All mitigations together, less none, as mean over replicates.
        shares: What each mitigation has of it, by name.
        replicates: How many replicates define the metric in every arm.
    """

    metric: str
    of: Side
    total: Estimate
    shares: dict[str, Estimate]
    replicates: int

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    def printed(self, decimals: int) -> dict[str, float]:
        """Return the mean shares rounded so that they add up to the rounded total.

        Each is rounded down, and what is then left goes to those that lost most.

        Args:
            decimals: Decimal places.
        """
        if self.total.mean is None:
            return {}
        unit = 10**decimals
        scaled = {name: (each.mean or 0.0) * unit for name, each in self.shares.items()}
        down = {name: int(np.floor(value)) for name, value in scaled.items()}
        left = round(self.total.mean * unit) - sum(down.values())
        most = sorted(scaled, key=lambda name: down[name] - scaled[name])
        for name in most[: max(0, left)]:
            down[name] += 1
        for name in reversed(most[max(0, len(most) + left) :] if left < 0 else []):
            down[name] -= 1
        return {name: value / unit for name, value in down.items()}


def game_of(study: StudySettings) -> Game | None:
    """Return the full factorial that a study's arms hold, None where they hold none.

    Arms with settings of their own are passed over, as are those that are no combination of what
    the study's factors take.  Where a study has no factors, its written arms must be exactly
    all combinations of two mitigations or more.
    """
    taken: dict[frozenset[tuple[str, float]], str] = {}
    for name, arm in arms_of(study).items():
        if not arm.settings:
            taken.setdefault(frozenset(map(_player, arm.takes)), name)
    players: dict[tuple[str, float], None] = {}
    for combination in sorted(taken, key=len, reverse=True):
        if all(frozenset({each}) in taken for each in combination):
            players.update(dict.fromkeys(sorted(combination)))
            break
    if len(players) < 2:
        return None
    order = [each for each in _in_order(study) if each in players]
    subsets = [
        frozenset(each for place, each in enumerate(order) if number >> place & 1)
        for number in range(1 << len(order))
    ]
    if any(subset not in taken for subset in subsets):
        return None
    return Game(tuple(map(_name, order)), tuple(taken[subset] for subset in subsets))


def _player(each: str | Adoption) -> tuple[str, float]:
    return (each.name, each.adherence) if isinstance(each, Adoption) else (each, 1.0)


def _name(player: tuple[str, float]) -> str:
    return player[0] if player[1] == 1.0 else f"{player[0]}@{player[1]:.6g}"


def _in_order(study: StudySettings) -> list[tuple[str, float]]:
    arms = arms_of(study).values()
    return list(dict.fromkeys(_player(each) for arm in arms for each in arm.takes))


def attribute(study: Study, game: Game, metric: str, of: Side = "effect") -> Attribution:
    """Return how the effect of all mitigations of a factorial is divided among them.

    Args:
        study: The study.
        game: Its full factorial.
        metric: The metric.
        of: Whether attacked runs or twins are looked at.

    Raises:
        KeyError: If the study has no such metric or arm.
    """
    study.metrics[metric]
    firsts = [study.alike[arm] for arm in game.arms]
    numbers = {arm: number for number, arm in enumerate(dict.fromkeys(firsts))}
    places = np.array([numbers[arm] for arm in firsts]).reshape((2,) * len(game.players))
    columns, patients = [], []
    for arm in numbers:
        rows = study.light(arm)
        sides = ((row.attacked if of == "effect" else row.twin) for row in rows)
        columns.append([side.get(metric) for side in sides])
        patients = [row.patient for row in rows]
    shares: list[list[Fraction]] = []
    used: list[str] = []
    for values, patient in zip(zip(*columns, strict=True), patients, strict=True):
        given = [value for value in values if value is not None]
        if len(given) == len(values):
            shares.append(shapley(np.array(given)[places]))
            used.append(patient)
    totals = [float(sum(each)) for each in shares]
    return Attribution(
        metric,
        of,
        estimate_mean(totals, used),
        {
            name: estimate_mean([float(each[place]) for each in shares], used)
            for place, name in enumerate(reversed(game.players))
        },
        len(used),
    )


def shapley(values: NDArray[np.float64]) -> list[Fraction]:
    """Return the exact Shapley share of each player of a game.

    A player who never changes anything is left out before the rest is worked out, which changes
    no other's share and makes work of twice to the number of those who matter.

    Args:
        values: The value of each combination, shape (2, ..., 2), one axis a player.

    Returns:
        The shares by axis; they add up to the value of all less that of none, exactly.
    """
    shares = [Fraction(0)] * values.ndim
    players: list[int] = []
    for axis in range(values.ndim):
        at = len(players)
        without, with_it = np.take(values, 0, axis=at), np.take(values, 1, axis=at)
        if np.array_equal(without, with_it):
            values = without
        else:
            players.append(axis)
    count = len(players)
    exact = [Fraction(float(value)) for value in values.reshape(-1)]
    weights = [
        Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
        for size in range(count)
    ]
    for place, axis in enumerate(players):
        bit = 1 << (count - 1 - place)
        for number in range(1 << count):
            if not number & bit:
                gain = exact[number | bit] - exact[number]
                shares[axis] += weights[number.bit_count()] * gain
    return shares


def attributions(
    study: Study, game: Game, metrics: Sequence[str], sides: Sequence[Side] = ("effect",)
) -> tuple[Attribution, ...]:
    """Return how each of some metrics is divided, in order.

    Args:
        study: The study.
        game: Its full factorial.
        metrics: The metrics.
        sides: Effects, prices or both.
    """
    return tuple(attribute(study, game, metric, side) for side in sides for metric in metrics)
