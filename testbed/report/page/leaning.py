"""What a study's conclusion leans on, where a sensitivity sweep lies beside the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from testbed.report.page.evidence import Evidence
from testbed.report.page.pictures import Picture, picture_of
from testbed.report.page.sheet import Cell, Sheet, sheet
from testbed.report.sensitivity import turns, verdict
from testbed.report.swings import CAPTION, draw_swings, label, size_of, swings
from testbed.study.kept_sweep import KeptSweep
from testbed.study.keys import RESULT_VERSION
from testbed.study.laboratory import Conclusion
from testbed.study.manifest import written_otherwise
from testbed.study.swept import SOURCES, Sensitivity

_NAMED: Final = 5
"""How many settings are named that a sweep has otherwise than the study."""


def leaning_lines(evidence: Evidence, swept: KeptSweep) -> list[str]:
    """Return what the sweep found in words, or why it is not shown."""
    other = _otherwise(evidence, swept)
    if other:
        more = f" and {len(other) - _NAMED} more" if len(other) > _NAMED else ""
        return [
            "The sweep beside this study is of another scenario and is not shown; what differs: "
            f"{', '.join(other[:_NAMED])}{more}."
        ]
    found = swept.found
    held, *rest = verdict(found)
    lines = [f"Asked: {held}.", *(f"{line[0].upper()}{line[1:]}." for line in rest)]
    lines += [f"Turn: {line}." for line in turns(found)]
    return [
        *lines,
        f"{found.replicates} replicates at each of {found.points} points, seed {swept.seed}, the "
        f"same dice at every point. Method: {SOURCES[found.method]}.",
    ]


def leaning_pictures(evidence: Evidence, swept: KeptSweep) -> list[Picture]:
    """Return the tornado, nothing where nothing moves the difference."""
    found = swept.found
    if _otherwise(evidence, swept) or not swings(found):
        return []
    said = "; ".join(
        f"{each.name} {each.at_low:.3g} at {each.low} and {each.at_high:.3g} at {each.high}"
        for each in swings(found)
    )
    return [
        picture_of(
            "tornado",
            size_of(found),
            lambda ax: draw_swings(found, ax),
            f"{label(found)}. {CAPTION} {said}.",
            wide=True,
        )
    ]


def leaning_sheets(evidence: Evidence, swept: KeptSweep) -> list[Sheet]:
    """Return the assumptions that move the difference, those that move it most first."""
    if _otherwise(evidence, swept):
        return []
    found = swept.found
    morris = found.method == "morris"
    moving = [each for each in found.influences if each.effect > 0]
    heads = ("moves it by", "+-", "with sign", "spread") if morris else ("total", "+-", "alone")
    rows: list[Sequence[Cell | str]] = []
    for each in moving:
        numbers = (each.effect, each.plus_minus, each.direct, each.spread)[: len(heads)]
        rows.append((each.name, *(Cell(f"{n or 0.0:.3g}", n or 0.0) for n in numbers)))
    still = len(found.influences) - len(moving)
    return [
        sheet(
            "leaning",
            f"What moves the difference: {found.conclusion}",
            ("assumption", *heads),
            rows,
            (
                f"{still} of {len(found.influences)} assumptions that were moved do not move it "
                "at all. +- is half the width of 95 % limits by resampling the points.",
                _meaning(found),
            ),
        )
    ]


def _meaning(found: Sensitivity) -> str:
    if found.method == "morris":
        return (
            "Moves it by: the mean absolute elementary effect, in the metric's unit over the whole "
            "range. Spread: its standard deviation, large where it depends on other assumptions."
        )
    return "Total and alone: shares of the variance, with and without other assumptions' part."


def _otherwise(evidence: Evidence, swept: KeptSweep) -> list[str]:
    """Return in what the swept scenario is another than the study's."""
    ours, theirs = evidence.manifest.written, swept.written
    keys = [key for key in written_otherwise(ours, theirs) if not key.startswith("study.")]
    asked = Conclusion.parse(swept.found.conclusion)
    keys += [
        f"study.arms.{arm}"
        for arm in (asked.less, asked.than)
        if _arm(ours, arm) != _arm(theirs, arm)
    ]
    if swept.result_version != RESULT_VERSION:
        keys.append(f"result version {swept.result_version}")
    return keys


def _arm(written: Mapping[str, Any], arm: str) -> Any:
    return written.get("study", {}).get("arms", {}).get(arm)
