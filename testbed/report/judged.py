"""How far attacks come, and how severe runs are: counts of runs, an arm a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from testbed.outcomes.severity import SEVERITIES
from testbed.scenario.judging import SCALES, SeveritySettings
from testbed.study.funnel import StageCount, funnel
from testbed.study.results import Study
from testbed.study.severity import SeverityCount, severity_table

_HEADS: Final = {
    "in_range": "in\nrange",
    "heard": "heard",
    "key": "key",
    "accepted": "accep-\nted",
    "delivered": "deliv-\nered",
    "unnoticed": "unno-\nticed",
    "harmed": "harmed",
    "negligible": "negli-\ngible",
    "catastrophic": "catas-\ntrophic",
}
_NONE: Final = "-"

_Own = TypeVar("_Own")


def _table(first: str, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(first, overflow="fold")
    for head in heads:
        table.add_column(
            Text(_HEADS.get(head, head), justify="right"), justify="right", no_wrap=True
        )
    for name, cells in rows:
        table.add_row(name, *cells)
    return table


def _shown(study: Study, by_arm: dict[str, _Own]) -> list[tuple[str, _Own]]:
    """Return the arms that tables show; one that came out as another has what that one has."""
    found = []
    for arm in study.shown:
        alike = study.alike[arm]
        first = study.baseline if alike == study.alike[study.baseline] else alike
        own = by_arm.get(arm, by_arm.get(first))
        if own is not None:
            found.append((arm, own))
    return found


def funnel_table(study: Study) -> list[RenderableType]:
    """Return how many attacked runs of each arm came to which stage; nothing if none is known."""
    counts = [each for each in funnel(study) if each.arm in study.shown]
    stages = list(dict.fromkeys(each.stage for each in counts))
    if not stages or not any(each.count for each in counts):
        return []
    by_arm: dict[str, dict[str, StageCount]] = {}
    for each in counts:
        by_arm.setdefault(each.arm, {})[each.stage] = each
    rows = [
        (arm, [str(own[stage].count) if stage in own else _NONE for stage in stages])
        for arm, own in _shown(study, by_arm)
    ]
    runs = max(each.runs for each in counts)
    return [
        Text(f"Funnel: how many of {runs} attacked runs came to which stage", style="bold"),
        Padding(_table("arm", stages, rows), (0, 0, 0, 1)),
        Text(
            "delivered: other insulin than without the attack. unnoticed and harmed (more minutes "
            "below 54 or above 250 mg/dL) are both of those. With 95 % limits: --metrics "
            "stage_in_range, stage_heard and so on.",
            style="dim",
        ),
        Text(""),
    ]


def severity_counts(study: Study) -> list[RenderableType]:
    """Return how many runs of each arm are how severe, attacked and, in brackets, not."""
    scale = study.severity
    by_arm: dict[str, dict[tuple[str, str], SeverityCount]] = {}
    shown = (each for each in severity_table(study, scale.steps) if each.arm in study.shown)
    for each in shown:
        by_arm.setdefault(each.arm, {})[each.word, each.side] = each
    known = [each for own in by_arm.values() for each in own.values() if each.runs]
    if not known:
        return []
    rows = [
        (arm, [f"{own[word, 'attacked'].count} ({own[word, 'twin'].count})" for word in SEVERITIES])
        for arm, own in _shown(study, by_arm)
    ]
    unknown = max(len(study.light(each.arm)) - each.runs for each in known)
    return [
        Text(
            f'Severity by the scale "{scale.name}": attacked runs (the same without the attack)',
            style="bold",
        ),
        Padding(_table("arm", SEVERITIES, rows), (0, 0, 0, 1)),
        Text(
            f"{_about(scale)}{_in_words(scale.steps)}. What has no threshold has no word. "
            "The words are ISO 14971's usual five; the scale is the scenario's [severity]."
            + (f" Up to {unknown} runs of an arm cannot be judged." if unknown else ""),
            style="dim",
        ),
        Text(""),
    ]


def _about(scale: SeveritySettings) -> str:
    """Return what a scale with a name looks at."""
    known = SCALES.get(scale.name)
    return "" if known is None else f"{known.about[0].upper()}{known.about[1:]}. "


def _in_words(steps: dict[str, dict[str, float]]) -> str:
    """Return the thresholds of a scale in a line."""
    return "; ".join(
        f"{metric}: from " + ", ".join(f"{value:g} {word}" for word, value in words.items())
        for metric, words in steps.items()
    )
