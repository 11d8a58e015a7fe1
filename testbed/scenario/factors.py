"""Arms made of factors: which combinations of levels a design has, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, Final, NamedTuple

from testbed.scenario.study_settings import (
    ADVICE_GROUP,
    Adoption,
    FactorSettings,
    Level,
    OwnArm,
    StudySettings,
    Sweep,
)

MOST_ARMS: Final = 1 << 16
"""More combinations than this are refused."""

_MOST_BASIC: Final = 12


class FactorError(ValueError):
    """Factors that make no design.

    Args:
        key: The key inside ``study.factors`` that is wrong.
        expected: What should stand there.
        found: What stands there.
    """

    def __init__(self, key: tuple[str | int, ...], expected: str, found: str) -> None:
        super().__init__(f"study.factors: expected {expected}, found {found}")
        self.key = key
        self.expected = expected
        self.found = found


class Planned(NamedTuple):
    """An arm: settings that are its own, and what is taken beside them."""

    takes: tuple[str | Adoption, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()


class Factor(NamedTuple):
    """One thing that arms differ in; the first level is to be without it.

    Attributes:
        name: A mitigation's name or a setting's dotted key.
        levels: The levels in order.
        is_setting: Whether it is a setting.
    """

    name: str
    levels: tuple[Level, ...]
    is_setting: bool


_Combination = tuple[Level | None, ...]


def planned(study: StudySettings, advice: Sequence[str]) -> dict[str, Planned]:
    """Return every arm of a study by name: those written, then those of its factors.

    Args:
        study: The plan of the study.
        advice: The mitigations that the advice group stands for.

    Raises:
        FactorError: If the factors make no design.
    """
    arms = {name: _written(arm) for name, arm in study.arms.items()}
    if study.factors is None:
        return arms
    factors = factors_of(study.factors, advice)
    wrong = _unknown_in_exclude(study.factors, factors)
    if wrong is not None:
        raise wrong
    for combination in _design(study.factors, factors):
        levels = dict(zip((each.name for each in factors), combination, strict=True))
        if any(_meets(levels, rule) for rule in study.factors.exclude):
            continue
        name, arm = _arm(factors, combination, study.baseline)
        arms.setdefault(name, arm)
        if len(arms) > MOST_ARMS:
            raise FactorError((), f"at most {MOST_ARMS} arms", "more")
    return arms


def _written(arm: tuple[str | Adoption, ...] | OwnArm) -> Planned:
    if isinstance(arm, OwnArm):
        return Planned(arm.takes, tuple(arm.settings.items()))
    return Planned(arm)


def factors_of(settings: FactorSettings, advice: Sequence[str]) -> tuple[Factor, ...]:
    """Return the factors with their levels: settings first, then mitigations.

    Raises:
        FactorError: If a mitigation is named twice or a factor has a level twice.
    """
    found = [Factor(key, _levels(values), True) for key, values in settings.settings.items()]
    for index, each in enumerate(settings.mitigations):
        name = each.name if isinstance(each, Adoption) else each
        full: Level = each.adherence if isinstance(each, Adoption) else True
        for one in advice if name == ADVICE_GROUP else (name,):
            if one in settings.adherence or any(one == other.name for other in found):
                raise FactorError(("mitigations", index), "each factor once", f'"{one}" again')
            found.append(Factor(one, (False, full), False))
    for name, shares in settings.adherence.items():
        levels = tuple(False if share == 0 else share for share in _levels(shares))
        found.append(Factor(name, levels, False))
    for factor in found:
        where = "settings" if factor.is_setting else "adherence"
        if len(factor.levels) < 2:
            raise FactorError((where, factor.name), "two levels or more", str(len(factor.levels)))
        if len({(type(level), level) for level in factor.levels}) < len(factor.levels):
            raise FactorError((where, factor.name), "each level once", "one again")
    return tuple(found)


def _levels(values: Sequence[Level] | Sweep) -> tuple[Level, ...]:
    if not isinstance(values, Sweep):
        return tuple(values)
    first, last, parts = values.from_, values.to, values.steps - 1
    if values.scale == "linear":
        between = [first + (last - first) * part / parts for part in range(1, parts)]
    elif first * last > 0:
        between = [first * (last / first) ** (part / parts) for part in range(1, parts)]
    else:
        raise FactorError(("settings",), "two numbers of one sign on a log scale", "others")
    return (first, *(float(f"{value:.12g}") for value in between), last)


def _design(settings: FactorSettings, factors: tuple[Factor, ...]) -> Iterator[_Combination]:
    if settings.design == "full":
        count = 1
        for each in factors:
            count *= len(each.levels)
        if count > MOST_ARMS:
            raise FactorError(("design",), f"at most {MOST_ARMS} combinations", str(count))
        yield from product(*(each.levels for each in factors))
        return
    # Without a setting's factor, the setting is what the scenario says.
    nothing: tuple[Level | None, ...] = tuple(
        None if each.is_setting else False for each in factors
    )
    if settings.design == "one-at-a-time":
        yield nothing
        for place, each in enumerate(factors):
            for level in each.levels:
                if level is not False or each.is_setting:
                    yield (*nothing[:place], level, *nothing[place + 1 :])
        return
    for each in factors:
        if len(each.levels) != 2:
            where = ("settings" if each.is_setting else "adherence", each.name)
            raise FactorError(where, f"two levels in a {settings.design} design", "more")
    low = tuple(each.levels[0] for each in factors)
    high = tuple(each.levels[1] for each in factors)
    if settings.design == "leave-one-out":
        yield low
        yield high
        for place in range(len(factors)):
            yield (*high[:place], low[place], *high[place + 1 :])
        return
    for signs in fraction(len(factors), settings.resolution):
        yield tuple(high[n] if sign else low[n] for n, sign in enumerate(signs))


def fraction(factors: int, resolution: int) -> list[tuple[bool, ...]]:
    """Return a regular two-level fraction of as few runs as a resolution allows.

    The last factors are products of basic ones, taken greedily in the order of words by length:
    a word is taken if no product of the words so far becomes shorter than the resolution.  This is
    how the designs of Box, Hunter and Hunter (Statistics for Experimenters, 2nd ed., 2005, ch. 6)
    are made; the word lengths of the whole defining relation are looked at, so the resolution is
    as asked for, whatever the number of runs.

    Args:
        factors: How many factors.
        resolution: The length of the shortest word of the defining relation, at least.

    Raises:
        FactorError: If it would take too many runs.
    """
    for basic in range(min(factors, resolution - 1), min(factors, _MOST_BASIC) + 1):
        words = _generators(factors, basic, resolution)
        if words is not None:
            break
    else:
        raise FactorError(("design",), f"at most {_MOST_BASIC} basic factors", str(factors))
    runs = []
    for number in range(1 << basic):
        signs = [bool(number >> place & 1) for place in reversed(range(basic))]
        for word in words:  # of the signs that make the run without any factor one of them
            minus = sum(not signs[place] for place in word)
            signs.append(minus % 2 != len(word) % 2)
        runs.append(tuple(signs))
    return runs


def _generators(factors: int, basic: int, resolution: int) -> list[tuple[int, ...]] | None:
    """Return the word of each factor beyond the basic ones, or None where there are too few."""
    candidates = [
        word
        for length in range(resolution - 1, basic + 1)
        for word in combinations(range(basic), length)
    ]
    words: list[tuple[int, ...]] = []
    relation = {0}
    for word in candidates:
        if len(words) == factors - basic:
            break
        number = sum(1 << place for place in word) | 1 << (basic + len(words))
        grown = {number ^ other for other in relation}
        if all(each.bit_count() >= resolution for each in grown):
            relation |= grown
            words.append(word)
    return words if len(words) == factors - basic else None


def _meets(levels: Mapping[str, Level | None], rule: Mapping[str, Level]) -> bool:
    return all(levels[name] == level for name, level in rule.items())


def _unknown_in_exclude(settings: FactorSettings, factors: Sequence[Factor]) -> FactorError | None:
    names = [each.name for each in factors]
    for index, rule in enumerate(settings.exclude):
        for name in rule:
            if name not in names:
                known = ", ".join(names)
                return FactorError(("exclude", index, name), f"a factor of {known}", f'"{name}"')
    return None


def _arm(
    factors: Sequence[Factor], combination: _Combination, baseline: str
) -> tuple[str, Planned]:
    names: list[str] = []
    takes: list[str | Adoption] = []
    settings: list[tuple[str, Any]] = []
    for factor, level in zip(factors, combination, strict=True):
        if level is None or (level is False and not factor.is_setting):
            continue
        if factor.is_setting:
            settings.append((factor.name, level))
            names.append(f"{factor.name}={_shown(level)}")
        elif level is True or level == 1.0:
            takes.append(factor.name)
            names.append(factor.name)
        else:
            takes.append(Adoption(name=factor.name, adherence=float(level)))
            names.append(f"{factor.name}@{_shown(level)}")
    return "+".join(names) or baseline, Planned(tuple(takes), tuple(settings))


def _shown(level: Level) -> str:
    if isinstance(level, bool):
        return str(level).lower()
    return f"{level:.6g}" if isinstance(level, float) else str(level)
