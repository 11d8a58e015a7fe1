"""Where a label beside a curve has room."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from testbed.report.plots.style import LEVEL_2_MGDL

_LABEL_WIDTH: Final = 0.13
_LABEL_HEIGHT: Final = 0.07
"""Share of the axes that a short label takes."""


def free_spot(
    own: NDArray[np.float64], other: NDArray[np.float64], limits: tuple[float, float]
) -> tuple[float, float]:
    """Return where a short label beside a curve is closest to it and farthest from another.

    Args:
        own: The curve that is labelled, one value a minute.
        other: The curve to keep away from, of the same length.
        limits: The lowest and highest value that the axes show.

    Returns:
        The minute and the value at the label's centre.
    """
    bottom, top = limits
    width, height = max(1, round(_LABEL_WIDTH * len(own))), _LABEL_HEIGHT * (top - bottom)
    own_spans, other_spans = (sliding_window_view(each, width) for each in (own, other))
    low, high = own_spans.min(axis=1), own_spans.max(axis=1)
    other_low, other_high = other_spans.min(axis=1), other_spans.max(axis=1)
    best = (-math.inf, 0.0, 0.0)
    for base in (high + height / 3, low - height * 4 / 3):
        clear = np.maximum(other_low - (base + height), base - other_high)
        score = np.minimum(clear, 3 * height) - (high - low)
        for line in (LEVEL_2_MGDL, bottom, top):  # across a line a label is hard to read
            score -= 9 * height * ((base < line) & (line < base + height))
        score[(base < bottom) | (base + height > top)] = -math.inf
        at = int(score.argmax())
        best = max(best, (float(score[at]), at + width / 2, float(base[at]) + height / 2))
    return best[1], best[2]
