"""A study that stops when an interval is narrow enough, looking at declared points only.

Whether to go on depends on the width alone and never on where the interval lies, which is why
the limits hold the truth nearly as often as those of a study of a fixed length (Chow and Robbins,
Ann Math Stat 1965;36:457; ``tests/study/test_precision.py`` simulates how often).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from testbed.outcomes import METRICS
from testbed.scenario.model import StudySettings
from testbed.study.row import Row
from testbed.study.stored import Light, StoredRows
from testbed.study.summary import estimate_one


@dataclass(frozen=True, slots=True)
class Precision:
    """What became of a precision that a scenario asked for.

    Attributes:
        arm: The arm that it is about.
        metric: The metric.
        of: ``metric``, ``effect`` or ``price``.
        asked: The half-width that was asked for, in the metric's unit.
        half_width: Half the distance between the limits at the last look, or ``None`` where
            there was no interval or every value was the same.
        reached: Whether that is as narrow as was asked for.
        replicates: How many replicates an arm had at the last look.
        at_most: The most that it could have had.
        look_every: After how many replicates each it looked.
    """

    arm: str
    metric: str
    of: str
    asked: float
    half_width: float | None
    reached: bool
    replicates: int
    at_most: int
    look_every: int

    def in_words(self) -> str:
        """Return why the study ended, in a sentence."""
        what = self.metric if self.of == "metric" else f"{self.of} of {self.metric}"
        found = "no width to tell" if self.half_width is None else f"{self.half_width:.4g}"
        why = "it was reached" if self.reached else "not reached, the cap was"
        return (
            f"Precision: {what} in {self.arm} was asked for to +-{self.asked:.4g}; {why} at "
            f"{self.replicates} of at most {self.at_most} replicates (+-{found}), looking "
            f"every {self.look_every}. Limits are not corrected for the looks."
        )


def looks(study: StudySettings) -> Iterator[int]:
    """Yield after how many replicates to look, rising; the last is the study's replicates."""
    if study.precision is not None:
        yield from range(study.precision.look_every, study.replicates, study.precision.look_every)
    yield study.replicates


def look(study: StudySettings, rows: Sequence[Row]) -> Precision | None:
    """Return whether the rows so far are enough, or ``None`` where no precision was asked for.

    Values that are all the same tell no width: the study goes on, because a rare event that
    has not come yet looks the same as one that never comes.

    Args:
        study: The plan of the study.
        rows: All rows of every arm, up to one of the :func:`looks`.
    """
    wanted = study.precision
    if wanted is None:
        return None
    own, baseline = (_of(rows, arm) for arm in (wanted.arm, study.baseline))
    found = estimate_one(own, baseline, METRICS[wanted.metric], wanted.of)
    half = None
    if found.low is not None and found.high is not None and not found.is_exact:
        half = (found.high - found.low) / 2
    return Precision(
        arm=wanted.arm,
        metric=wanted.metric,
        of=wanted.of,
        asked=wanted.half_width,
        half_width=half,
        reached=half is not None and half <= wanted.half_width,
        replicates=len(own),
        at_most=study.replicates,
        look_every=wanted.look_every,
    )


def _of(rows: Sequence[Row], arm: str) -> Sequence[Light]:
    if isinstance(rows, StoredRows):
        return rows.light(arm)
    return [row for row in rows if row.arm == arm]
