"""What each arm achieves against what it costs when nobody attacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from matplotlib.axes import Axes

from testbed.report.plots.style import GREY, SERIES, TEXT, Interval, dress, error_bar, short

_ASIDE: Final = 0.02
"""How far beside a point its name begins, as a share of the width."""


class Bargain(NamedTuple):
    """An arm's effect and its price, each against the baseline."""

    effect: Interval
    price: Interval


def plot_effect_against_price(
    arms: Mapping[str, Bargain], ax: Axes, *, effect: str, price: str
) -> Axes:
    """Draw a point for each arm: the effect to the right, the price upwards.

    The cross of two lines is the baseline: no effect and no price.  Arms at the same point get
    one label that names them all.

    Args:
        arms: The arms, without the baseline.
        ax: Where to draw.
        effect: What the effect is, with its unit.
        price: What the price is, with its unit.
    """
    ax.axhline(0, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    ax.axvline(0, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    together: dict[tuple[float, float], list[str]] = {}
    for number, (arm, bargain) in enumerate(arms.items()):
        colour, marker = SERIES[number % len(SERIES)]
        x, y = bargain.effect.mean, bargain.price.mean
        error_bar(ax, y, bargain.effect, colour=colour)
        error_bar(ax, x, bargain.price, along="y", colour=colour)
        ax.plot([x], [y], marker=marker, color=colour, markersize=7, linestyle="none", zorder=3)
        together.setdefault((x, y), []).append(arm)
    ax.margins(0.14, 0.22)
    if all(bargain.price == (0, 0, 0) for bargain in arms.values()):
        ax.set_ylim(-1, 1)
    dress(ax)
    _label(together, ax)
    ax.set_xlabel(effect)
    ax.set_ylabel(price)
    return ax


def _label(together: Mapping[tuple[float, float], list[str]], ax: Axes) -> None:
    """Name the points, each towards the middle, and no name at the height of another."""
    low, high = sorted(ax.get_xlim())
    bottom, top = sorted(ax.get_ylim())
    aside = _ASIDE * (high - low)
    taken: list[tuple[float, float]] = []
    for (x, y), names in sorted(together.items()):
        at = (y - bottom) / (top - bottom)
        lines = 0.06 * len(names)
        lift = 0.03
        while any(at + lift < end and start < at + lift + lines for start, end in taken):
            lift += 0.03
        taken.append((at + lift, at + lift + lines))
        left = x - low < (high - low) / 2
        ax.annotate(
            ",\n".join(map(short, names)),
            (x, y),
            xytext=(x + (aside if left else -aside), y + lift * (top - bottom)),
            ha="left" if left else "right",
            va="bottom",
            fontsize=8.5,
            color=TEXT,
        )
