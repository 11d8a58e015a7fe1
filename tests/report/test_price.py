"""The picture of effect against price, of arms that a study has many of."""

from __future__ import annotations

import warnings

from matplotlib.figure import Figure
from testbed.report.plots import Bargain, Interval, plot_effect_against_price


def test_names_of_many_arms_at_one_point_leave_the_axes_room() -> None:
    """Forty arms at two points are named in part and counted, within a figure of ordinary size."""
    arms = {
        f"patient.behaviour.accept_unexpected_prompt {number}": Bargain(
            Interval(-8.0 * (number % 2), None, None), Interval(0.0, None, None)
        )
        for number in range(40)
    }
    figure = Figure(figsize=(5.2, 3.8), layout="constrained")
    ax = plot_effect_against_price(arms, figure.add_subplot(), effect="Effect (U)", price="Price")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.draw_without_rendering()
    assert ax.get_position().height > 0.6
    assert [text.get_text().splitlines()[-1] for text in ax.texts] == ["and 18 more"] * 2
