"""A conclusion about two arms, and the difference that it is about at any point of assumptions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from testbed.mitigations import arms_of
from testbed.scenario.model import Adoption, Scenario
from testbed.scenario.study_settings import ConclusionSettings
from testbed.study.assumed import Assumed
from testbed.study.estimate import Effect
from testbed.study.results import Study
from testbed.study.statistics import estimate_difference

RunStudy = Callable[[Scenario], Study]
"""Runs a study, wherever its runs are kept and whoever does the work."""

_WORDS: Final = re.compile(r"\s*(\S.*?)\s+<\s+(\S.*?)\s+on\s+(\S+)\s*")


class SensitivityError(ValueError):
    """A sweep cannot be made as asked."""


class Conclusion(NamedTuple):
    """That one arm has less of a metric than another."""

    less: str
    than: str
    metric: str

    def __str__(self) -> str:
        """Return the conclusion as a command line has it."""
        return f"{self.less} < {self.than} on {self.metric}"

    @classmethod
    def of(cls, settings: ConclusionSettings) -> Conclusion:
        """Return the conclusion that a scenario file asks about."""
        return cls(settings.less, settings.than, settings.metric)

    @classmethod
    def parse(cls, text: str) -> Conclusion:
        """Return the conclusion that a text such as ``a < b on metric`` is.

        Raises:
            SensitivityError: If it is none.
        """
        found = _WORDS.fullmatch(text)
        if found is None:
            raise SensitivityError(f'expected "ARM < ARM on METRIC", found "{text}"')
        return cls(*found.groups())


class Laboratory:
    """Asks for the difference at points, all points of a question in one study.

    Args:
        scenario: The scenario, with replicates and seed as wanted.
        conclusion: Which arms, and the metric.
        rows: The assumptions that points may be about.
        run: Runs a study.
    """

    def __init__(
        self, scenario: Scenario, conclusion: Conclusion, rows: Sequence[Assumed], run: RunStudy
    ) -> None:
        self._scenario = scenario
        self._conclusion = conclusion
        self._rows = {row.name: row for row in rows}
        self._run = run

    def differences(self, points: Sequence[Mapping[str, float]]) -> list[Effect]:
        """Return the difference at each point: values of assumptions that are not as they are."""
        arms = {
            f"{number} {side}": self._arm(arm, point)
            for number, point in enumerate(points)
            for side, arm in (("less", self._conclusion.less), ("than", self._conclusion.than))
        }
        study = {
            "arms": arms,
            "baseline": "0 than",
            "seed": self._scenario.study.seed,
            "replicates": self._scenario.study.replicates,
        }
        try:
            scenario = self._scenario.patched({"study": study, "expect": []})
            found = self._run(scenario)
        except SensitivityError:
            raise
        except ValueError as error:
            told = str(error).splitlines()
            raise SensitivityError(
                f"a point of the ranges is no scenario: {' '.join(told[1:3]) or told[0]}; choose "
                "others with --assumptions"
            ) from None
        return [self._difference(found, number) for number in range(len(points))]

    def _difference(self, study: Study, number: int) -> Effect:
        less, than = (study.light(f"{number} {side}") for side in ("less", "than"))
        metric = self._conclusion.metric
        return estimate_difference(
            [row.attacked.get(metric) for row in less],
            [row.attacked.get(metric) for row in than],
            [row.patient for row in less],
        )

    def _arm(self, arm: str, point: Mapping[str, float]) -> dict[str, Any]:
        own = arms_of(self._scenario.study)[arm]
        settings = dict(own.settings)
        for name, value in point.items():
            settings.update(self._rows[name].changes(value))
        return {"takes": [_written(each) for each in own.takes], "settings": settings}


def _written(each: str | Adoption) -> Any:
    if isinstance(each, Adoption):
        return {"name": each.name, "adherence": each.adherence}
    return each
