"""The numbers of a study as tables: attacked runs, effects, and prices when nobody attacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from testbed.outcomes import Metric
from testbed.report.page.evidence import Evidence
from testbed.report.page.sheet import Cell, Sheet, number_cell, sheet
from testbed.report.tables import CONDITIONAL, Kind, usual
from testbed.study import methods
from testbed.study.attribution import Attribution
from testbed.study.results import Study

KEY_METRICS: Final = (
    *("unauthorised_U", "miscued_U", "missed_U", "unsafe_dose"),
    *("below_54_min", "above_250_min", "lowest_mgdl"),
)
"""The metrics that pictures of arms show, where a study has them and they are not all 0."""

_TITLES: Final[dict[Kind, str]] = {
    "metrics": "Attacked runs: mean (95 % limits)",
    "effects": "Effects: attacked runs less those of {baseline}, mean (95 % limits)",
    "prices": "Side effects: runs nobody attacked less those of {baseline}, mean (95 % limits)",
}


_NAMES: Final[dict[Kind, str]] = {
    "metrics": "attacked",
    "effects": "effects",
    "prices": "prices",
}


def numbers_sheet(study: Study, kind: Kind, *, others: bool = False) -> Sheet:
    """Return one of the three tables of a study, a row a metric.

    Args:
        study: The study.
        kind: Attacked runs, effects, or prices.
        others: Whether of the metrics that are shown on request, and not of the usual ones.
    """
    names = usual(study, kind)
    if others:
        calm = kind == "prices"
        names = [
            name
            for name, metric in study.metrics.items()
            if name not in names and not (calm and metric.needs_attacker)
        ]
    arms = list(study.shown) if kind == "metrics" else compared(study)
    rows: list[Sequence[Cell | str]] = []
    for name in names:
        metric = study.metrics[name]
        found = (getattr(study.summary()[arm], kind)[name] for arm in arms)
        cells = [number_cell(e, metric.decimals, signed=kind != "metrics") for e in found]
        rows.append((name, metric.label, unit_of(metric), *cells))
    heads = [f"{arm} (baseline)" if arm == study.baseline else arm for arm in arms]
    more = "Further metrics. " if others else ""
    return sheet(
        f"{_NAMES[kind]}{'-further' if others else ''}",
        f"{more}{_TITLES[kind].format(baseline=study.baseline)}",
        ("metric", "what it is", "unit", *heads),
        rows,
        _foot(study, kind),
    )


def _foot(study: Study, kind: Kind) -> list[str]:
    lines = ["0 is exactly nothing, in every run or pair; what is not is never printed as 0."]
    if kind != "metrics" and study.compared:
        lines.append(
            f"Bold: p below 0.05 after {methods.HOLM}'s correction over {len(study.compared)} "
            f"arm{'' if len(study.compared) == 1 else 's'}, for each metric and table by itself."
        )
    if kind != "prices":
        lines.append(f"These numbers are {CONDITIONAL}.")
    return lines


def unit_of(metric: Metric) -> str:
    """Return a metric's unit for people."""
    return {"1": "index", "share": "share of runs"}.get(metric.unit, metric.unit)


def titled(metric: Metric) -> str:
    """Return a metric's name and unit for the axis of a picture."""
    unit = {"1": "", "share": " (share of runs)"}.get(metric.unit, f" ({metric.unit})")
    return f"{metric.label[0].upper()}{metric.label[1:]}{unit}"


def key_metrics(study: Study) -> list[str]:
    """Return the metrics that pictures show: the key ones, and first what the study asks about."""
    asked = [] if study.precision is None else [study.precision.metric]
    names = [name for name in dict.fromkeys((*asked, *KEY_METRICS)) if name in study.metrics]
    summary = study.summary()
    seen = [n for n in names if any(summary[arm].metrics[n].mean for arm in study.shown)]
    return seen or names[:1]


def main_metric(study: Study) -> str | None:
    """Return the metric that effects are told in: the first key one that any arm moves."""
    names = key_metrics(study)
    moved = (
        name
        for name in names
        if any(study.summary()[arm].effects[name].mean for arm in compared(study))
    )
    return next(moved, names[0] if names else None)


def price_metric(evidence: Evidence) -> str | None:
    """Return the metric that prices are told in.

    It is the first of those by which somebody is worse off and a precaution may cost, that moves by
    as much as is printed where there is one; time above 180 mg/dL where no precaution names any.
    """
    study = evidence.study
    named: list[str] = []
    for adopted in evidence.adopted.values():
        named += [metric for each in adopted for metric in each.mitigation.price]
    known = study.metrics
    likely = [
        name
        for name in dict.fromkeys((*named, "above_180_min"))
        if name in known and known[name].worse != "neither"
    ]
    summary = study.summary()
    moved = (
        name
        for name in likely
        if any(
            round(summary[arm].prices[name].mean or 0.0, known[name].decimals)
            for arm in compared(study)
        )
    )
    return next(moved, likely[0] if likely else None)


def compared(study: Study) -> list[str]:
    """Return the arms that tables show, without the baseline."""
    return [arm for arm in study.shown if arm != study.baseline]


def findings(study: Study) -> list[str]:
    """Return what the study found, an arm a sentence, in its main metric."""
    name = main_metric(study)
    if name is None:
        return []
    metric, summary = study.metrics[name], study.summary()
    base = summary[study.baseline].metrics[name]
    unit = {"1": "", "share": " of runs"}.get(metric.unit, f" {metric.unit}")
    said = [
        f"{study.baseline} (baseline): {metric.label} "
        f"{base.mean_text(metric.decimals)}{unit if base.mean else ''} "
        f"({base.limits_text(metric.decimals)}), mean of {base.n} attacked runs."
    ]
    for arm in compared(study):
        effect, level = summary[arm].effects[name], summary[arm].metrics[name]
        if effect.mean is None:
            said.append(f"{arm}: not defined in any pair of runs.")
        elif effect.mean == 0 and effect.is_exact:
            said.append(f"{arm}: no effect on it, exactly 0 in every pair of runs.")
        elif not round(effect.mean, metric.decimals):
            said.append(f"{arm}: changes it by too little to print.")
        else:
            left = "leaves nothing of it" if level.mean == 0 and level.is_exact else "changes it"
            p = "" if effect.p_adjusted is None else f", p {_p(effect.p_adjusted)} after correction"
            said.append(
                f"{arm}: {left}, by {effect.mean_text(metric.decimals, signed=True)}{unit} "
                f"({effect.limits_text(metric.decimals)}){p}."
            )
    return said


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def divided(study: Study) -> list[Attribution]:
    """Return how key effects, and prices, are divided among mitigations, where any has a share."""
    names = {*key_metrics(study), *(n for n in study.metrics if not study.metrics[n].on_request)}
    return [
        each
        for each in study.attributions
        if each.metric in names and any(share.mean for share in each.shares.values())
    ]


def attribution_sheet(study: Study) -> Sheet:
    """Return the Shapley shares of a full factorial, a row a metric, a column a mitigation."""
    found = divided(study)
    players = list(found[0].shares) if found else []
    rows: list[Sequence[Cell | str]] = []
    for each in found:
        decimals = study.metrics[each.metric].decimals
        shares = (number_cell(each.shares[name], decimals, signed=True) for name in players)
        total = number_cell(each.total, decimals, signed=True)
        rows.append((each.metric, each.of, unit_of(study.metrics[each.metric]), *shares, total))
    return sheet(
        "attribution",
        "To which precaution how much is owed",
        ("metric", "of", "unit", *players, "all together"),
        rows,
        (f"{methods.SHAPLEY}: shares add up to what all do together.",),
    )
