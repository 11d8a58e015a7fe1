"""The metrics there are, and the one call that takes them all.

A new metric is a :class:`Metric` in a file of its own and its name in the list below, or an
entry point of the group ``testbed.metrics`` in another package.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from testbed.outcomes.burden import BURDEN
from testbed.outcomes.context import Context
from testbed.outcomes.control import (
    CV_PCT,
    GMI_PCT,
    GRI,
    HYPO_1_EVENTS,
    HYPO_2_EVENTS,
    HYPO_3_PROXY,
    LONGEST_BELOW_40_MIN,
    MEAN_MGDL,
    TAR_1_PCT,
    TAR_2_PCT,
    TBR_1_PCT,
    TBR_2_PCT,
    TIR_PCT,
)
from testbed.outcomes.doses import DOSES
from testbed.outcomes.facts import Facts
from testbed.outcomes.glucose import (
    ABOVE_180_MIN,
    ABOVE_250_MIN,
    BELOW_54_MIN,
    BELOW_70_MIN,
    HBGI,
    LBGI,
    LOWEST_MGDL,
)
from testbed.outcomes.harm import (
    AGAINST_TWIN,
    EXCESS_IOB_U,
    LACKING_IOB_U,
    MISCUED_U,
    MISSED_U,
)
from testbed.outcomes.insulin import EXTRA_U, REMOTE_ORIGIN_U, UNAUTHORISED_U, UNSAFE_DOSE
from testbed.outcomes.lack import DKA_INDEX_H
from testbed.outcomes.metric import Metric
from testbed.outcomes.noticing import DETECTION, TIME_TO_NOTICE_MIN
from testbed.outcomes.other_maker import NO_APP_H
from testbed.outcomes.stages import STAGES
from testbed.registry import registry
from testbed.trace import Trace

Measured = dict[str, float | None]
"""The metrics of one run by name; ``None`` where one is not defined."""

METRICS: Final[Mapping[str, Metric]] = registry(
    "testbed.metrics",
    (
        UNAUTHORISED_U,
        MISCUED_U,
        MISSED_U,
        REMOTE_ORIGIN_U,
        EXTRA_U,
        LOWEST_MGDL,
        BELOW_70_MIN,
        BELOW_54_MIN,
        ABOVE_180_MIN,
        ABOVE_250_MIN,
        TIR_PCT,
        HYPO_1_EVENTS,
        HYPO_2_EVENTS,
        HYPO_3_PROXY,
        LBGI,
        HBGI,
        TIME_TO_NOTICE_MIN,
        UNSAFE_DOSE,
        TBR_2_PCT,
        TBR_1_PCT,
        TAR_1_PCT,
        TAR_2_PCT,
        GRI,
        MEAN_MGDL,
        CV_PCT,
        GMI_PCT,
        DKA_INDEX_H,
        LONGEST_BELOW_40_MIN,
        EXCESS_IOB_U,
        LACKING_IOB_U,
        *AGAINST_TWIN,
        *DOSES,
        *STAGES,
        *DETECTION,
        *BURDEN,
        NO_APP_H,
    ),
)
"""Every metric by its name, in the order in which tables show them."""


def measure(trace: Trace, twin: Trace, context: Context | None = None) -> Measured:
    """Return every metric of a run, by name, in the order of :data:`METRICS`.

    Args:
        trace: The run.
        twin: The run with the same seed and the same mitigations that nobody attacked; for
            the metrics of a twin itself, the same trace again.
        context: What the scenario says and the trace does not; its defaults if left out.

    Raises:
        ConservationError: If the run's units by origin do not sum to what was delivered.
        ValueError: If the run lacks its ``RunStarted`` event, or a metric is not finite.
    """
    run = Facts(trace, context)
    return _measured(run, run if twin is trace else Facts(twin, context))


def measure_both(
    trace: Trace, twin: Trace, context: Context | None = None
) -> tuple[Measured, Measured]:
    """Return every metric of a run and of its twin, each read once.

    Args and errors are those of :func:`measure`.
    """
    before = Facts(twin, context)
    run = before if twin is trace else Facts(trace, context)
    return _measured(run, before), _measured(before, before)


def _measured(run: Facts, before: Facts) -> Measured:
    measured: Measured = {}
    for metric in METRICS.values():
        value = metric.of(run, before)
        if value is not None and not math.isfinite(value):
            raise ValueError(f"{metric.name}: expected a finite number, found {value}")
        measured[metric.name] = value
    return measured
