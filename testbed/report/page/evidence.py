"""What a report is made of: a study as it was stored, its scenario, and runs lived again."""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from testbed.mitigations import Adopted, adopted_by, arms_of
from testbed.scenario.judging import SeveritySettings
from testbed.scenario.model import Scenario
from testbed.study.funnel import StageCount, funnel
from testbed.study.kept_sweep import KeptSweep
from testbed.study.manifest import Manifest
from testbed.study.opened import read_stored
from testbed.study.results import Study
from testbed.study.run import Run
from testbed.study.study import open_study
from testbed.units import MIN_PER_DAY

_MOST_RUNS: Final = 60
"""Runs behind a picture of percentiles, of a day; a longer scenario has fewer."""
_FEWEST_RUNS: Final = 10
_DIGITS: Final = 1e-6
"""Within which two machines may differ in a number."""


class Evidence:
    """Everything that the sections of a report read.

    Args:
        study: The study.
        manifest: What it was begun with.
        key: Its key.
        swept: The sensitivity sweep that lies beside it, if one does.
    """

    def __init__(
        self, study: Study, manifest: Manifest, key: str, swept: KeptSweep | None = None
    ) -> None:
        self.study = study
        self.manifest = manifest
        self.key = key
        self.swept = swept

    @classmethod
    def read(cls, folder: Path, key: str | None = None, arms: str | None = None) -> Evidence:
        """Return what a folder of results holds.

        Args:
            folder: The folder.
            key: The beginning of the study's key; the study that was begun last if left out.
            arms: Which arms the report shows, as :meth:`~testbed.study.results.Study.show` takes
                them; all, or of many the leading ones, if left out.

        Raises:
            StoreError: If there is no such study, or a file beside it that is not what its name
                says.
            UnknownArmError: If it has no such arm.
        """
        stored = read_stored(folder, key)
        study = open_study(folder, stored.key)
        if arms is not None:
            study = study.show(arms)
        return cls(study, stored.manifest, stored.key, KeptSweep.read(folder))

    @cached_property
    def scenario(self) -> Scenario | None:
        """The scenario; None where this version of the program does not know it any more."""
        try:
            written = Scenario.from_written(self.manifest.written, self.manifest.scenario)
            plan = {"study.seed": self.manifest.seed, "study.baseline": self.manifest.baseline}
            return written.patched(plan)
        except (ValidationError, KeyError):
            return None

    @cached_property
    def example(self) -> Run | None:
        """A run of the baseline lived again: the first in which the attacker's insulin came.

        None where it does not come to what is stored, and so is not the run of the study.
        """
        scenario, rows = self.scenario, self.study.of(self.study.baseline)
        if scenario is None or not rows or self.study.baseline not in arms_of(scenario.study):
            return None
        run = Run(scenario, self.study.baseline, example_replicate(self.study))
        stored = next(row for row in rows if row.replicate == run.replicate)
        lived = run.outcome
        same = all(_same(value, lived.get(name)) for name, value in stored.attacked.items())
        return run if same else None

    @cached_property
    def many(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Glucose of the baseline's first runs and of their twins, each (runs, minutes + 1)."""
        example, scenario = self.example, self.scenario
        if example is None or scenario is None:
            return None
        most = max(_FEWEST_RUNS, _MOST_RUNS * MIN_PER_DAY // scenario.minutes)
        count = min(_MOST_RUNS, most, len(self.study.of(self.study.baseline)))
        runs = [Run(scenario, self.study.baseline, replicate) for replicate in range(count)]
        attacked = np.stack([run.glucose for run in runs])
        return attacked, np.stack([run.twin.glucose for run in runs])

    @cached_property
    def funnel(self) -> tuple[StageCount, ...]:
        """How many attacks came to which stage, arm by arm."""
        return funnel(self.study)

    @cached_property
    def severity(self) -> SeveritySettings:
        """By which thresholds runs are judged: the scenario's, or else the usual ones."""
        return SeveritySettings() if self.scenario is None else self.scenario.severity

    @cached_property
    def steps(self) -> dict[str, dict[str, float]]:
        """The thresholds of :attr:`severity`, by metric and word."""
        steps = self.severity.steps.items()
        return {
            metric: {str(word): least for word, least in words.items()} for metric, words in steps
        }

    @cached_property
    def adopted(self) -> dict[str, tuple[Adopted, ...]]:
        """The mitigations of each arm that tables show; none where the scenario is not known."""
        if self.scenario is None:
            return dict.fromkeys(self.study.shown, ())
        known = arms_of(self.scenario.study)
        return {
            arm: adopted_by(self.scenario, arm) if arm in known else () for arm in self.study.shown
        }

    @property
    def is_calm(self) -> bool:
        """Whether nobody attacks in the scenario, so that every run is as its twin."""
        return self.scenario is not None and self.scenario.attacker is None

    @property
    def runs(self) -> int:
        """How many replicates an arm has."""
        return min(len(self.study.of(arm)) for arm in self.study.shown)


def example_replicate(study: Study) -> int:
    """Return the first replicate of the baseline with insulin for the attacker, or the first."""
    rows = study.of(study.baseline)
    hit = (row.replicate for row in rows if (row.attacked.get("unauthorised_U") or 0) > 0)
    return next(hit, rows[0].replicate if rows else 0)


def _same(stored: float | None, lived: float | None) -> bool:
    if stored is None or lived is None:
        return stored is lived
    return math.isclose(stored, lived, rel_tol=_DIGITS, abs_tol=_DIGITS)
