"""What a sweep concludes: what is best at each value, where that changes, and what it costs.

A conclusion is of means, and a change of it may be chance: :class:`Flip` has what the intervals
say of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from testbed.study.estimate import Effect
from testbed.study.matrix import Cell, Price, worsening
from testbed.study.matrix_sweep import SweptMatrix
from testbed.study.statistics import estimate_difference


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is concluded of one path at one value: the mitigations that leave the least harm.

    Attributes:
        path: The path's name.
        setting: What is swept.
        value: Its value.
        metric: The metric of harm.
        shipped: The harm as shipped.
        best: The mitigations, ``all-advice`` aside, whose effect is within rounding of the
            largest, in the matrix's order; empty where none removes any.
        effect: The largest effect, as the change of the metric; 0 where there is none.
        surely: Whether that effect has p below 0.05 after correction.
        order: All mitigations that remove harm, from the most on, with p below 0.05.
        bears: Whether a number of the path differs between the values of the setting at all.
        limits: The 95 % limits of the effect, where there are some.
    """

    path: str
    setting: str
    value: float
    metric: str
    shipped: float
    best: tuple[str, ...]
    effect: float
    surely: bool
    order: tuple[str, ...]
    bears: bool = True
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """Two mitigations of which one is better at one value, and the other at another.

    Attributes:
        path: The path's name.
        setting: What is swept.
        metric: The metric of harm.
        values: The two values.
        better: What is best at the first of them, and what is at the second.
        differences: Of the harm with the first of the two less that with the second, paired by
            replicate, at either value.
    """

    path: str
    setting: str
    metric: str
    values: tuple[float, float]
    better: tuple[str, str]
    differences: tuple[Effect, Effect]

    @property
    def is_borne(self) -> bool:
        """Whether neither interval holds 0, so that it is not by chance at one of the values."""
        first, second = (_sides(each, self.metric) for each in self.differences)
        return {first, second} == {-1, 1}


def _sides(effect: Effect, metric: str) -> int:
    """Return on which side of 0 an interval is, -1 for less harm; 0 where it holds 0."""
    if effect.low is None or effect.high is None or effect.low <= 0 <= effect.high:
        return 0
    return 1 if worsening(metric, effect) > 0 else -1


@dataclass(frozen=True, slots=True)
class SweptPrice:
    """What a mitigation costs at one value of what is swept."""

    setting: str
    value: float
    price: Price


@dataclass(frozen=True, slots=True)
class Concluded:
    """All that a sweep concludes.

    Attributes:
        conclusions: Of each path at each value, path by path.
        flips: Where what is best changes.
        prices: The prices that are not the same at every value, mitigation by mitigation.
        replicates: How many replicates each arm has, at each value.
        mitigations: What is compared, ``all-advice`` aside.
    """

    conclusions: tuple[Conclusion, ...] = ()
    flips: tuple[Flip, ...] = ()
    prices: tuple[SweptPrice, ...] = ()
    replicates: int = 0
    mitigations: tuple[str, ...] = ()


def bearing(swept: Sequence[SweptMatrix]) -> frozenset[tuple[str, str]]:
    """Return the paths and settings where the harm of some run differs between two values."""
    found = set()
    for setting in dict.fromkeys(point.setting for point in swept):
        own = [point for point in swept if point.setting == setting]
        for path, arm in own[0].harms:
            if any(point.harms[path, arm] != own[0].harms[path, arm] for point in own):
                found.add((path, setting))
    return frozenset(found)


def conclusions(swept: Sequence[SweptMatrix]) -> tuple[Conclusion, ...]:
    """Return what is concluded of each path at each value, path by path."""
    found, bears = [], bearing(swept)
    for path in dict.fromkeys(each.name for point in swept for each in point.matrix.paths):
        for point in swept:
            chosen = {each.name: each for each in point.matrix.paths}[path]
            metric = chosen.metrics[0]
            ranked = [each for each in point.matrix.ranking(path) if each.removes_harm]
            alone = [each for each in ranked if not each.is_group]
            best = alone[0] if alone else None
            as_good = [] if best is None else [each for each in alone if each.is_as_good_as(best)]
            as_good.sort(key=lambda each: point.matrix.mitigations.index(each.mitigation))
            limits = None
            if best is not None and best.effect.low is not None and best.effect.high is not None:
                limits = (best.effect.low, best.effect.high)
            found.append(
                Conclusion(
                    path=path,
                    setting=point.setting,
                    value=point.value,
                    metric=metric,
                    shipped=chosen.levels[metric].mean or 0.0,
                    best=tuple(each.mitigation for each in as_good),
                    effect=0.0 if best is None else best.effect.mean or 0.0,
                    surely=best is not None and best.is_sure,
                    order=_order(alone),
                    bears=(path, point.setting) in bears,
                    limits=limits,
                )
            )
    return tuple(found)


def flips(swept: Sequence[SweptMatrix]) -> tuple[Flip, ...]:
    """Return where what is best at one value is not at the next at which anything removes harm.

    Of what is best together at a value the first stands for all of it.  Where both are as good
    at one of the values, the order is not another.
    """
    at = {(point.setting, point.value): point for point in swept}
    told: dict[tuple[str, str], list[Conclusion]] = {}
    for each in conclusions(swept):
        if each.best:
            told.setdefault((each.path, each.setting), []).append(each)
    found = []
    for (path, setting), of_path in told.items():
        for one, other in pairwise(of_path):
            if set(one.best) & set(other.best):
                continue
            pair = (one.best[0], other.best[0])
            first, second = (
                _between(at[setting, each.value], path, *pair) for each in (one, other)
            )
            values = (one.value, other.value)
            found.append(Flip(path, setting, one.metric, values, pair, (first, second)))
    return tuple(found)


def _between(point: SweptMatrix, path: str, one: str, other: str) -> Effect:
    """Return the harm with one mitigation less that with another, paired."""
    return estimate_difference(
        point.harms[path, one], point.harms[path, other], point.patients[path]
    )


def _order(ranked: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(each.mitigation for each in ranked if each.is_sure)


def stands(found: Sequence[Conclusion]) -> bool:
    """Return whether the same is best at every value of one path at which there is any harm."""
    return len({each.best for each in found if each.shipped or each.best}) <= 1


def always_best(found: Sequence[Conclusion]) -> tuple[str, ...]:
    """Return what is best at every value of one path at which there is any harm."""
    with_harm = [each.best for each in found if each.shipped or each.best]
    if not with_harm:
        return ()
    return tuple(name for name in with_harm[0] if all(name in best for best in with_harm))


def conclude(swept: Sequence[SweptMatrix]) -> Concluded:
    """Return all that a sweep concludes."""
    if not swept:
        return Concluded()
    first = swept[0].matrix
    return Concluded(
        conclusions=conclusions(swept),
        flips=flips(swept),
        prices=tuple(_prices(swept)),
        replicates=first.replicates,
        mitigations=first.mitigations[:-1],
    )


def _prices(swept: Sequence[SweptMatrix]) -> list[SweptPrice]:
    """Return the prices that differ between two values of a setting."""
    found = []
    for setting in dict.fromkeys(point.setting for point in swept):
        own = [point for point in swept if point.setting == setting]
        for prices in zip(*(point.matrix.prices for point in own), strict=True):
            if len({(each.cost.mean, each.cost.low, each.cost.high) for each in prices}) > 1:
                found += [
                    SweptPrice(setting, point.value, price)
                    for point, price in zip(own, prices, strict=True)
                ]
    return found
