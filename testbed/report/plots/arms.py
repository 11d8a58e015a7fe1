"""The arms of a study beside each other, in one metric."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from testbed.report.plots.style import BLACK, BLUE, GREY, PAPER, dress, short
from testbed.study.results import Study


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
        ticks.append(f"{short(arm)}\n(baseline)" if is_baseline else short(arm))
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
            markerfacecolor=PAPER if is_baseline else colour,
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
    estimates = (study.summary()[arm].metrics[metric] for arm in study.shown)
    return any(value < 0 for e in estimates for value in (e.mean, e.low) if value is not None)
