"""A table of numbers as a heat map, with every number written in its cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from testbed.report.plots.style import DIVERGING, SEQUENTIAL, TEXT, dress, short

_ON_DARK, _ON_LIGHT = "#FEFEFE", "#111111"
"""Ink in a cell; a cell keeps its colour in every theme, and so does the ink in it."""
_EMPTY = "#BDBDBD"
_PALER = 0.4
"""How much of its colour a number keeps that may be chance."""


def plot_matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    ax: Axes,
    *,
    label: str,
    decimals: int = 1,
    diverging: bool = True,
    most: float | None = None,
    doubtful: Sequence[Sequence[bool]] | None = None,
) -> Axes:
    """Draw a matrix of numbers; only an exact zero is written ``0``, and a gap is ``-``.

    Blue is less than nothing and vermilion more, as far as the largest number goes either way;
    without ``diverging`` white is nothing and blue most.  What may be chance stands in brackets
    on a paler ground.

    Args:
        rows: Names of the rows.
        columns: Names of the columns.
        values: One number a row and column; ``None`` where there is none.
        ax: Where to draw.
        label: What the numbers are, with their unit.
        decimals: Decimal places.
        diverging: Whether numbers may be on both sides of 0.
        most: From which number on, either way, the colour is fullest; the largest if left out.
        doubtful: Of each number, whether it may be chance; none may if left out.

    Raises:
        ValueError: If there are not as many numbers as rows and columns.
    """
    for table in filter(None, (values, doubtful)):
        if len(table) != len(rows) or any(len(row) != len(columns) for row in table):
            raise ValueError(f"expected {len(rows)} rows of {len(columns)} numbers, found others")
    grid = np.array([[np.nan if v is None else v for v in row] for row in values], dtype=float)
    grid = grid.reshape(len(rows), len(columns))
    most = most or float(np.nanmax(np.abs(grid), initial=0.0)) or 1.0
    shades = DIVERGING if diverging else SEQUENTIAL
    norm = Normalize(-most if diverging else 0.0, most, clip=True)
    for y in range(len(rows)):
        for x in range(len(columns)):
            value = grid[y, x]
            missing = bool(np.isnan(value))
            chance = doubtful is not None and doubtful[y][x] and not missing
            shown = 0.0 if missing else value * (_PALER if chance else 1.0)
            shade = tuple(map(float, shades(norm(shown))))
            ax.bar(
                x,
                1,
                bottom=y - 0.5,
                width=1,
                color=_EMPTY if missing else shade,
                edgecolor="#FEFEFE",
                linewidth=1,
                hatch="...." if missing else None,
            )
            dark = not missing and _luminance(shade) < 0.4
            ax.text(
                x,
                y,
                _bracketed(
                    _number(None if missing else float(value), decimals, signed=diverging), chance
                ),
                ha="center",
                va="center",
                fontsize=8.5,
                color=_ON_DARK if dark else _ON_LIGHT,
            )
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), list(map(short, rows)))
    ax.set_xticks(
        range(len(columns)),
        list(map(short, columns)),
        rotation=40,
        ha="left",
        rotation_mode="anchor",
    )
    ax.xaxis.tick_top()
    dress(ax)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel(label, color=TEXT)
    return ax


def _bracketed(text: str, chance: bool) -> str:
    return f"({text})" if chance else text


def _number(value: float | None, decimals: int, *, signed: bool) -> str:
    if value is None:
        return "-"
    if value == 0:
        return "0"
    return f"{value:{'+' if signed else ''}.{decimals}f}"


def _luminance(colour: tuple[float, ...]) -> float:
    """Return the relative luminance of a colour (WCAG 2.2), from 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
