"""What the plots share: colours, the style of axes, and the clock along the bottom.

Colours are Okabe and Ito's (Color Universal Design, 2008), told apart by people with any
colour vision.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from testbed.trace import RunStarted, Trace
from testbed.units import MIN_PER_DAY, US_PER_HOUR

BLACK: Final = "#000000"
ORANGE: Final = "#E69F00"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#8A8A8A"
PALE: Final = "#E6E6E6"

_TICK_HOURS: Final = (1, 2, 3, 4, 6, 12, 24)
_MOST_TICKS: Final = 9
_LABEL_WIDTH: Final = 0.13
_LABEL_HEIGHT: Final = 0.07
"""Share of the axes that a short label takes."""

LEVEL_2_MGDL: Final = 54
"""Below it is level 2 hypoglycaemia (Battelino et al., Diabetes Care 2019;42:1593)."""


def dress(ax: Axes, *, grid: str | None = None) -> None:
    """Give axes the house style: no box, small type, a pale grid along ``x``, ``y`` or none."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(colors="#333333", labelsize=8.5, length=3)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(9)
    ax.title.set_fontsize(9.5)
    ax.set_axisbelow(True)
    if grid == "x":
        ax.xaxis.grid(True, color=PALE, linewidth=0.8)
    elif grid == "y":
        ax.yaxis.grid(True, color=PALE, linewidth=0.8)


def start_hours(trace: Trace) -> float:
    """Return the clock time at which a run starts, in hours."""
    return next((event.start_us for _, event in trace.of(RunStarted)), 0) / US_PER_HOUR


def hours_at(us: int, start: float) -> float:
    """Return the clock time of a moment of a run, in hours; ``start`` is that of its start."""
    return us / US_PER_HOUR + start


def clock_axis(ax: Axes, trace: Trace) -> None:
    """Let the x axis show the clock from a run's start to its end."""
    start = start_hours(trace)
    length = len(trace.insulin_nU) / 60
    step = next((h for h in _TICK_HOURS if length / h <= _MOST_TICKS), MIN_PER_DAY // 60)
    ax.set_xlim(start, start + length)
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{round(hour) % 24:02}:00"))
    ax.set_xlabel("clock time (h)")


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
