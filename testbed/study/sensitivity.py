"""How far a conclusion leans on assumptions: which of them move it, and where it turns over.

A conclusion is that one arm has less of a metric than another.  What is looked at is the mean
difference of the two over the replicates, at many points of the assumptions' ranges, all with the
same dice: a point differs from another by its assumptions alone, never by luck.  The dice are a
sample all the same, and the difference as the scenario has it comes with its interval.

All points are arms of one study, so whoever did its work, what a store has is not done again, and
neither is what cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from testbed.scenario.model import Scenario
from testbed.study.assumed import Assumed
from testbed.study.frames import MissingExtraError
from testbed.study.laboratory import Conclusion, Laboratory, RunStudy, SensitivityError
from testbed.study.swept import Flip, Influence, Method, Sensitivity, Walk

__all__ = ["Conclusion", "Sensitivity", "SensitivityError", "sweep"]

LEVELS: Final = 4
"""Levels of Morris' grid (Campolongo et al., Environ Model Softw 2007;22:1509)."""

_GRID: Final = 9
_HALVINGS: Final = 6


def sweep(
    scenario: Scenario,
    conclusion: Conclusion,
    rows: Sequence[Assumed],
    method: Method,
    size: int,
    run: RunStudy,
    walked: int = 5,
) -> Sensitivity:
    """Return how far a conclusion leans on assumptions.

    Args:
        scenario: The scenario, with replicates and seed as wanted.
        conclusion: The conclusion.
        rows: The assumptions to move.
        method: How points are chosen and assumptions ranked.
        size: Morris: how many trajectories, of one point more than assumptions each.  Sobol: how
            many base points, a power of 2, of two points more than assumptions each.
        run: Runs a study.
        walked: Along how many of the first assumptions to look for where the conclusion turns.

    Raises:
        MissingExtraError: If SALib is not installed.
        SensitivityError: If there is nothing to move, or a point that no scenario can have.
    """
    if not rows:
        raise SensitivityError("expected an assumption to move, found none")
    points = _sample(rows, method, size, scenario.study.seed)
    laboratory = Laboratory(scenario, conclusion, rows, run)
    here = {row.name: row.value for row in rows}
    settings = [dict(zip(here, point, strict=True)) for point in points.tolist()]
    (as_it_is, *found) = laboratory.differences([{}, *settings])
    values = [each.mean for each in found]
    known = [each for each in values if each is not None]
    if not known:
        raise SensitivityError(f"no replicate defines {conclusion.metric} in both arms")
    # Where nothing defines it, the middle of the others, which moves no effect on average.
    filled = np.array([float(np.mean(known)) if each is None else each for each in values])
    influences = _rank(rows, method, points, filled, scenario.study.seed)
    first = [each.name for each in influences[:walked] if each.effect > 0]
    by_name = {row.name: row for row in rows}
    return Sensitivity(
        conclusion=str(conclusion),
        method=method,
        replicates=scenario.study.replicates,
        points=len(values),
        undefined=len(values) - len(known),
        held=sum(each < 0 for each in known),
        equal=sum(each == 0 for each in known),
        as_it_is=as_it_is,
        influences=influences,
        walks=_walk([by_name[name] for name in first], laboratory),
    )


def _problem(rows: Sequence[Assumed]) -> dict[str, Any]:
    return {
        "num_vars": len(rows),
        "names": [row.name for row in rows],
        "bounds": [[row.low, row.high] for row in rows],
    }


def _salib() -> Any:
    try:
        import SALib.analyze.morris  # noqa: PLC0415 - an extra
        import SALib.analyze.sobol  # noqa: PLC0415
        import SALib.sample.morris  # noqa: PLC0415
        import SALib.sample.sobol  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("a sensitivity sweep", "SALib", "sensitivity") from None
    return SALib


def _sample(rows: Sequence[Assumed], method: Method, size: int, seed: int) -> NDArray[np.float64]:
    """Return the points, shape (points, assumptions)."""
    library, seed = _salib(), seed % 2**32
    if method == "morris":
        points = library.sample.morris.sample(_problem(rows), size, num_levels=LEVELS, seed=seed)
    else:
        if size & (size - 1):
            raise SensitivityError(f"expected a power of 2 for sobol's points, found {size}")
        points = library.sample.sobol.sample(
            _problem(rows), size, calc_second_order=False, seed=seed
        )
    return np.asarray(points, dtype=float)


def _rank(
    rows: Sequence[Assumed],
    method: Method,
    points: NDArray[np.float64],
    values: NDArray[np.float64],
    seed: int,
) -> tuple[Influence, ...]:
    library, seed = _salib(), seed % 2**32
    if method == "morris":
        found = library.analyze.morris.analyze(
            _problem(rows), points, values, num_levels=LEVELS, seed=seed
        )
        keys = ("mu_star", "mu_star_conf", "mu")
    elif np.ptp(values) == 0:  # no variance to share out
        found = {key: np.zeros(len(rows)) for key in ("ST", "ST_conf", "S1")}
        keys = ("ST", "ST_conf", "S1")
    else:
        found = library.analyze.sobol.analyze(
            _problem(rows), values, calc_second_order=False, seed=seed
        )
        keys = ("ST", "ST_conf", "S1")
    effect, plus_minus, direct = (np.asarray(found[key], dtype=float) for key in keys)
    every = [
        Influence(
            row.name,
            float(effect[place]),
            float(plus_minus[place]),
            float(direct[place]),
            float(found["sigma"][place]) if method == "morris" else None,
        )
        for place, row in enumerate(rows)
    ]
    return tuple(sorted(every, key=lambda each: -each.effect))


def _walk(rows: Sequence[Assumed], laboratory: Laboratory) -> tuple[Walk, ...]:
    """Return the difference along the range of each assumption, with where its sign turns."""
    grids = [_grid(row) for row in rows]
    places = [(row, value) for row, grid in zip(rows, grids, strict=True) for value in grid]
    if not places:
        return ()
    told = iter(laboratory.differences([{row.name: value} for row, value in places]))
    found = [[next(told).mean for _ in grid] for grid in grids]
    # Between two neighbours of which one holds and one fails, the turn is sought by halving.
    turns = [
        _Turn(row, *((low, high) if one < 0 else (high, low)))
        for row, grid, each in zip(rows, grids, found, strict=True)
        for low, high, one, other in zip(grid, grid[1:], each, each[1:], strict=False)
        if one is not None and other is not None and (one < 0) != (other < 0)
    ]
    for _ in range(_HALVINGS if turns else 0):
        asked = [{turn.row.name: turn.middle} for turn in turns]
        answers = laboratory.differences([{}, *asked])[1:]
        for turn, answer in zip(turns, answers, strict=True):
            turn.narrow(answer.mean is not None and answer.mean < 0)
    return tuple(
        Walk(
            row.name,
            row.unit,
            tuple(grid),
            tuple(each),
            tuple(Flip(turn.holds, turn.fails) for turn in turns if turn.row is row),
        )
        for row, grid, each in zip(rows, grids, found, strict=True)
    )


@dataclass(slots=True)
class _Turn:
    """Between which values of an assumption a conclusion turns, as far as it is known."""

    row: Assumed
    holds: float
    fails: float

    @property
    def middle(self) -> float:
        middle = (self.holds + self.fails) / 2
        return float(np.floor(middle)) if self.row.whole else middle

    def narrow(self, holds: bool) -> None:
        """Take in whether it holds in the middle."""
        if holds:
            self.holds = self.middle
        else:
            self.fails = self.middle


def _grid(row: Assumed) -> list[float]:
    values = np.linspace(row.low, row.high, _GRID)
    return list(dict.fromkeys(float(round(each) if row.whole else each) for each in values))
