"""Metrics of glycaemic control, as clinicians report them: ranges, indices and events.

They are of plasma glucose at every minute of the run.  The consensus defines them on days of CGM
readings every five minutes; over a window as short as a run they describe that window.
"""

from __future__ import annotations

from typing import Final

from testbed.outcomes.events import (
    EVENT_MIN,
    LEVEL_1_MGDL,
    LEVEL_2_MGDL,
    hypoglycaemic_events,
    longest_below,
)
from testbed.outcomes.facts import Facts
from testbed.outcomes.indices import (
    Ranges,
    coefficient_of_variation,
    glucose_management_indicator,
    glycaemia_risk_index,
)
from testbed.outcomes.metric import BATTELINO_2019, BATTELINO_2023, OWN_DEFINITION, Metric

PROXY_MGDL: Final = 40
PROXY_MIN: Final = EVENT_MIN
"""The stand-in for level 3: below this, for so many minutes on end."""

_DANNE: Final = "Danne et al., Diabetes Care 2017;40:1631"


def _share(name: str, part: str, label: str, range_: str, *, worse_is_less: bool = False) -> Metric:
    place = Ranges._fields.index(part)
    return Metric(
        name=name,
        label=label,
        unit="%",
        definition=f"Share of the run's minutes with plasma glucose {range_}.",
        source=BATTELINO_2019,
        worse="lower" if worse_is_less else "higher",
        decimals=1,
        least=0.0,
        most=100.0,
        on_request=part != "target",
        of=lambda run, _twin: run.ranges.percent(run.ranges[place]),
    )


TBR_2_PCT = _share("tbr_2_pct", "very_low", "time below 54 mg/dL", "below 54 mg/dL (TBR, level 2)")
TBR_1_PCT = _share(
    "tbr_1_pct", "low", "time from 54 to 69 mg/dL", "from 54 to below 70 mg/dL (TBR, level 1)"
)
TIR_PCT = _share(
    "tir_pct",
    "target",
    "time in range, 70 to 180 mg/dL",
    "from 70 to 180 mg/dL (TIR)",
    worse_is_less=True,
)
TAR_1_PCT = _share(
    "tar_1_pct", "high", "time from 181 to 250 mg/dL", "above 180 to 250 mg/dL (TAR, level 1)"
)
TAR_2_PCT = _share(
    "tar_2_pct", "very_high", "time above 250 mg/dL", "above 250 mg/dL (TAR, level 2)"
)


def _events(level: int, threshold_mgdl: float, note: str) -> Metric:
    return Metric(
        name=f"hypo_{level}_events",
        label=f"level {level} hypoglycaemic events",
        unit="events",
        definition=(
            f"Level {level} hypoglycaemic events of the run: at least {EVENT_MIN} consecutive "
            f"minutes below {threshold_mgdl:g} mg/dL, ended by as many at or above "
            f"{LEVEL_1_MGDL:g} mg/dL. {note}"
        ),
        source=f"{_DANNE}; {BATTELINO_2023}",
        worse="higher",
        decimals=2,
        least=0.0,
        on_request=level == 1,
        of=lambda run, _twin: float(hypoglycaemic_events(run.held_mgdl, threshold_mgdl)),
    )


HYPO_1_EVENTS = _events(1, LEVEL_1_MGDL, "Those that go on to level 2 are among them.")
HYPO_2_EVENTS = _events(2, LEVEL_2_MGDL, "Each is a level 1 event too.")


def _proxy(run: Facts, _twin: Facts) -> float:
    return float(longest_below(run.held_mgdl, PROXY_MGDL) >= PROXY_MIN)


HYPO_3_PROXY = Metric(
    name="hypo_3_proxy",
    label="PROXY for level 3 hypoglycaemia",
    unit="share",
    definition=(
        f"PROXY, not a clinical definition: 1 if plasma glucose is below {PROXY_MGDL} mg/dL for "
        f"at least {PROXY_MIN} consecutive minutes, otherwise 0. Level 3 is an event in which a "
        "person needs another's help, at whatever glucose; no published rule tells it from "
        "glucose alone, and the physiological model has no counter-regulation."
    ),
    source=f"{OWN_DEFINITION}; no published rule",
    worse="higher",
    decimals=3,
    on_request=True,
    of=_proxy,
)
LONGEST_BELOW_40_MIN = Metric(
    name="longest_below_40_min",
    label="longest time below 40 mg/dL",
    unit="min",
    definition=(
        f"The most consecutive minutes with plasma glucose below {PROXY_MGDL} mg/dL. The "
        "physiological model has no counter-regulation, so it is ordinal only."
    ),
    source=f"{OWN_DEFINITION}; 4 h of it are Tidepool's bound of the worst severity",
    worse="higher",
    decimals=1,
    least=0.0,
    on_request=True,
    of=lambda run, _twin: float(longest_below(run.held_mgdl, PROXY_MGDL)),
)
GRI = Metric(
    name="gri",
    label="glycaemia risk index",
    unit="1",
    definition=(
        "Glycaemia risk index of the run's minutes, from 0 to 100: 3.0 x % below 54 + 2.4 x % "
        "from 54 to below 70 + 1.6 x % above 250 + 0.8 x % above 180 to 250 mg/dL, at most 100."
    ),
    source="Klonoff et al., J Diabetes Sci Technol 2023;17:1226, doi:10.1177/19322968221085273",
    worse="higher",
    decimals=1,
    least=0.0,
    most=100.0,
    on_request=True,
    of=lambda run, _twin: glycaemia_risk_index(run.ranges),
)
MEAN_MGDL = Metric(
    name="mean_mgdl",
    label="mean glucose",
    unit="mg/dL",
    definition="Mean plasma glucose of the run's minutes.",
    source=BATTELINO_2019,
    worse="neither",
    decimals=1,
    on_request=True,
    of=lambda run, _twin: run.mean_mgdl,
)
CV_PCT = Metric(
    name="cv_pct",
    label="coefficient of variation of glucose",
    unit="%",
    definition=(
        "Standard deviation of the run's minutes over their mean; not defined where the mean is "
        "not above 0. The consensus target of 36 % is for days of CGM readings."
    ),
    source=BATTELINO_2019,
    worse="higher",
    decimals=1,
    least=0.0,
    on_request=True,
    of=lambda run, _twin: coefficient_of_variation(run.held_mgdl),
)
GMI_PCT = Metric(
    name="gmi_pct",
    label="glucose management indicator",
    unit="%",
    definition=(
        "Glucose management indicator, 3.31 + 0.02392 x mean glucose in mg/dL. It estimates HbA1c "
        "from 14 days or more of CGM readings; over one run it is mean glucose in other units."
    ),
    source="Bergenstal et al., Diabetes Care 2018;41:2275",
    worse="neither",
    decimals=2,
    on_request=True,
    of=lambda run, _twin: glucose_management_indicator(run.mean_mgdl),
)
