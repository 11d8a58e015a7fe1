"""Metrics of insulin: how much was delivered, and who was behind it."""

from __future__ import annotations

from typing import Final

from testbed.outcomes.facts import Facts
from testbed.outcomes.metric import BATTELINO_2019, OWN_DEFINITION, Metric
from testbed.outcomes.origins import Origin
from testbed.units import to_nanounits, to_units

BUTTONS: Final = "pump"
"""What a ``BolusStarted`` event came ``via`` where it was asked for on the pump itself."""
UNSAFE_DROP_MGDL: Final = 66.0
"""From 120 mg/dL down to 54, where level 2 hypoglycaemia begins, mg/dL."""


def unsafe_threshold_nU(correction_factor_mgdl_per_U: float) -> int:
    """Return the dose that takes a person from 120 to 54 mg/dL, to the nearest nanounit.

    Args:
        correction_factor_mgdl_per_U: By how much 1 U lowers this person's glucose, mg/dL.

    Raises:
        ValueError: If the factor is not above zero.
    """
    if not correction_factor_mgdl_per_U > 0:
        raise ValueError(
            "correction_factor_mgdl_per_U: expected a number above 0, "
            f"found {correction_factor_mgdl_per_U}"
        )
    return to_nanounits(UNSAFE_DROP_MGDL / correction_factor_mgdl_per_U)


def _unauthorised(run: Facts, _twin: Facts) -> float:
    return to_units(run.by_origin[Origin.ATTACKER])


def _remote(run: Facts, _twin: Facts) -> float:
    over_the_air = run.by_origin[Origin.ATTACKER] + run.by_origin[Origin.REMOTE]
    for each in run.boluses:
        if each.origin is Origin.MISCUED and each.via != BUTTONS:
            over_the_air += each.delivered_nU
    return to_units(over_the_air)


def _extra(run: Facts, twin: Facts) -> float:
    return to_units(run.total_nU - twin.total_nU)


def _unsafe(run: Facts, _twin: Facts) -> float:
    threshold = unsafe_threshold_nU(run.person.correction_factor_mgdl_per_U)
    return float(run.by_origin[Origin.ATTACKER] >= threshold)


UNAUTHORISED_U = Metric(
    name="unauthorised_U",
    label="insulin delivered for the attacker",
    unit="U",
    definition=(
        "Units delivered from commands whose true origin is the attacker. What person or therapy "
        "gave by false readings is not among them; see miscued_U."
    ),
    source=OWN_DEFINITION,
    worse="higher",
    decimals=2,
    least=0.0,
    needs_attacker=True,
    of=_unauthorised,
)
REMOTE_ORIGIN_U = Metric(
    name="remote_origin_U",
    label="insulin delivered by command over the air",
    unit="U",
    definition=(
        "Units delivered from any command that came over the air, the attacker's and "
        "the person's own."
    ),
    source=OWN_DEFINITION,
    worse="neither",
    decimals=2,
    least=0.0,
    of=_remote,
)
EXTRA_U = Metric(
    name="extra_U",
    label="insulin beyond the twin's",
    unit="U",
    definition=(
        "All units delivered less all units delivered in the twin, which nobody attacked: "
        "with it come the doses that a deceived person gave, or left out."
    ),
    source=OWN_DEFINITION,
    worse="neither",
    decimals=2,
    needs_attacker=True,
    of=_extra,
)
UNSAFE_DOSE = Metric(
    name="unsafe_dose",
    label="runs with an unsafe dose",
    unit="share",
    definition=(
        "1 if the units delivered for the attacker reach 66 mg/dL over the person's "
        "correction factor, the dose that takes this person from 120 to 54 mg/dL, "
        "level 2 hypoglycaemia; otherwise 0."
    ),
    source=f"{OWN_DEFINITION}; level 2 hypoglycaemia by {BATTELINO_2019}",
    worse="higher",
    decimals=3,
    needs_attacker=True,
    of=_unsafe,
)
