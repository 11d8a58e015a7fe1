"""Plots of a study and of one run, each drawn into axes that the caller owns.

Every function takes data and an ``Axes`` and returns the axes.  Nothing here touches pyplot or
any other global state, so plots may be drawn in any thread and without a display.  Wherever
colour says something, a label or a marker's shape says it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

from testbed.outcomes import Bolus, Origin, boluses
from testbed.report.axes import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    VERMILION,
    clock_axis,
    dress,
    free_spot,
    hours_at,
    start_hours,
)
from testbed.study.results import Study
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


def plot_arms(study: Study, metric: str, ax: Axes) -> Axes:
    """Draw the mean and 95 % interval of a metric in the attacked runs, one row an arm.

    The baseline has a hollow diamond, and a dashed line through its mean.  An arm in which no
    run defines the metric says so.

    Args:
        study: The study.
        metric: The metric's name.
        ax: Where to draw.

    Raises:
        KeyError: If the study has no such metric.
    """
    about = study.metrics[metric]
    summary = study.summary()
    ticks = []
    for y, arm in enumerate(study.shown):
        estimate = summary[arm].metrics[metric]
        is_baseline = arm == study.baseline
        ticks.append(f"{arm}\n(baseline)" if is_baseline else arm)
        if estimate.mean is None:
            transform = blended_transform_factory(ax.transAxes, ax.transData)
            ax.text(0.02, y, "in no run", transform=transform, va="center", fontsize=8, color=GREY)
            continue
        colour = BLACK if is_baseline else BLUE
        if is_baseline:
            ax.axvline(estimate.mean, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        if estimate.low is not None and estimate.high is not None:
            ax.plot([estimate.low, estimate.high], [y, y], color=colour, linewidth=2, zorder=2)
        ax.plot(
            [estimate.mean],
            [y],
            marker="D" if is_baseline else "o",
            markersize=6 if is_baseline else 6.5,
            markerfacecolor="white" if is_baseline else colour,
            markeredgecolor=colour,
            markeredgewidth=1.5,
            linestyle="none",
            clip_on=False,
            zorder=3,
        )
    ax.set_yticks(range(len(study.shown)), ticks)
    ax.set_ylim(len(study.shown) - 0.4, -0.6)
    ax.margins(x=0.06)
    unit = {"1": "", "share": " (share of runs)"}.get(about.unit, f" ({about.unit})")
    label = about.label[0].upper() + about.label[1:]
    ax.set_xlabel(f"{label}{unit}")
    low, high = ax.get_xlim()
    if about.is_share:
        ax.set_xlim(-0.03, 1.03)
    elif low < 0 and about.worse != "neither" and not _goes_below_zero(study, metric):
        ax.set_xlim(-0.04 * high, high)
    dress(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def _goes_below_zero(study: Study, metric: str) -> bool:
    estimates = (found.metrics[metric] for found in study.summary().values())
    return any(value < 0 for e in estimates for value in (e.mean, e.low) if value is not None)


def plot_glucose(attacked: Trace, twin: Trace, ax: Axes) -> Axes:
    """Draw the plasma glucose of a run and of its twin over the hours of the clock.

    The target range of 70 to 180 mg/dL is shaded and the limit of level 2 hypoglycaemia,
    54 mg/dL, is a dotted line (Battelino et al., Diabetes Care 2019;42:1593).

    Args:
        attacked: The run with the attacker.
        twin: The same run without.
        ax: Where to draw.
    """
    ax.axhspan(70, 180, color=GREEN, alpha=0.10, linewidth=0)
    ax.axhline(54, color=VERMILION, linewidth=1, linestyle=":")
    series = ((twin, BLACK, "--", "not attacked"), (attacked, VERMILION, "-", "attacked"))
    for trace, colour, style, name in series:
        hours = start_hours(trace) + np.arange(len(trace.plasma_mgdl)) / 60
        ax.plot(hours, trace.plasma_mgdl, color=colour, linewidth=1.6, linestyle=style, label=name)
    clock_axis(ax, attacked)
    values = np.concatenate((attacked.plasma_mgdl, twin.plasma_mgdl))
    ax.set_ylim(min(40.0, float(values.min()) - 8), max(200.0, float(values.max()) + 12))
    right = blended_transform_factory(ax.transAxes, ax.transData)
    for y, text, colour in ((125, "70 to 180", GREEN), (54, "54", VERMILION)):
        ax.text(1.01, y, text, transform=right, va="center", fontsize=8, color=colour)
    _label_curves(attacked, twin, ax)
    ax.set_ylabel("plasma glucose (mg/dL)")
    dress(ax)
    return ax


def _label_curves(attacked: Trace, twin: Trace, ax: Axes) -> None:
    """Name each curve where it has room beside it."""
    n = min(len(attacked.plasma_mgdl), len(twin.plasma_mgdl))
    gap = np.abs(attacked.plasma_mgdl[:n] - twin.plasma_mgdl[:n])
    if gap.max() == 0:
        ax.annotate(
            "attacked and not attacked: the same",
            (start_hours(attacked) + n / 120, float(twin.plasma_mgdl[n // 2])),
            xytext=(0, 10),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
        return
    curves = (
        (attacked.plasma_mgdl[:n], twin.plasma_mgdl[:n], "attacked", VERMILION),
        (twin.plasma_mgdl[:n], attacked.plasma_mgdl[:n], "not attacked", BLACK),
    )
    for own, other, text, colour in curves:
        minute, mgdl = free_spot(own, other, ax.get_ylim())
        hour = start_hours(attacked) + minute / 60
        ax.text(hour, mgdl, text, ha="center", va="center", fontsize=9, color=colour)


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
        edgecolor="white",
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
        ncols=4,
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
        color=VERMILION if bolus.origin is Origin.ATTACKER else "#333333",
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
