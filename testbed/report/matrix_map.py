"""The matrix of attacks and mitigations as one picture: how much of each harm goes."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from testbed.report.matrix import removed_pct
from testbed.report.tables import CONDITIONAL
from testbed.study.matrix import SURE_BELOW, Cell, Matrix, PathOfAttack

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABEL: Final = "Change of the harm of each path as shipped (%)"
KEY: Final = (
    "-100: nothing is left of the harm. 0: exactly as shipped, in every run. In brackets: may be "
    f"chance, p {SURE_BELOW:g} or more after correction. -: no harm as shipped to be a share of."
)
"""How the picture is to be read."""
_LEAST_WIDTH: Final = 6.0
_LETTERS_PER_INCH: Final = 14
_WHOLE_PCT: Final = 100.0
"""All of the harm; what is more than doubled has the same colour as what is doubled."""


class HeatMap(NamedTuple):
    """The numbers of the picture, a row for each mitigation and a column for each path.

    Attributes:
        changes: How much the harm of a path changes, % of it as shipped; ``None`` where there is
            none as shipped.
        doubtful: Whether that may be chance.
    """

    changes: list[list[float | None]]
    doubtful: list[list[bool]]


def heat_map(matrix: Matrix) -> HeatMap:
    """Return what the picture shows, of each path the metric of its rankings."""
    of_path = [{cell.mitigation: cell for cell in matrix.of(path.name)} for path in matrix.paths]
    pairs = list(zip(of_path, matrix.paths, strict=True))
    return HeatMap(
        [[_change(cells[name], path) for cells, path in pairs] for name in matrix.mitigations],
        [
            [not (cells[name].why_zero or cells[name].is_sure) for cells in of_path]
            for name in matrix.mitigations
        ],
    )


def _change(cell: Cell, path: PathOfAttack) -> float | None:
    removed = removed_pct(cell, path)
    return None if removed is None else 0.0 - removed


def size_of(matrix: Matrix) -> tuple[float, float]:
    """Return how large the picture is to be, inches."""
    return 2.6 + 0.47 * len(matrix.paths), 2.2 + 0.27 * len(matrix.mitigations)


def draw_matrix(matrix: Matrix, ax: Axes) -> Axes:
    """Draw how much of the harm of each path each mitigation changes.

    Args:
        matrix: The matrix.
        ax: Where to draw.
    """
    from testbed.report import plots  # noqa: PLC0415 - slow to load

    found = heat_map(matrix)
    return plots.plot_matrix(
        matrix.mitigations,
        [path.name for path in matrix.paths],
        found.changes,
        ax,
        label=LABEL,
        decimals=0,
        most=_WHOLE_PCT,
        doubtful=found.doubtful,
    )


def matrix_figure(matrix: Matrix) -> Figure:
    """Return the picture with what is needed to read it."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

    from testbed.report.plots import house_style  # noqa: PLC0415 - slow to load

    width, height = size_of(matrix)
    width = max(width, _LEAST_WIDTH)
    said = (
        f"Every mitigation against every path of attack, {matrix.replicates} replicates an arm; "
        f"{CONDITIONAL}. {KEY}"
    )
    with house_style():
        figure = Figure(figsize=(width, height + 0.6), layout="constrained")
        draw_matrix(matrix, figure.subplots())
        figure.suptitle(
            textwrap.fill(said, round(_LETTERS_PER_INCH * width)), fontsize=9, x=0.01, ha="left"
        )
    return figure
