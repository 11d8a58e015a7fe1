"""How severe a run is, in five words: the most severe that any of its metrics says.

ISO 14971:2019 leaves the levels to the manufacturer.  Here they are data: thresholds of metrics,
which a scenario chooses or brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SEVERITIES: Final = ("negligible", "minor", "serious", "critical", "catastrophic")
"""The words, from the least severe on."""

Steps = Mapping[str, Mapping[str, float]]
"""By metric, from which value on which word is said; a word may be left out."""


def severity_of(measured: Mapping[str, float | None], steps: Steps) -> int | None:
    """Return how severe a run is, as the position of its word in :data:`SEVERITIES`.

    Args:
        measured: The run's metrics.
        steps: The thresholds.

    Returns:
        The position, or None where a metric of the scale is missing or not defined: what is not
        known is not negligible.

    Raises:
        ValueError: If a word is none of the five.
    """
    worst = 0
    for metric, words in steps.items():
        value = measured.get(metric)
        if value is None:
            return None
        for word, threshold in words.items():
            if word not in SEVERITIES:
                raise ValueError(f'expected one of {", ".join(SEVERITIES)}, found "{word}"')
            if value >= threshold:
                worst = max(worst, SEVERITIES.index(word))
    return worst
