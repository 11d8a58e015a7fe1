"""Metrics of plasma glucose: how low, how long low or high, and the risk indices.

Each minute's sample holds for the minute that follows it, so that the minutes below and above
thresholds are minutes of the run; the sample at the very end holds for none.
"""

from __future__ import annotations

from typing import Literal

from testbed.outcomes.facts import Facts
from testbed.outcomes.indices import minutes_above, minutes_below
from testbed.outcomes.metric import BATTELINO_2019, KOVATCHEV, Metric


def _minutes(side: Literal["below", "above"], threshold_mgdl: int, level: str) -> Metric:
    count = minutes_below if side == "below" else minutes_above

    def of(run: Facts, _twin: Facts) -> float:
        return float(count(run.held_mgdl, threshold_mgdl))

    return Metric(
        name=f"{side}_{threshold_mgdl}_min",
        label=f"time {side} {threshold_mgdl} mg/dL",
        unit="min",
        definition=f"Minutes with plasma glucose {side} {threshold_mgdl} mg/dL ({level}).",
        source=BATTELINO_2019,
        worse="higher",
        decimals=1,
        of=of,
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
BELOW_70_MIN = _minutes("below", 70, "hypoglycaemia, levels 1 and 2")
BELOW_54_MIN = _minutes("below", 54, "level 2 hypoglycaemia")
ABOVE_180_MIN = _minutes("above", 180, "hyperglycaemia, levels 1 and 2")
ABOVE_250_MIN = _minutes("above", 250, "level 2 hyperglycaemia")
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
    of=lambda run, _twin: run.risk_indices[1],
)
