"""Which arms of a study tables show: all of a few, and of a factorial's thousands the leading ones.

Of more than :data:`MANY` arms, as factors make them, most come out the same in every run as some
other, and one stands for those.  Of the rest tables have room for :data:`MOST`: those that leave
least of the harm that is most of, and of equals those that take least.  Files have one of each that
came out differently.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from testbed.study.matrix import HARMS
from testbed.study.run import UnknownArmError

if TYPE_CHECKING:
    from testbed.study.results import Study

MANY: Final = 64
"""More arms than a table shows one by one."""
MOST: Final = 6
"""Arms that a table shows beside the baseline where there are more than :data:`MANY`."""
ALL: Final = "all"

_DIGITS: Final = 9
"""Decimals within which two means are equal: half a millionth of what a pump can deliver."""


def distinct(study: Study) -> tuple[str, ...]:
    """Return the arms that files have: all, or of many one for each that came out differently."""
    if len(study.arms) <= MANY:
        return study.arms
    firsts = set(study.alike.values()) - {study.alike[study.baseline]} | {study.baseline}
    return tuple(arm for arm in study.arms if arm in firsts)


def shown(study: Study) -> tuple[str, ...]:
    """Return the arms that tables and plots show, if nobody has chosen."""
    if len(study.arms) <= MANY:
        return study.arms
    return leading(study, MOST)


def leading(study: Study, most: int) -> tuple[str, ...]:
    """Return the baseline, and after it the arms that leave least harm, least first.

    Args:
        study: The study.
        most: How many, beside the baseline.
    """
    others = [arm for arm in study.distinct if arm != study.baseline]
    harm, summary = main_harm(study), study.summary()
    places = {arm: place for place, arm in enumerate(study.arms)}

    def worth(arm: str) -> tuple[bool, float, int, int]:
        effect = None if harm is None else summary[arm].effects[harm].mean
        taken = arm.count("+")  # which joins the names of what factors' arms take
        return effect is None, round(effect or 0.0, _DIGITS), taken, places[arm]

    return (study.baseline, *sorted(others, key=worth)[:most])


def main_harm(study: Study) -> str | None:
    """Return the harm that the baseline's attacked runs have most of, None where there is none."""
    known = [name for name in HARMS if name in study.metrics]
    levels = study.summary()[study.baseline].metrics
    return max(known, key=lambda name: levels[name].mean or 0.0, default=None)


def names_in(text: str, arms: Collection[str]) -> tuple[str, ...] | None:
    """Return the arms that a text names, None where it asks for all or for a number of them.

    Args:
        text: As :meth:`testbed.study.results.Study.show` takes it.
        arms: The names of all arms.

    Raises:
        UnknownArmError: If there is no such arm.
    """
    if text in arms:  # also one with a comma in its name
        return (text,)
    if text == ALL or text.isdecimal():
        return None
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in arms:
            raise UnknownArmError(name, tuple(arms))
    return names


def asked_for(study: Study, text: str) -> tuple[str, ...]:
    """Return the arms that somebody asks tables to show, the baseline first.

    Args:
        study: The study.
        text: As :meth:`testbed.study.results.Study.show` takes it.

    Raises:
        UnknownArmError: If there is no such arm.
    """
    names = names_in(text, dict.fromkeys(study.arms))
    if names is None:
        names = study.distinct if text == ALL else leading(study, int(text))
    return tuple(dict.fromkeys((study.baseline, *names)))


def left_out(study: Study) -> list[str]:
    """Return what to say of arms that tables do not show, and how to see them."""
    if len(study.shown) == len(study.arms):
        return []
    count, files = len(study.arms), len(study.distinct)
    lines = [f"Tables and plots show {len(study.shown)} of {count} arms."]
    if files < count:
        lines.append(
            f"Of all {count}, {files} came out differently in some run; study.json and summary.csv "
            "have these, and study.json says which of the others is the same as which."
        )
    harm = main_harm(study)
    if study.chosen is None and harm is not None:
        lines.append(
            f"Shown are those that leave least {harm}, and of equals those that take least."
        )
    lines.append(
        "Others: --arms, with names, a number or 'all'. Every run of every arm: testbed export."
    )
    return [" ".join(lines)]
