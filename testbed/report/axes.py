"""What the plots share: colours, the style of axes, and the clock along the bottom.

Colours are Okabe and Ito's (Color Universal Design, 2008), told apart by people with any
colour vision.
"""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

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
