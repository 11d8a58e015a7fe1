"""What a sensitivity sweep found as a picture: what moves a conclusion, and how far."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from testbed.outcomes import METRICS
from testbed.report.sensitivity import verdict
from testbed.report.tables import CONDITIONAL
from testbed.study.laboratory import Conclusion
from testbed.study.swept import Sensitivity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from testbed.report.plots import Swing

CAPTION: Final = (
    "Blue: at the low end of an assumption's range; orange, hatched: at its high end; the line: "
    "as the scenario has it. All else is as the scenario has it."
)
_WIDTH: Final = 7.6
_LETTERS_PER_LINE: Final = 105
_LETTERS_PER_LABEL: Final = 70


def swings(found: Sensitivity) -> list[Swing]:
    """Return the difference at both ends of the range of each assumption that was walked along.

    One with an end where no run defines the difference is left out.
    """
    from testbed.report.plots import Swing  # noqa: PLC0415 - slow to load

    made = []
    for walk in found.walks:
        first, last = walk.differences[0], walk.differences[-1]
        if first is not None and last is not None:
            unit = "" if walk.unit == "1" else f" {walk.unit}"
            low, high = (f"{value:g}{unit}" for value in (walk.values[0], walk.values[-1]))
            made.append(Swing(walk.name, first, last, low, high))
    return made


def label(found: Sensitivity) -> str:
    """Return what the difference is, with its unit, for an axis."""
    asked = Conclusion.parse(found.conclusion)
    metric = METRICS.get(asked.metric)
    if metric is None:
        return f"{asked.metric}: {asked.less} less {asked.than} (its unit)"
    unit = {"1": "index", "share": "share of runs"}.get(metric.unit, metric.unit)
    return f"{metric.label[0].upper()}{metric.label[1:]}: {asked.less} less {asked.than} ({unit})"


def size_of(found: Sensitivity) -> tuple[float, float]:
    """Return how large the picture is to be, inches."""
    return _WIDTH, 1.1 + 0.42 * max(1, len(swings(found)))


def draw_swings(found: Sensitivity, ax: Axes) -> Axes:
    """Draw the difference at both ends of ranges, all else as the scenario has it.

    Args:
        found: A sweep that walked along an assumption at least.
        ax: Where to draw.
    """
    from testbed.report.plots import plot_tornado  # noqa: PLC0415 - slow to load

    wide = textwrap.fill(label(found), _LETTERS_PER_LABEL, break_on_hyphens=False)
    return plot_tornado(swings(found), found.as_it_is.mean or 0.0, ax, label=wide)


def sensitivity_figure(found: Sensitivity, title: str) -> Figure | None:
    """Return the picture with its verdict; None where nothing moves the difference.

    Args:
        found: What the sweep found.
        title: The scenario's title.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

    from testbed.report.plots import house_style  # noqa: PLC0415 - slow to load

    if not swings(found):
        return None
    width, height = size_of(found)
    said = [title, *verdict(found)[:2], f"{CAPTION} {found.replicates} replicates; {CONDITIONAL}."]
    filled = (textwrap.wrap(each, _LETTERS_PER_LINE, break_on_hyphens=False) for each in said)
    lines = [line for each in filled for line in each]
    with house_style():
        figure = Figure(figsize=(width, height + 0.17 * len(lines)), layout="constrained")
        draw_swings(found, figure.subplots())
        figure.suptitle("\n".join(lines), fontsize=9, x=0.01, ha="left", parse_math=False)
    return figure
