"""How far an attack comes: the share of runs that reach each stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from testbed.report.plots.style import (
    BLUE,
    PALE,
    TEXT,
    VERMILION,
    Interval,
    dress,
    error_bar,
    rows_on_y,
    short,
)


class Stage(NamedTuple):
    """One stage of a funnel.

    Attributes:
        label: What a run has to reach, in a few words.
        share: The share of all runs that reach it, with limits.
        harm: Whether it is about the person and no longer about devices.
    """

    label: str
    share: Interval
    harm: bool = False


def plot_funnel(stages: Sequence[Stage], ax: Axes, *, title: str = "") -> Axes:
    """Draw a bar for each stage, as long as the share of runs that reach it.

    What the stage before had and this one lost is drawn pale behind it.  Bars of devices are
    blue, bars of the person vermilion and hatched.

    Args:
        stages: The stages, from the attempt down.
        ax: Where to draw.
        title: What stands above, such as the arm.
    """
    before = 1.0
    for y, stage in enumerate(stages):
        share = stage.share.mean
        ax.barh(y, max(before, share), height=0.62, color=PALE, linewidth=0)
        ax.barh(
            y,
            share,
            height=0.62,
            color=VERMILION if stage.harm else BLUE,
            hatch="////" if stage.harm else None,
            edgecolor="#F0F0F0",
            linewidth=0,
        )
        error_bar(ax, y, stage.share, colour=TEXT)
        edge = max(share, stage.share.high or 0.0)
        ax.annotate(
            _percent(share),
            (max(edge, 0.0), y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=TEXT,
        )
        before = share
    rows_on_y(ax, [stage.label for stage in stages])
    ax.set_xlim(0, 1.18)
    ax.set_xticks((0, 0.25, 0.5, 0.75, 1.0), ("0", "25", "50", "75", "100"))
    ax.set_xlabel("runs that get this far (%)")
    if title:
        ax.set_title(short(title), loc="left", fontsize=9.5)
    dress(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    return ax


def _percent(share: float) -> str:
    """Return a share for people: only none is ``0`` and only all is ``100 %``."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %") if share else "0"
    return f"{100 * share:.1f} %"
