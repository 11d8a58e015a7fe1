"""Which assumptions a result leans on: what it is at both ends of each one's range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from testbed.report.plots.style import BLACK, BLUE, ORANGE, TEXT, dress, rows_on_y


class Swing(NamedTuple):
    """What a result is at both ends of an assumption's range.

    Attributes:
        name: The assumption.
        at_low: The result where the assumption is lowest.
        at_high: The result where it is highest.
        low: The assumption's lowest value, as text with its unit.
        high: Its highest.
    """

    name: str
    at_low: float
    at_high: float
    low: str = ""
    high: str = ""

    @property
    def width(self) -> float:
        """How far the result moves."""
        return abs(self.at_high - self.at_low)


def plot_tornado(swings: Sequence[Swing], base: float, ax: Axes, *, label: str) -> Axes:
    """Draw a bar from the result at one end to that at the other, the widest on top.

    The side of the range's low end is blue and that of its high end orange and hatched, and
    the value of the assumption stands at each end.  An assumption that moves neither end keeps its
    row.

    Args:
        swings: One for each assumption.
        base: The result with all assumptions as they are.
        ax: Where to draw.
        label: What the result is, with its unit.
    """
    ordered = sorted(swings, key=lambda each: (-each.width, each.name))
    for y, swing in enumerate(ordered):
        ends = ((swing.at_low, swing.low, BLUE, None), (swing.at_high, swing.high, ORANGE, "////"))
        for value, _, colour, hatch in ends:
            ax.barh(
                y,
                value - base,
                left=base,
                height=0.6,
                color=colour,
                hatch=hatch,
                edgecolor="#F0F0F0",
                linewidth=0,
            )
        if not swing.width and swing.at_low == base:
            _end(ax, base, y, "the same at both ends", right=True)
            continue
        nearest = min((swing.at_low, swing.at_high), key=lambda value: abs(value - base))
        one_side = (swing.at_low - base) * (swing.at_high - base) > 0
        for value, text, *_ in ends:
            if one_side and value == nearest:  # the other end's bar lies over it
                _end(ax, base, y, text, right=value < base)
            else:
                _end(
                    ax,
                    value,
                    y,
                    text,
                    right=value > base or (value == base and not _right(swing, base)),
                )
    ax.axvline(base, color=BLACK, linewidth=1)
    rows_on_y(ax, [swing.name for swing in ordered])
    ax.margins(x=0.22)
    ax.set_xlabel(label)
    dress(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    return ax


def _right(swing: Swing, base: float) -> bool:
    """Return whether the end that moves something is to the right."""
    return max(swing.at_low, swing.at_high) > base


def _end(ax: Axes, x: float, y: int, text: str, *, right: bool) -> None:
    ax.annotate(
        text,
        (x, y),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=8,
        color=TEXT,
    )
