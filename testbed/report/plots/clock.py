"""The clock along the bottom of what happens in a day."""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from testbed.trace import RunStarted, Trace
from testbed.units import MIN_PER_DAY, US_PER_HOUR

_TICK_HOURS: Final = (1, 2, 3, 4, 6, 12, 24)
_MOST_TICKS: Final = 9


def start_hours(trace: Trace) -> float:
    """Return the clock time at which a run starts, in hours."""
    return next((event.start_us for _, event in trace.of(RunStarted)), 0) / US_PER_HOUR


def hours_at(us: int, start: float) -> float:
    """Return the clock time of a moment of a run, in hours; ``start`` is that of its start."""
    return us / US_PER_HOUR + start


def clock_axis(ax: Axes, trace: Trace) -> None:
    """Let the x axis show the clock from a run's start to its end."""
    clock_between(ax, start_hours(trace), len(trace.insulin_nU) / 60)


def clock_between(ax: Axes, start: float, length: float) -> None:
    """Let the x axis show the clock for a while.

    Args:
        ax: The axes, whose x are hours from the first day's midnight.
        start: The first hour.
        length: How many hours.
    """
    step = next((h for h in _TICK_HOURS if length / h <= _MOST_TICKS), MIN_PER_DAY // 60)
    ax.set_xlim(start, start + length)
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{round(hour) % 24:02}:00"))
    ax.set_xlabel("clock time (h)")
