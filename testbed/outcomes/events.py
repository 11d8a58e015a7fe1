"""Hypoglycaemic events of a minute-by-minute glucose series.

Definition: an event of a level begins with at least 15 consecutive minutes below the level's
threshold and ends with at least 15 consecutive minutes at 70 mg/dL or above (Danne et al.,
Diabetes Care 2017;40:1631; Battelino et al., Diabetes Care 2019;42:1593, and Lancet Diabetes
Endocrinol 2023;11:42).  Level 1 is below 70 mg/dL and holds the events that go on to level 2,
below 54 mg/dL.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

LEVEL_1_MGDL: Final = 70.0
LEVEL_2_MGDL: Final = 54.0
EVENT_MIN: Final = 15
"""Minutes that make an event begin, and minutes that make it end."""


def runs(mask: NDArray[np.bool_], least: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each stretch of at least ``least`` true values begins, and where it has ended.

    Args:
        mask: Shape (samples,).
        least: Samples that a stretch must have, 1 or more.
    """
    framed = np.zeros(mask.size + 2, dtype=np.bool_)
    framed[1:-1] = mask
    edges = np.flatnonzero(framed[1:] != framed[:-1])
    begins, ends = edges[::2], edges[1::2]
    long = ends - begins >= least
    return begins[long], ends[long]


def hypoglycaemic_events(mgdl: NDArray[np.float64], threshold_mgdl: float) -> int:
    """Return how many events begin in a series.

    An event that has begun before the series counts if enough of it is inside; one that does
    not end inside counts too.

    Args:
        mgdl: Glucose at the start of every minute, mg/dL, shape (minutes,).
        threshold_mgdl: The level's threshold, at most 70; a sample at it is not below it.
    """
    below = mgdl < threshold_mgdl
    if not below.any():
        return 0  # most runs
    begins, _ = runs(below, EVENT_MIN)
    if begins.size < 2:
        return begins.size
    recoveries, _ = runs(mgdl >= LEVEL_1_MGDL, EVENT_MIN)
    # Two beginnings with no recovery between them are one event.
    return np.unique(np.searchsorted(recoveries, begins)).size


def longest_below(mgdl: NDArray[np.float64], threshold_mgdl: float) -> int:
    """Return the most consecutive minutes below a threshold, 0 if there are none."""
    below = mgdl < threshold_mgdl
    if not below.any():
        return 0
    begins, ends = runs(below, 1)
    return int((ends - begins).max(initial=0))
