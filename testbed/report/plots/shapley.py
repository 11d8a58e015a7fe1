"""How an effect of several precautions together is shared out among them."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes

from testbed.report.plots.style import BLUE, GREY, TEXT, Interval, dress, error_bar, rows_on_y


def plot_shares(shares: Mapping[str, Interval], ax: Axes, *, label: str) -> Axes:
    """Draw a bar for each precaution's share of an effect (Shapley), largest first.

    A share of exactly nothing keeps its row, with a ``0`` in place of a bar.  Below all stands
    what the shares sum to.

    Args:
        shares: The share of each precaution, with limits where there are some.
        ax: Where to draw.
        label: What the effect is, with its unit.
    """
    ordered = sorted(shares.items(), key=lambda item: (-abs(item[1].mean), item[0]))
    total = sum(share.mean for share in shares.values())
    rows = [*ordered, ("together", Interval(total))]
    for y, (_, share) in enumerate(rows):
        together = y == len(ordered)
        ax.barh(y, share.mean, height=0.6, color=GREY if together else BLUE, linewidth=0)
        error_bar(ax, y, share, colour=TEXT)
        ends = [share.mean, *(end for end in (share.low, share.high) if end is not None)]
        negative = share.mean < 0
        ax.annotate(
            f"{share.mean:+.3g}" if share.mean else "0",
            (min(*ends, 0.0) if negative else max(*ends, 0.0), y),
            xytext=(-4 if negative else 4, 0),
            textcoords="offset points",
            ha="right" if negative else "left",
            va="center",
            fontsize=8.5,
            color=TEXT,
        )
    ax.axvline(0, color=GREY, linewidth=1)
    rows_on_y(ax, [name for name, _ in rows])
    ax.margins(x=0.2)
    ax.set_xlabel(label)
    dress(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    return ax
