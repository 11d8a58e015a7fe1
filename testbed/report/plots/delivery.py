"""Insulin that one run delivered, by who is behind it, with what was noticed above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from testbed.outcomes import Bolus, Origin, boluses
from testbed.report.plots.clock import clock_axis, hours_at, start_hours
from testbed.report.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PALE,
    PAPER,
    PURPLE,
    SKY,
    TEXT,
    VERMILION,
    dress,
)
from testbed.trace import Alerted, BolusEnded, Noticed, Trace
from testbed.units import NANOUNITS_PER_UNIT, US_PER_HOUR, to_units

_ORIGIN: Final[dict[Origin, tuple[str, str, str]]] = {
    Origin.ATTACKER: (VERMILION, "X", "bolus: attacker"),
    Origin.REMOTE: (SKY, "s", "bolus: asked for over the air"),
    Origin.OWN: (BLUE, "o", "bolus: asked for on the pump"),
    Origin.LOOP: (GREEN, "^", "bolus: the pump's therapy"),
    Origin.PROGRAMME: (GREEN, "D", "bolus: the pump's programme"),
}
_LABEL: Final = 1 / 16
"""Share of the width that the label of a bolus needs."""


def plot_delivery(attacked: Trace, ax: Axes) -> Axes:
    """Draw the insulin that a run delivered, by who is behind it.

    Each bolus is a stem as high as the units it delivered; where it was cut short, a pale stem
    goes on to what was asked for.  Grey bars are the basal units of each hour.  Above them
    stand the alerts, what a person noticed, and what was cancelled.

    Args:
        attacked: The run.
        ax: Where to draw.
    """
    start = start_hours(attacked)
    given = sorted(boluses(attacked), key=lambda bolus: bolus.started_us)
    basal = _basal_each_hour(attacked, given)
    length_h = len(basal)
    ax.bar(
        start + np.arange(length_h),
        basal,
        width=1.0,
        align="edge",
        color=PALE,
        edgecolor=PAPER,
        label="basal, each hour",
    )
    named: set[Origin] = set()
    for bolus, side in zip(given, _label_sides(given, length_h), strict=True):
        _stem(bolus, start, ax, named, side)
    top = max([1.0, float(basal.max(initial=0)), *(to_units(b.requested_nU) for b in given)])
    _mark_events(attacked, start, top, ax)
    ax.set_ylim(0, 1.5 * top)
    clock_axis(ax, attacked)
    ax.set_ylabel("insulin delivered (U)")
    dress(ax)
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, -0.24),
        ncols=3,
        fontsize=8,
        frameon=False,
        borderaxespad=0.0,
        handletextpad=0.4,
        columnspacing=1.4,
    )
    return ax


def _basal_each_hour(trace: Trace, given: Sequence[Bolus]) -> NDArray[np.float64]:
    """Return the basal units of each hour: what was delivered less the boluses, spread evenly."""
    hours = -(-len(trace.insulin_nU) // 60)
    minutes = np.zeros(hours * 60)
    minutes[: len(trace.insulin_nU)] = trace.insulin_nU
    basal: NDArray[np.float64] = minutes.reshape(hours, 60).sum(axis=1)
    starts = np.arange(hours) * US_PER_HOUR
    for bolus in given:
        first, last = bolus.started_us, max(bolus.ended_us, bolus.started_us + 1)
        inside = np.minimum(starts + US_PER_HOUR, last) - np.maximum(starts, first)
        basal -= bolus.delivered_nU * np.maximum(inside, 0) / (last - first)
    return np.asarray(np.maximum(basal, 0.0) / NANOUNITS_PER_UNIT)


def _label_sides(given: Sequence[Bolus], length_h: int) -> list[str]:
    """Return on which side of each stem its label has room: right, left, or neither ("").

    An attacker's bolus is labelled whether there is room or not.
    """
    need = _LABEL * length_h * US_PER_HOUR
    starts = [-need, *(each.started_us for each in given), length_h * US_PER_HOUR]
    sides = []
    for at, bolus in enumerate(given, start=1):
        if starts[at + 1] - starts[at] >= need or bolus.origin is Origin.ATTACKER:
            sides.append("right")
        elif starts[at] - starts[at - 1] >= 2 * need:
            sides.append("left")
        else:
            sides.append("")
    return sides


def _stem(bolus: Bolus, start: float, ax: Axes, named: set[Origin], side: str) -> None:
    colour, marker, name = _ORIGIN[bolus.origin]
    hour = hours_at(bolus.started_us, start)
    units, asked = to_units(bolus.delivered_nU), to_units(bolus.requested_nU)
    text = f"{units:.3g} U"
    if asked > units:
        ax.plot([hour, hour], [units, asked], color=colour, linewidth=1.5, alpha=0.35)
        ax.plot([hour], [asked], marker="_", color=colour, alpha=0.6, markersize=9)
        text = f"{units:.3g} of {asked:.3g} U"
    ax.plot([hour, hour], [0, units], color=colour, linewidth=2.2, solid_capstyle="butt")
    ax.plot(
        [hour],
        [units],
        marker=marker,
        color=colour,
        markersize=7,
        linestyle="none",
        label=None if bolus.origin in named else name,
    )
    named.add(bolus.origin)
    if not side:
        return
    ax.annotate(
        text,
        (hour, units),
        xytext=(6 if side == "right" else -6, 3),
        textcoords="offset points",
        ha="left" if side == "right" else "right",
        fontsize=8,
        color=VERMILION if bolus.origin is Origin.ATTACKER else TEXT,
    )


def _mark_events(trace: Trace, start: float, top: float, ax: Axes) -> None:
    rows = (
        ("alert", "^", PURPLE, [event.t for _, event in trace.of(Alerted)]),
        ("noticed", "v", BLACK, [event.t for _, event in trace.of(Noticed)]),
        (
            "bolus cancelled",
            "P",
            ORANGE,
            [event.t for _, event in trace.of(BolusEnded) if event.why == "cancelled"],
        ),
    )
    for row, (name, marker, colour, times) in enumerate(rows):
        if times:
            ax.plot(
                [hours_at(t, start) for t in times],
                [top * (1.20 + 0.10 * row)] * len(times),
                marker=marker,
                color=colour,
                markersize=6,
                linestyle="none",
                label=name,
            )
