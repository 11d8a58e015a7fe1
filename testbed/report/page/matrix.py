"""The report of a matrix: every attack path against every mitigation, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.report.matrix import footer_lines, limits, mean, price_lines
from testbed.report.matrix_map import KEY, draw_matrix, size_of
from testbed.report.matrix_sweep import conclusion_words
from testbed.report.matrix_words import VERDICTS, sorted_out
from testbed.report.page.document import Document
from testbed.report.page.pictures import Picture, picture_of
from testbed.report.page.register import LIMITS
from testbed.report.page.sections import Section
from testbed.report.page.sheet import Cell, Sheet, number_cell, sheet
from testbed.study.database import StoreError
from testbed.study.matrix import ALL_ADVICE, Matrix, PathOfAttack, worsening
from testbed.study.matrix_conclusions import Conclusion, stands
from testbed.version import VERSION

FILE: Final = "matrix.json"
"""What a matrix is kept in, in its folder of results."""
_NAMED: Final = 3
"""How many mitigations are named that do equally well; the picture and its table have all."""
_REM_PER_INCH: Final = 5.4
"""Letters of the picture are then about as large as those of the tables."""


@dataclass(frozen=True, slots=True)
class KeptMatrix:
    """A matrix as it was saved.

    Attributes:
        matrix: The matrix.
        swept: What a sweep of it concluded, if there was one.
    """

    matrix: Matrix
    swept: tuple[Conclusion, ...]

    @classmethod
    def read(cls, folder: Path) -> KeptMatrix | None:
        """Return the matrix of a folder of results; None where there is none.

        Raises:
            StoreError: If its file cannot be read or is of no matrix.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            told = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
            swept = msgspec.convert(told.get("sweep", ()), tuple[Conclusion, ...])
            return cls(msgspec.convert(told, Matrix), swept)
        except (OSError, msgspec.DecodeError) as error:
            raise StoreError(f"{path}: expected what a matrix found: {error}") from None


def matrix_document(kept: KeptMatrix, *, drawn: bool = True) -> Document:
    """Return the report of a matrix; the same matrix gives the same report.

    Args:
        kept: The matrix.
        drawn: Whether with its picture.
    """
    matrix = kept.matrix
    seeds = sorted(set(matrix.seeds.values()))
    said = f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}"
    return Document(
        title=f"{_counted(len(matrix.paths), 'path')} of attack against "
        f"{_counted(sum(name != ALL_ADVICE for name in matrix.mitigations), 'mitigation')}",
        about="Each mitigation by itself, and all lines of the advice to wearers together: what "
        "it changes of the harm of each path against the system as shipped, and what it costs "
        "when nobody attacks.",
        findings=list(_findings(matrix)),
        sources=(),
        stands_on="the assumptions of each scenario (testbed list assumptions)",
        parts=_parts(kept, drawn),
        foot=f"{matrix.replicates} replicates an arm, {said}; testbed {VERSION}. No date stands "
        "here: the same matrix gives the same page.",
    )


def _parts(kept: KeptMatrix, drawn: bool) -> list[tuple[str, list[Section]]]:
    matrix = kept.matrix
    swept = [Section("sweep", "Where nobody knows the number", sheets=[_sweep_sheet(kept.swept)])]
    return [
        ("What can go wrong?", [Section("paths", "The paths", sheets=[_paths_sheet(matrix)])]),
        (
            "What are we going to do about it?",
            [
                Section(
                    "matrix",
                    "Every mitigation against every path",
                    pictures=[_picture(matrix)] if drawn else [],
                    sheets=[_mitigations_sheet(matrix)],
                ),
                Section("price", "What each costs when nobody attacks", sheets=[_prices(matrix)]),
                Section("effects", "Every effect", sheets=[_effects_sheet(matrix)], folded=True),
            ],
        ),
        (
            "Did we do a good job?",
            [
                *(swept if kept.swept else []),
                Section("reading", "How to read it", footer_lines(matrix)),
                Section("limits", "Limits", list(LIMITS)),
            ],
        ),
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _findings(matrix: Matrix) -> Iterator[str]:
    """Yield what a reader should not miss, of this matrix with its replicates."""
    sure: dict[str, list[str]] = {path.name: [] for path in matrix.paths}
    worse: dict[str, list[str]] = {name: [] for name in matrix.mitigations}
    for path in matrix.paths:
        for cell in matrix.of(path.name):
            if cell.is_sure and cell.removes_harm and not cell.is_group:
                sure[path.name].append(cell.mitigation)
            elif cell.is_sure and not cell.removes_harm:
                worse[cell.mitigation].append(path.name)
    harmed = [path for path in matrix.paths if path.levels[path.metrics[0]].mean]
    yield f"{len(harmed)} of {len(matrix.paths)} paths do harm to the system as shipped."
    helps = {
        name: sum(name in sure[path.name] for path in harmed)
        for name in matrix.mitigations
        if name != ALL_ADVICE
    }
    most = max(helps.values(), default=0)
    if most:
        best = ", ".join(name for name, count in helps.items() if count == most)
        yield f"Shown to remove harm of the most paths, {most} of {len(harmed)}: {best}."
    alone = [path.name for path in harmed if not sure[path.name]]
    if alone:
        yield (
            f"No single mitigation is shown to remove any harm of {len(alone)}: {', '.join(alone)}."
        )
    for name, paths in worse.items():
        if paths:
            yield f"{name} is shown to make worse: {', '.join(paths)}."
    nothing = [
        name
        for name in matrix.mitigations
        if all(cell.why_zero for cell in matrix.cells if cell.mitigation == name)
    ]
    if nothing:
        yield f"Exactly 0 against every path: {', '.join(nothing)}."


def _picture(matrix: Matrix) -> Picture:
    size = size_of(matrix)
    said = f"{KEY} The tables below have the same in words and numbers."
    return picture_of(
        "matrix",
        size,
        lambda ax: draw_matrix(matrix, ax),
        f"How much of the harm of each path is changed by each mitigation. {said}",
        rem=round(_REM_PER_INCH * size[0]),
    )


def _paths_sheet(matrix: Matrix) -> Sheet:
    rows: list[Sequence[Cell | str]] = []
    for path in matrix.paths:
        metric = METRICS[path.metrics[0]]
        level = number_cell(path.levels[metric.name], metric.decimals)
        harm = f"{metric.name} ({metric.unit})"
        steps, best = ", ".join(path.steps), _best(matrix, path)
        rows.append((path.name, path.title, steps, harm, level, best))
    return sheet(
        "paths",
        "The harm of each path as shipped, mean (95 % limits), and what is shown to leave least",
        ("path", "story", "steps", "harm", "as shipped", "leaves least of it"),
        rows,
        ("Levels are of attacked runs, and conditional on an attack attempt; not an incidence.",),
    )


def _best(matrix: Matrix, path: PathOfAttack) -> str:
    """Return the mitigations by themselves that leave the least of a path, where one is sure."""
    if not path.levels[path.metrics[0]].mean:
        return "no harm as shipped"
    alone = [
        cell
        for cell in matrix.ranking(path.name)
        if not cell.is_group and cell.is_sure and cell.removes_harm
    ]
    if not alone:
        return "none is shown to"
    first = alone[0]
    names = [cell.mitigation for cell in alone if cell.is_as_good_as(first)]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more} ({mean(first.effect, first.metric)})"


def _mitigations_sheet(matrix: Matrix) -> Sheet:
    rows: list[Sequence[Cell | str]] = []
    for name in matrix.mitigations:
        known = MITIGATIONS.get(name)
        bearer = "all together" if name == ALL_ADVICE else "" if known is None else known.bearer
        advice = (
            "Every line of advice to wearers."
            if name == ALL_ADVICE
            else ("" if known is None else known.advice)
        )
        counts = (Cell(str(len(each)), len(each)) for each in sorted_out(matrix, name).values())
        rows.append((name, bearer, advice, *counts))
    return sheet(
        "mitigations",
        "To how many paths each mitigation does what",
        ("mitigation", "who carries it out", "what it asks", *VERDICTS),
        rows,
        (
            "Leaves nothing of: 0 in every run with it. Leaves nothing or part, makes worse: the "
            "95 % limits of that effect leave out 0, or it is the same in every run; which of them "
            "hold after correction over the whole matrix is among the effects. Changes exactly "
            "nothing of: the same number in every run.",
        ),
    )


def _prices(matrix: Matrix) -> Sheet:
    return sheet(
        "prices",
        "Change when nobody attacks: mean (95 % limits)",
        ("mitigation", "change"),
        price_lines(matrix),
        (
            "Over the days of all paths together, without their attackers. *: p below 0.05 after "
            "correction, or the same in every run. What is too little to print is in matrix.csv.",
        ),
    )


def _effects_sheet(matrix: Matrix) -> Sheet:
    rows: list[Sequence[Cell | str]] = []
    for cell in matrix.cells:
        metric = METRICS[cell.metric]
        amount = Cell(
            f"{mean(cell.effect, cell.metric)} ({limits(cell.effect, cell.metric)})",
            cell.effect.mean,
            cell.is_sure,
        )
        p = cell.effect.p_adjusted
        told = Cell("" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}", p)
        does = cell.why_zero or (
            "less harm" if worsening(cell.metric, cell.effect) < 0 else "more harm"
        ) + ("" if cell.is_sure else ", may be chance")
        unit = f"{cell.metric} ({metric.unit})"
        rows.append((cell.path, cell.mitigation, unit, amount, told, does))
    return sheet(
        "effects",
        "Effects: attacked runs with the mitigation less those as shipped, mean (95 % limits)",
        ("path", "mitigation", "harm", "effect", "p, corrected", "what it does"),
        rows,
        ("Bold: p below 0.05 after correction, or the same in every run.",),
    )


def _sweep_sheet(swept: Sequence[Conclusion]) -> Sheet:
    groups: dict[tuple[str, str], list[Conclusion]] = {}
    for each in swept:
        groups.setdefault((each.path, each.setting), []).append(each)
    rows: list[Sequence[Cell | str]] = [
        (
            *(path, setting),
            "; ".join(f"{each.value:g}: {conclusion_words(each)}" for each in found),
            "the same best at every value" if stands(found) else "the best depends on it",
        )
        for (path, setting), found in groups.items()
    ]
    return sheet(
        "sweep",
        "What leaves least harm at each value of numbers that nobody has published",
        ("path", "setting", "best at each value", "verdict"),
        rows,
        (f"{ALL_ADVICE} is left out: it is all lines of the advice at once.",),
    )
