"""One picture of each kind, small, to be compared with how it looked before.

``python -m tests.report.gallery`` draws anew those that they are compared with; look at every one
of them before it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from testbed.report import plots
from testbed.report.plots import Bargain, Interval, Spot, Stage, Swing

from .conftest import Day, a_study

KEPT = Path(__file__).parent / "baseline"
_DPI = 56


STAGES = (
    Stage("attempted", Interval(1.0)),
    Stage("heard", Interval(0.97, 0.9, 0.99)),
    Stage("insulin delivered", Interval(0.6, 0.5, 0.7)),
    Stage("below 54 mg/dL", Interval(0.125, 0.05, 0.25), harm=True),
    Stage("below 40 mg/dL", Interval(0.0, 0.0, 0.03), harm=True),
)


def _fan(ax: Axes) -> Axes:
    spread = np.linspace(0.6, 1.5, 12)[:, None]
    attacked = 100 + spread * (Day(attacked=True).trace().plasma_mgdl - 100)
    twin = 100 + spread * (Day(attacked=False).trace().plasma_mgdl - 100)
    return plots.plot_glucose_fan(attacked, twin, 6.0, ax)


def _arms(ax: Axes) -> Axes:
    return plots.plot_arms(a_study(), "time_to_notice_min", ax)


def _funnel(ax: Axes) -> Axes:
    return plots.plot_funnel(STAGES, ax, title="as-shipped")


def _price(ax: Axes) -> Axes:
    arms = {
        "remote-bolus-off": Bargain(Interval(-9.0, -9.4, -8.5), Interval(12.0, 4.0, 21.0)),
        "pair-in-private": Bargain(Interval(-9.0, -9.4, -8.5), Interval(0.0, 0.0, 0.0)),
        "all": Bargain(Interval(-9.0, -9.4, -8.5), Interval(12.0, 4.0, 21.0)),
        "heed-alerts": Bargain(Interval(-1.2, -2.3, -0.3), Interval(2.0, -1.0, 5.0)),
    }
    return plots.plot_effect_against_price(arms, ax, effect="Effect (U)", price="Price (min)")


def _shares(ax: Axes) -> Axes:
    shares = {
        "pair-in-private": Interval(-4.0, -4.3, -3.8),
        "remote-bolus-off": Interval(-4.1, -4.4, -3.9),
        "unplug": Interval(0.0, 0.0, 0.0),
        "worse": Interval(0.4, 0.1, 0.6),
    }
    return plots.plot_shares(shares, ax, label="Share of the effect (U)")


def _tornado(ax: Axes) -> Axes:
    swings = [
        Swing("distance", 9.9, 2.1, "0.1 m", "1000 m"),
        Swing("noticing", 7.0, 9.6, "1 min", "30 min"),
        Swing("one side", 9.2, 9.8, "0", "1"),
        Swing("nothing", 9.0, 9.0, "0", "1"),
    ]
    return plots.plot_tornado(swings, 9.0, ax, label="Insulin for the attacker (U)")


def _matrix(ax: Axes) -> Axes:
    values = ((-9.0, 0.0, None), (0.04, 4.0, -0.5))
    names = ("cafe", "gym"), ("remote-bolus-off", "pair-in-private", "heed-alerts")
    return plots.plot_matrix(*names, values, ax, label="Effect (U)")


def _place(ax: Axes) -> Axes:
    spots = [Spot("wearer", 0, 0), Spot("USB link", -1, 2), Spot("attacker", 4, 0, hostile=True)]
    return plots.plot_place(spots, {"1 in 2": 15.8, "9 in 10": 9.0}, ax, title="cafe")


GALLERY: Mapping[str, tuple[tuple[float, float], Callable[[Axes], Axes]]] = {
    "arms": ((4.8, 2.8), _arms),
    "delivery": (
        (6.0, 3.0),
        lambda ax: plots.plot_delivery(Day(attacked=True).trace(), ax),
    ),
    "fan": ((6.0, 3.8), _fan),
    "funnel": ((4.8, 2.4), _funnel),
    "glucose": (
        (6.0, 3.0),
        lambda ax: plots.plot_glucose(Day(attacked=True).trace(), Day(attacked=False).trace(), ax),
    ),
    "matrix": ((4.8, 2.6), _matrix),
    "place": ((4.4, 4.7), _place),
    "price": ((5.2, 3.8), _price),
    "shares": ((4.8, 2.6), _shares),
    "timeline": ((6.0, 3.7), lambda ax: plots.plot_timeline(Day(attacked=True).trace(), ax)),
    "tornado": ((4.8, 2.6), _tornado),
}
"""The size of each picture in inches, and what draws it."""


def draw(name: str, path: Path) -> Axes:
    """Draw a picture into a PNG file, and return its axes."""
    size, into = GALLERY[name]
    return draw_into(into, size, path)


def draw_into(into: Callable[[Axes], Axes], size: tuple[float, float], path: Path) -> Axes:
    """Have something draw into axes of its own, write them to a PNG file and return them."""
    with plots.house_style():
        figure = Figure(figsize=size, layout="constrained")
        ax = figure.subplots()
        assert into(ax) is ax
        figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": None})
    return ax


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for each in GALLERY:
        draw(each, KEPT / f"{each}.png")
