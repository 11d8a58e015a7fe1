"""The pictures of a report: each an SVG with its caption, which has the numbers in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.report import plots
from testbed.report.page.chart import chart_svg, key_lines
from testbed.report.page.evidence import Evidence
from testbed.report.page.hearing import distance_heard_m, share_heard
from testbed.report.page.numbers import (
    compared,
    divided,
    key_metrics,
    main_metric,
    price_metric,
    titled,
)
from testbed.report.page.threats import stages
from testbed.report.plots.clock import start_hours
from testbed.report.svg import svg_of
from testbed.study.estimate import Effect
from testbed.units import US_PER_MIN, format_clock

_FEWEST: Final = 5
"""Runs below which percentiles say nothing."""


class Picture(NamedTuple):
    """A picture of the page.

    Attributes:
        name: Its name, in letters, digits and dashes.
        svg: The picture, markup that this program made.
        caption: What it shows, with its numbers.
        wide: Whether it needs the whole width.
        rem: How wide it is whatever the page is, in heights of a letter; as the page has room if 0.
    """

    name: str
    svg: str
    caption: str
    wide: bool = False
    rem: int = 0


def picture_of(
    name: str,
    size: tuple[float, float],
    draw: Callable[[Axes], Axes],
    caption: str,
    *,
    wide: bool = False,
    rem: int = 0,
) -> Picture:
    """Return a picture of one plot.

    Args:
        name: Its name.
        size: How large it is drawn, inches.
        draw: What draws it.
        caption: What it shows, with its numbers.
        wide: Whether it needs the whole width.
        rem: How wide it is whatever the page is, in heights of a letter; 0 for what there is.
    """
    with plots.house_style():
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.subplots())
    return Picture(name, svg_of(figure, name, caption), caption, wide, rem)


def place_picture(evidence: Evidence) -> Picture | None:
    """Return where the attacker is, and from how far the pump is still heard."""
    scenario = evidence.scenario
    attacker = None if scenario is None else scenario.attacker
    if scenario is None or attacker is None or "antenna" not in attacker.capabilities:
        return None
    place, gain = scenario.places[attacker.place], attacker.gain_dB
    rings = {
        words: distance_heard_m(scenario.radio, place, share, worn=1, gain_dB=gain)
        for words, share in (("9 in 10 frames", 0.9), ("1 in 2", 0.5))
    }
    spots = [
        plots.Spot("wearer with pump, CGM transmitter and meter", 0.0, 0.0),
        plots.Spot("attacker", attacker.distance_m, 0.0, hostile=True),
    ]
    heard = share_heard(scenario.radio, place, attacker.distance_m, worn=1, gain_dB=gain)
    far = "; ".join(f"{words} arrive over {metres:.3g} m" for words, metres in rings.items())
    return picture_of(
        "place",
        (4.4, 4.7),
        lambda ax: plots.plot_place(spots, rings, ax, title=attacker.place),
        f"Who hears whom in the {attacker.place}: {100 * heard:.1f} % of frames arrive between the "
        f"pump and the attacker, {attacker.distance_m:g} m away; {far}.",
    )


def funnel_pictures(evidence: Evidence) -> Iterator[Picture]:
    """Yield the funnel of every arm."""
    for number, arm in enumerate(evidence.study.shown, start=1):
        found = stages(evidence, arm)
        said = ", ".join(f"{stage.label} {100 * stage.share.mean:.1f} %" for stage in found)
        yield picture_of(
            f"funnel-{number}",
            (4.8, 0.9 + 0.3 * len(found)),
            lambda ax, found=found, arm=arm: plots.plot_funnel(found, ax, title=arm),  # type: ignore[misc]
            f"How far attacks come in {arm}: {said}.",
        )


def arms_pictures(evidence: Evidence) -> Iterator[Picture]:
    """Yield the arms in each key metric."""
    study = evidence.study
    summary = study.summary()
    for name in key_metrics(study):
        metric = study.metrics[name]
        said = "; ".join(
            f"{arm} {summary[arm].metrics[name].mean_text(metric.decimals)} "
            f"({summary[arm].metrics[name].limits_text(metric.decimals)})"
            for arm in study.shown
        )
        yield picture_of(
            f"arms-{name.lower().replace('_', '-')}",
            (4.8, 0.9 + 0.38 * len(study.shown)),
            lambda ax, name=name: plots.plot_arms(study, name, ax),  # type: ignore[misc]
            f"{titled(metric)}, attacked runs, mean and 95 % limits: {said}.",
        )


def shares_pictures(evidence: Evidence) -> Iterator[Picture]:
    """Yield the Shapley shares of the effect on the main metric."""
    study = evidence.study
    name = main_metric(study)
    for each in divided(study):
        if each.metric != name or each.of != "effect":
            continue
        metric = study.metrics[name]
        label = f"Share of the effect: {titled(metric)}"
        shares = {
            player: plots.Interval(share.mean or 0.0, share.low, share.high)
            for player, share in each.shares.items()
        }
        said = ", ".join(
            f"{player} {share.mean_text(metric.decimals, signed=True)}"
            for player, share in each.shares.items()
        )
        yield picture_of(
            "shares",
            (5.2, 1.2 + 0.34 * len(shares)),
            lambda ax, shares=shares, label=label: plots.plot_shares(shares, ax, label=label),  # type: ignore[misc]
            f"Shares of the effect of all precautions together on {metric.label}: {said}; together "
            f"{each.total.mean_text(metric.decimals, signed=True)}.",
        )


def price_picture(evidence: Evidence) -> Picture | None:
    """Return effect against price of every arm, None where there is nothing to compare."""
    study = evidence.study
    effect, price = main_metric(study), price_metric(evidence)
    if effect is None or price is None or not compared(study):
        return None
    summary = study.summary()
    pairs = {
        arm: (summary[arm].effects[effect], summary[arm].prices[price]) for arm in compared(study)
    }
    arms = {
        arm: plots.Bargain(_interval(gain), _interval(cost))
        for arm, (gain, cost) in pairs.items()
        if gain.mean is not None and cost.mean is not None
    }
    if not arms:
        return None
    ours, theirs = study.metrics[effect], study.metrics[price]
    said = "; ".join(
        f"{arm} {pairs[arm][0].mean_text(ours.decimals, signed=True)} for "
        f"{pairs[arm][1].mean_text(theirs.decimals, signed=True)}"
        for arm in arms
    )
    return picture_of(
        "effect-price",
        (5.2, 3.8),
        lambda ax: plots.plot_effect_against_price(
            arms,
            ax,
            effect=f"Effect: {titled(ours)}",
            price=f"Price: {titled(theirs)}",
            least=10.0**-theirs.decimals / 2,
        ),
        f"Effect on {ours.label} against the price in {theirs.label} when nobody attacks: {said}.",
    )


def _interval(effect: Effect) -> plots.Interval:
    return plots.Interval(effect.mean or 0.0, effect.low, effect.high)


def run_pictures(evidence: Evidence) -> Iterator[Picture]:
    """Yield one run: its timeline, glucose with its twin's, delivery, and its key frames."""
    run = evidence.example
    if run is None:
        return
    trace, twin = run.trace, run.twin.trace
    who = f"replicate {run.replicate} of {run.arm} ({run.patient})"
    yield picture_of(
        "timeline",
        (6.0, 3.7),
        lambda ax: plots.plot_timeline(trace, ax),
        f"What happened in {who}, lane by lane; the table of key frames has the attack's part.",
        wide=True,
    )
    low, before = float(trace.plasma_mgdl.min()), float(twin.plasma_mgdl.min())
    yield picture_of(
        "glucose",
        (6.0, 3.0),
        lambda ax: plots.plot_glucose(trace, twin, ax),
        f"Glucose in {who} and in its twin, which nobody attacked: lowest {low:.0f} mg/dL, and "
        f"{before:.0f} mg/dL in the twin.",
        wide=True,
    )
    units = run.outcome.get("unauthorised_U") or 0.0
    yield picture_of(
        "delivery",
        (6.0, 3.0),
        lambda ax: plots.plot_delivery(trace, ax),
        f"Insulin delivered in {who}, {units:.3g} U of it for the attacker, with alerts and what "
        "was noticed above it.",
        wide=True,
    )
    lines, _ = key_lines(trace)
    if lines:
        words = f"Key frames and events of {who}, from the top down; the table below has the same."
        yield Picture("frames", chart_svg(lines, "frames", words), words, wide=True)


def fan_picture(evidence: Evidence) -> Picture | None:
    """Return percentiles of glucose of the baseline's first runs and of their twins."""
    many, example = evidence.many, evidence.example
    if many is None or example is None or len(many[0]) < _FEWEST:
        return None
    attacked, twin = many
    start = start_hours(example.trace)
    deepest = int(np.median(attacked, axis=0).argmin())
    clock = format_clock(round((start * 60 + deepest) * US_PER_MIN))[:5]
    medians = float(np.median(attacked[:, deepest])), float(np.median(twin[:, deepest]))
    return picture_of(
        "fan",
        (6.0, 3.8),
        lambda ax: plots.plot_glucose_fan(attacked, twin, start, ax),
        f"Glucose in the first {len(attacked)} attacked runs of {evidence.study.baseline} "
        f"and in their twins. Where the median is deepest, at {clock}, it is "
        f"{medians[0]:.0f} mg/dL, and {medians[1]:.0f} mg/dL in the twins.",
        wide=True,
    )
