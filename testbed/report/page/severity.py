"""How severe runs are, in the five words that ISO 14971:2019 leaves to the manufacturer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from testbed.study.row import Measured
from testbed.study.stored import LightMeasured

SEVERITIES: Final = ("negligible", "minor", "serious", "critical", "catastrophic")
"""The words, from the least severe on."""


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """From which value of which metric on a run is how severe.

    Attributes:
        name: The rule's name.
        source: Where the thresholds come from.
        steps: By metric, the threshold of each word that is said; the worst word counts.
    """

    name: str
    source: str
    steps: Mapping[str, Mapping[str, float]]

    def known(self, metrics: Mapping[str, object]) -> SeverityRule:
        """Return the rule with only what a study measured."""
        steps = {metric: words for metric, words in self.steps.items() if metric in metrics}
        return SeverityRule(self.name, self.source, steps)

    def of(self, measured: Measured | LightMeasured) -> int:
        """Return how severe a run is, as the position of its word in :data:`SEVERITIES`."""
        worst = 0
        for metric, words in self.steps.items():
            value = measured.get(metric)
            if value is None:
                continue
            for word, threshold in words.items():
                if value >= threshold:
                    worst = max(worst, SEVERITIES.index(word))
        return worst

    def in_words(self) -> list[str]:
        """Return the rule a metric a line."""
        lines = []
        for metric, words in self.steps.items():
            told = (f"{word} from {threshold:g}" for word, threshold in words.items())
            lines.append(f"{metric}: {', '.join(told)}")
        return lines


CONSENSUS: Final = SeverityRule(
    "consensus",
    "levels and the 15 min of an event: Battelino et al., Diabetes Care 2019;42:1593; prolonged "
    "from 2 h: Danne et al., Diabetes Care 2017;40:1631; hours that lack insulin: Tidepool, "
    "data-science-metrics; which word a level has is this testbed's choice",
    {
        "below_70_min": {"minor": 15.0},
        "below_54_min": {"serious": 15.0, "critical": 120.0},
        "above_250_min": {"minor": 15.0, "serious": 120.0},
        "hypo_3_proxy": {"critical": 1.0},
        "dka_index_h": {"minor": 8.0, "serious": 14.0, "critical": 21.0},
    },
)
"""By levels of the international consensus and how long they last."""
