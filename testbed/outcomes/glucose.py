"""Metrics of plasma glucose: how low, how long low or high, and the risk indices.

Each minute's sample holds for the minute that follows it, so that the minutes below and above
thresholds are minutes of the run; the sample at the very end holds for none.
"""

from __future__ import annotations

from collections.abc import Callable

from testbed.outcomes.indices import Ranges
from testbed.outcomes.metric import BATTELINO_2019, KOVATCHEV, Metric


def _minutes(name: str, level: str, of: Callable[[Ranges], int]) -> Metric:
    side, threshold_mgdl, _ = name.split("_")
    return Metric(
        name=name,
        label=f"time {side} {threshold_mgdl} mg/dL",
        unit="min",
        definition=f"Minutes with plasma glucose {side} {threshold_mgdl} mg/dL ({level}).",
        source=BATTELINO_2019,
        worse="higher",
        decimals=1,
        least=0.0,
        of=lambda run, _twin: float(of(run.ranges)),
    )


LOWEST_MGDL = Metric(
    name="lowest_mgdl",
    label="lowest glucose",
    unit="mg/dL",
    definition=(
        "The lowest plasma glucose of the run. The S2008 model has no counter-regulation, "
        "so values below 40 mg/dL are ordinal only: lower is worse, by how much is not known."
    ),
    source="the physiological model; Kovatchev et al., J Diabetes Sci Technol 2009;3:44",
    worse="lower",
    decimals=1,
    of=lambda run, _twin: float(run.trace.plasma_mgdl.min()),
)
BELOW_70_MIN = _minutes(
    "below_70_min", "hypoglycaemia, levels 1 and 2", lambda found: found.very_low + found.low
)
BELOW_54_MIN = _minutes("below_54_min", "level 2 hypoglycaemia", lambda found: found.very_low)
ABOVE_180_MIN = _minutes(
    "above_180_min", "hyperglycaemia, levels 1 and 2", lambda found: found.high + found.very_high
)
ABOVE_250_MIN = _minutes("above_250_min", "level 2 hyperglycaemia", lambda found: found.very_high)
LBGI = Metric(
    name="lbgi",
    label="window LBGI",
    unit="1",
    definition=(
        "Window LBGI: the low blood glucose index of this run's minutes. "
        "It is not the month-long index that published risk bands were fitted to."
    ),
    source=KOVATCHEV,
    worse="higher",
    decimals=2,
    least=0.0,
    of=lambda run, _twin: run.risk_indices[0],
)
HBGI = Metric(
    name="hbgi",
    label="window HBGI",
    unit="1",
    definition=(
        "Window HBGI: the high blood glucose index of this run's minutes. "
        "It is not the month-long index that published risk bands were fitted to."
    ),
    source=KOVATCHEV,
    worse="higher",
    decimals=2,
    least=0.0,
    of=lambda run, _twin: run.risk_indices[1],
)
