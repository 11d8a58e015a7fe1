"""The house style of every plot: colours, type, axes, and figures that are the same every time.

Colours are Okabe and Ito's (Color Universal Design, 2008), told apart by people with any
colour vision.  Wherever a colour says something, a label, a marker's shape or a line's dashes
say it too, so that a plot can be read in grey.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

BLACK: Final = "#000000"
ORANGE: Final = "#E69F00"
SKY: Final = "#56B4E9"
GREEN: Final = "#009E73"
BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#8A8A8A"
PALE: Final = "#E6E6E6"
TEXT: Final = "#333333"
PAPER: Final = "#FFFFFF"

SERIES: Final = (
    (BLUE, "o"),
    (VERMILION, "X"),
    (GREEN, "^"),
    (ORANGE, "s"),
    (PURPLE, "v"),
    (SKY, "P"),
    (BLACK, "D"),
)
"""A colour and a shape for each of some things that are drawn into the same axes."""

DIVERGING: Final = LinearSegmentedColormap.from_list("testbed", (BLUE, "#F7F7F7", VERMILION))
"""From blue over nearly white to vermilion, for what may be less or more than nothing."""
SEQUENTIAL: Final = LinearSegmentedColormap.from_list("testbed-share", ("#F7F7F7", BLUE))
"""From nearly white to blue, for shares."""

LEVEL_2_MGDL: Final = 54
"""Below it is level 2 hypoglycaemia (Battelino et al., Diabetes Care 2019;42:1593)."""
TARGET_MGDL: Final = (70, 180)
"""The target range of the same consensus."""

_WIDEST: Final = 26
"""Characters of a name on one line of a plot."""

RC: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans", "Verdana", "Geneva", "sans-serif"],
        "axes.unicode_minus": True,
        "svg.fonttype": "none",
        "svg.hashsalt": "testbed",
        "text.usetex": False,
        "text.parse_math": False,  # a dollar in somebody's title is a dollar
        "axes.formatter.useoffset": False,
    }
)
"""What all figures are drawn and written with, whatever a user's own settings are.

Verdana has DejaVu Sans's widths, for a reader of an SVG who lacks the latter.
"""


class Interval(NamedTuple):
    """A number with its 95 % limits, where it has some."""

    mean: float
    low: float | None = None
    high: float | None = None


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and write figures in the house style, and leave matplotlib's settings as they were."""
    settings: dict[Any, Any] = {**mpl.rcParamsDefault, **RC}
    del settings["backend"]  # the display, if there is one, stays whose it is
    with mpl.rc_context(settings):
        yield


def dress(ax: Axes, *, grid: str | None = None) -> None:
    """Give axes the house style: no box, small type, a pale grid along ``x``, ``y`` or none."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(colors=TEXT, labelsize=8.5, length=3)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(9)
    ax.title.set_fontsize(9.5)
    ax.set_axisbelow(True)
    if grid in ("x", "both"):
        ax.xaxis.grid(True, color=PALE, linewidth=0.8)
    if grid in ("y", "both"):
        ax.yaxis.grid(True, color=PALE, linewidth=0.8)


def short(name: str) -> str:
    """Return a name on two lines at most, cut where it is longer; a table beside it has it all."""
    if len(name) <= _WIDEST:
        return name
    parts = name.replace("_", "_ ")  # a name may be broken after what joins its words
    lines = textwrap.wrap(parts, _WIDEST, max_lines=2, placeholder="\u2026")
    return "\n".join(line.replace("_ ", "_") for line in lines)


def rows_on_y(ax: Axes, names: list[str]) -> None:
    """Let the y axis name rows from the top down, without a line of its own."""
    ax.set_yticks(range(len(names)), [short(name) for name in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def error_bar(
    ax: Axes, at: float, interval: Interval, *, along: str = "x", colour: str = BLUE
) -> None:
    """Draw the line between the limits of a number; nothing where it has none.

    Args:
        ax: Where to draw.
        at: Where it stands on the other axis.
        interval: The number.
        along: On which axis the number is: ``x`` or ``y``.
        colour: The line's colour.
    """
    if interval.low is None or interval.high is None:
        return
    ends, across = [interval.low, interval.high], [at, at]
    first, second = (ends, across) if along == "x" else (across, ends)
    ax.plot(first, second, color=colour, linewidth=2, solid_capstyle="butt", zorder=2)
