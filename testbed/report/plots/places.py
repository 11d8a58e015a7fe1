"""A place from above, to scale: who is where, and how far off the pump is still heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from testbed.report.plots.style import BLACK, BLUE, GREY, TEXT, VERMILION, dress, short

_DASHES: Final = ("-", (0, (5, 3)), (0, (1, 2)))
_OUTWARD: Final = 1.25
_HOSTILE: Final = ("X", VERMILION)
_OTHERS: Final = (("D", BLACK), ("o", BLUE))


class Spot(NamedTuple):
    """Someone or something with a radio.

    Attributes:
        name: Its name.
        x_m: Metres to the east of the wearer.
        y_m: Metres to the north.
        hostile: Whether it is the attacker.
    """

    name: str
    x_m: float
    y_m: float
    hostile: bool = False


def plot_place(
    spots: Sequence[Spot], rings: Mapping[str, float], ax: Axes, *, title: str = ""
) -> Axes:
    """Draw who is where around the wearer, and rings at which so many frames arrive.

    Args:
        spots: The wearer first, at the origin, then all others.
        rings: What holds on each ring in a few words, and its radius in metres.
        ax: Where to draw.
        title: What stands above, such as the place.
    """
    widest = max([1.0, *rings.values(), *(_far(spot) for spot in spots)])
    for number, (words, radius) in enumerate(sorted(rings.items(), key=lambda item: item[1])):
        style = _DASHES[number % len(_DASHES)]
        ax.add_patch(Circle((0, 0), radius, fill=False, edgecolor=GREY, linestyle=style))
        ax.annotate(
            f"{words}\n{radius:.3g} m",
            (0, radius),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8,
            color=TEXT,
        )
    for number, spot in enumerate(spots):
        shape, colour = _HOSTILE if spot.hostile else _OTHERS[min(number, 1)]
        if spot.hostile:
            ax.plot([0, spot.x_m], [0, spot.y_m], color=colour, linewidth=1, linestyle=":")
        ax.plot(
            [spot.x_m],
            [spot.y_m],
            marker=shape,
            color=colour,
            markersize=8,
            linestyle="none",
            label=f"{spot.name}, {_far(spot):.3g} m" if number else spot.name,
            zorder=3,
        )
    reach = widest * _OUTWARD
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-reach, reach)
    ax.set_aspect("equal")
    ax.set_xlabel("metres from the wearer (m)")
    ax.set_ylabel("metres (m)")
    if title:
        ax.set_title(short(title), loc="left", fontsize=9.5)
    dress(ax)
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, -0.13),
        fontsize=8.5,
        frameon=False,
        borderaxespad=0.0,
        handletextpad=0.4,
    )
    return ax


def _far(spot: Spot) -> float:
    return float((spot.x_m**2 + spot.y_m**2) ** 0.5)
