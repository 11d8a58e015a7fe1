"""Figures written as PNG files that are the same at every run, and the two of a study."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from testbed.study.results import Study
from testbed.trace import RunStarted, Trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEY_METRICS: Final = ("unauthorised_U", "unsafe_dose", "below_54_min", "lowest_mgdl")
"""The metrics of the figure of arms, where the study has them."""

_DPI: Final = 150
_TITLE_WIDTH: Final = 100


def arms_figure(study: Study, metrics: tuple[str, ...] = KEY_METRICS) -> Figure:
    """Return a figure of small plots, one a metric, with the arms as rows.

    Args:
        study: The study.
        metrics: The metrics to show; those that the study lacks are left out.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

    from testbed.report.plots import house_style, plot_arms  # noqa: PLC0415 - slow to load

    shown = [name for name in metrics if name in study.metrics]
    columns = min(2, max(1, len(shown)))
    rows = -(-len(shown) // columns) or 1
    height = rows * (1.0 + 0.38 * len(study.shown)) + 0.7
    with house_style():
        figure = Figure(figsize=(9.0, height), layout="constrained")
        axes = figure.subplots(rows, columns, sharey=True, squeeze=False).flatten()
        for ax, name in zip(axes, shown, strict=False):
            plot_arms(study, name, ax)
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        figure.suptitle(
            f"{textwrap.fill(study.title, _TITLE_WIDTH)}\nattacked runs, mean and 95 % interval; "
            "conditional on an attack attempt, not an incidence",
            fontsize=10,
            x=0.01,
            ha="left",
            parse_math=False,
        )
    return figure


def example_figure(attacked: Trace, twin: Trace) -> Figure:
    """Return a figure of one run: glucose above, insulin below, on one clock.

    Args:
        attacked: The run with the attacker.
        twin: The same run without.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

    from testbed.report import plots  # noqa: PLC0415 - slow to load

    with plots.house_style():
        figure = Figure(figsize=(9.0, 6.2), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        plots.plot_glucose(attacked, twin, above)
        above.set_xlabel("")
        plots.plot_delivery(attacked, below)
        patient = next((f" ({event.patient})" for _, event in attacked.of(RunStarted)), "")
        figure.suptitle(
            f"One run{patient} and its twin, the same without an attacker",
            fontsize=10,
            x=0.01,
            ha="left",
        )
    return figure


def save_figures(study: Study, attacked: Trace, twin: Trace, out: Path) -> list[Path]:
    """Write ``arms.png`` and ``example_run.png`` and return their paths.

    Args:
        study: The study.
        attacked: One of its attacked runs.
        twin: That run's twin.
        out: The folder to write to; made if it is not there.

    Raises:
        OSError: If the folder cannot be made or written to.
    """
    out.mkdir(parents=True, exist_ok=True)
    return [
        write_png(arms_figure(study), out / "arms.png"),
        write_png(example_figure(attacked, twin), out / "example_run.png"),
    ]


def write_png(figure: Figure, path: Path) -> Path:
    """Write a figure as a PNG file and return its path.

    The file holds neither a date nor a version, so the same data give the same bytes.

    Raises:
        OSError: If it cannot be written.
    """
    from testbed.report.plots import house_style  # noqa: PLC0415 - slow to load

    with house_style():
        figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": None})
    return path
