"""What each arm achieves against what it costs when nobody attacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from matplotlib.axes import Axes

from testbed.report.plots.style import GREY, SERIES, TEXT, Interval, dress, error_bar, short

_ASIDE: Final = 0.02
"""How far beside a point its name begins, as a share of the width."""


_LINE: Final = 0.06
"""How high a line of a name is, as a share of the height."""
_STEP: Final = 0.03
"""Shares of the height in which room for a name is looked for."""
_TOP: Final = 1.06
"""How high a name may reach, as a share of the height: a line above the axes is free."""
_SAME: Final = 0.005
"""Shares of the axes within which two points are one to the eye."""
_NAMED: Final = 2
"""How many arms at one point are named; of more, the table beside the picture has all."""
_UNSEEN: Final = 20
"""How many times the least price worth seeing the axis then goes either way."""


class Bargain(NamedTuple):
    """An arm's effect and its price, each against the baseline."""

    effect: Interval
    price: Interval


def plot_effect_against_price(
    arms: Mapping[str, Bargain], ax: Axes, *, effect: str, price: str, least: float = 0.0
) -> Axes:
    """Draw a point for each arm: the effect to the right, the price upwards.

    The cross of two lines is the baseline: no effect and no price.  Arms at the same point get
    one label, which names a few of them and counts the rest.

    Args:
        arms: The arms, without the baseline.
        ax: Where to draw.
        effect: What the effect is, with its unit.
        price: What the price is, with its unit.
        least: The least price that is worth seeing; smaller ones are drawn on the line of none.
    """
    ax.axhline(0, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    ax.axvline(0, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    points: dict[str, tuple[float, float]] = {}
    for number, (arm, bargain) in enumerate(arms.items()):
        colour, marker = SERIES[number % len(SERIES)]
        x, y = bargain.effect.mean, bargain.price.mean
        error_bar(ax, y, bargain.effect, colour=colour)
        error_bar(ax, x, bargain.price, along="y", colour=colour)
        ax.plot([x], [y], marker=marker, color=colour, markersize=7, linestyle="none", zorder=3)
        points[arm] = (x, y)
    ax.margins(0.14, 0.22)
    reach = max((abs(each or 0.0) for _, price in arms.values() for each in price), default=0.0)
    if reach <= least:
        half = _UNSEEN * least or 1.0
        ax.set_ylim(-half, half)
    dress(ax)
    _label(_together(points, ax), ax)
    ax.set_xlabel(effect)
    ax.set_ylabel(price)
    return ax


def _together(
    points: Mapping[str, tuple[float, float]], ax: Axes
) -> dict[tuple[float, float], list[str]]:
    """Return the arms at each point; points so close that nobody tells them apart are one."""
    widths = (abs(end - start) for start, end in (ax.get_xlim(), ax.get_ylim()))
    near = [_SAME * width for width in widths]
    found: dict[tuple[float, float], list[str]] = {}
    for arm, (x, y) in points.items():
        same = (at for at in found if abs(at[0] - x) <= near[0] and abs(at[1] - y) <= near[1])
        found.setdefault(next(same, (x, y)), []).append(arm)
    return found


def _texts(arms: list[str]) -> Iterator[str]:
    """Yield what may stand beside the arms of one point, the fullest first."""
    if len(arms) <= _NAMED + 1:
        yield ",\n".join(map(short, arms))
    for count in (_NAMED, 1):
        if len(arms) > count:
            shown = ",\n".join(map(short, arms[:count]))
            yield f"{shown}\nand {len(arms) - count} more"
    if len(arms) > 1:
        yield f"{len(arms)} arms"


def _free(at: float, lines: float, taken: list[tuple[float, float]]) -> float | None:
    """Return how far above its point a name finds room, below it if negative; None for nowhere."""
    above = [_STEP * (1 + step) for step in range(round(1 / _STEP))]
    for lift in (*above, *(-lines - each for each in above)):
        start, end = at + lift, at + lift + lines
        inside = start >= 0.0 and end <= _TOP
        if inside and not any(start < last and first < end for first, last in taken):
            return lift
    return None


def _label(together: Mapping[tuple[float, float], list[str]], ax: Axes) -> None:
    """Name the points, each towards the middle, and no name at the height of another or outside."""
    low, high = sorted(ax.get_xlim())
    bottom, top = sorted(ax.get_ylim())
    aside = _ASIDE * (high - low)
    taken: list[tuple[float, float]] = []
    for (x, y), names in sorted(together.items()):
        at = (y - bottom) / (top - bottom)
        for text in _texts(names):
            lines = _LINE * (1 + text.count("\n"))
            lift = _free(at, lines, taken)
            if lift is not None:
                break
        else:
            continue  # no room; the table beside the picture has it
        taken.append((at + lift, at + lift + lines))
        left = x - low < (high - low) / 2
        ax.annotate(
            text,
            (x, y),
            xytext=(x + (aside if left else -aside), y + lift * (top - bottom)),
            ha="left" if left else "right",
            va="bottom",
            fontsize=8.5,
            color=TEXT,
        )
