"""Plots of a study and of its runs, each drawn into axes that the caller owns.

Every function takes data and an ``Axes`` and returns the axes.  Nothing here touches pyplot or
any other global state, so plots may be drawn in any thread and without a display.
"""

from testbed.report.plots.arms import plot_arms
from testbed.report.plots.delivery import plot_delivery
from testbed.report.plots.fan import plot_glucose_fan
from testbed.report.plots.funnel import Stage, plot_funnel
from testbed.report.plots.glucose import plot_glucose
from testbed.report.plots.matrix import plot_matrix
from testbed.report.plots.places import Spot, plot_place
from testbed.report.plots.price import Bargain, plot_effect_against_price
from testbed.report.plots.shapley import plot_shares
from testbed.report.plots.style import Interval, house_style
from testbed.report.plots.timeline import plot_timeline
from testbed.report.plots.tornado import Swing, plot_tornado

__all__ = [
    "Bargain",
    "Interval",
    "Spot",
    "Stage",
    "Swing",
    "house_style",
    "plot_arms",
    "plot_delivery",
    "plot_effect_against_price",
    "plot_funnel",
    "plot_glucose",
    "plot_glucose_fan",
    "plot_matrix",
    "plot_place",
    "plot_shares",
    "plot_timeline",
    "plot_tornado",
]
