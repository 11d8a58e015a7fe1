"""One run as lanes over the clock: who did what, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from matplotlib.axes import Axes

from testbed.outcomes import Origin, boluses
from testbed.report.plots.clock import clock_axis, hours_at, start_hours
from testbed.report.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    VERMILION,
    dress,
    rows_on_y,
)
from testbed.trace import (
    Acted,
    Alerted,
    Attacked,
    Event,
    FrameOverheard,
    Linked,
    Moved,
    Noticed,
    PairingFailed,
    PairingOpened,
    ReadingStored,
    Trace,
)


class _Mark(NamedTuple):
    lane: str
    label: str
    shape: str
    colour: str
    of: Callable[[Event], bool]


_MARKS: Final = (
    _Mark(
        "attacker", "gate passed", "X", VERMILION, lambda e: isinstance(e, Attacked) and e.passed
    ),
    _Mark(
        "attacker",
        "gate not passed",
        "x",
        BLACK,
        lambda e: isinstance(e, Attacked) and not e.passed,
    ),
    _Mark("overheard", "frame overheard", "|", VERMILION, lambda e: isinstance(e, FrameOverheard)),
    _Mark("linking", "put into pairing mode", "s", SKY, lambda e: isinstance(e, PairingOpened)),
    _Mark("linking", "linked", "o", BLUE, lambda e: isinstance(e, Linked)),
    _Mark("linking", "linking given up", "x", BLACK, lambda e: isinstance(e, PairingFailed)),
    _Mark("readings", "reading stored", "|", GREEN, lambda e: isinstance(e, ReadingStored)),
    _Mark("alerts", "alert", "^", PURPLE, lambda e: isinstance(e, Alerted)),
    _Mark("person", "noticed", "v", BLACK, lambda e: isinstance(e, Noticed)),
    _Mark("person", "act", "P", ORANGE, lambda e: isinstance(e, Acted)),
)
_LANES: Final = (
    "place",
    "attacker",
    "overheard",
    "linking",
    "readings",
    "boluses",
    "alerts",
    "person",
)


def plot_timeline(trace: Trace, ax: Axes) -> Axes:
    """Draw what happened in one run as marks in lanes over the hours of the clock.

    The lanes are where the person is, the attacker's gates, what it overheard, linkings,
    readings, boluses from their start to their end, alerts, and what a person noticed and did.

    Args:
        trace: The run.
        ax: Where to draw.
    """
    start = start_hours(trace)
    for mark in _MARKS:
        times = [hours_at(event.t, start) for event in trace if mark.of(event)]
        if times:
            ax.plot(
                times,
                [_LANES.index(mark.lane)] * len(times),
                marker=mark.shape,
                color=mark.colour,
                markersize=6,
                linestyle="none",
                label=mark.label,
            )
    _boluses(trace, start, ax)
    _stays(trace, start, ax)
    for y in range(len(_LANES)):
        ax.axhline(y, color=PALE, linewidth=0.8, zorder=0)
    clock_axis(ax, trace)
    rows_on_y(ax, list(_LANES))
    dress(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, -0.2),
        ncols=4,
        fontsize=8,
        frameon=False,
        borderaxespad=0.0,
        handletextpad=0.4,
        columnspacing=1.4,
    )
    return ax


def _boluses(trace: Trace, start: float, ax: Axes) -> None:
    lane = _LANES.index("boluses")
    named: set[bool] = set()
    for bolus in boluses(trace):
        hostile = bolus.origin is Origin.ATTACKER
        label = "bolus: attacker" if hostile else "bolus: others"
        ends = [hours_at(bolus.started_us, start), hours_at(bolus.ended_us, start)]
        ax.plot(
            ends,
            [lane, lane],
            color=VERMILION if hostile else BLUE,
            marker="X" if hostile else "o",
            markersize=6,
            linewidth=5,
            solid_capstyle="butt",
            label=None if hostile in named else label,
        )
        named.add(hostile)


def _stays(trace: Trace, start: float, ax: Axes) -> None:
    lane = _LANES.index("place")
    moves = [event for _, event in trace.of(Moved)]
    end = start + len(trace.insulin_nU) / 60
    begins = [hours_at(move.t, start) for move in moves]
    for move, left, right in zip(moves, begins, [*begins[1:], end], strict=False):
        if right <= left:
            continue
        ax.barh(
            lane, right - left, left=left, height=0.5, color=PALE, edgecolor=GREY, linewidth=0.8
        )
        if (right - left) > (end - start) / 16:
            ax.text((left + right) / 2, lane, move.place, ha="center", va="center", fontsize=8)
