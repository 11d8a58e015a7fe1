"""The virtual people of Hovorka's model: a sampled cohort, and one of nominal parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Final

from testbed.physiology.hovorka import MGDL_PER_MMOL, NOMINAL, advance, pack, steady_state
from testbed.physiology.hovorka_cohort import (
    COHORT_SEED,
    CRITERIA,
    TARGET_MMOL,
    Candidate,
    draw,
    failed_criterion,
)
from testbed.physiology.model import Patient

COHORT_SIZE: Final = 100
"""How many people are accepted."""


def as_patient(candidate: Candidate, name: str, cohort: str) -> Patient:
    """Return a candidate as a virtual patient with settings that fit them."""
    return Patient(
        name=name,
        cohort=cohort,
        age_years=None,
        weight_kg=candidate.p["BW"],
        basal_U_per_min=candidate.basal_U_per_min,
        basal_glucose_mgdl=TARGET_MMOL * MGDL_PER_MMOL,
        carb_ratio_g_per_U=candidate.carb_ratio_g_per_U,
        correction_factor_mgdl_per_U=candidate.correction_factor_mgdl_per_U,
        total_daily_insulin_U=candidate.total_daily_insulin_U,
        packed=pack(candidate.p, steady_state(candidate.p, TARGET_MMOL)),
        advance=advance,
    )


class Hovorka:
    """The model as ``testbed.physiology.hovorka`` has it, with a sampled cohort."""

    name: str = "hovorka"
    about: str = "Hovorka's (Cambridge) model: meal, insulin and its three actions in 11 states"
    source: str = (
        "Hovorka et al., Physiol Meas 25:905 (2004); "
        "Wilinska et al., J Diabetes Sci Technol 4:132 (2010)"
    )
    cohorts: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {
            "sampled": tuple(f"hovorka#{number:03d}" for number in range(1, COHORT_SIZE + 1)),
            "nominal": ("hovorka#000",),
        }
    )

    def __init__(self) -> None:
        self._accepted: dict[str, Patient] = {}
        self._rejected: Counter[str] = Counter()

    @property
    def _drawn(self) -> int:
        return len(self._accepted) + self._rejected.total()

    def _draw_up_to(self, name: str) -> Patient:
        """Draw candidates, one after the other, until ``name`` is found, and no further.

        All of them take half a second, and a study on few people need not wait for the rest.
        """
        names = self.cohorts["sampled"]
        while name not in self._accepted:
            candidate = draw(self._drawn)
            failed = failed_criterion(candidate)
            if failed is None:
                found = names[len(self._accepted)]
                self._accepted[found] = as_patient(candidate, found, "sampled")
            else:
                self._rejected[failed] += 1
        return self._accepted[name]

    @cached_property
    def _nominal(self) -> Patient:
        (name,) = self.cohorts["nominal"]
        return as_patient(Candidate(NOMINAL), name, "nominal")

    def patient(self, name: str) -> Patient:
        """Return the patient called ``name``.

        Raises:
            KeyError: If there is none.
        """
        if name in self.cohorts["nominal"]:
            return self._nominal
        if name not in self.cohorts["sampled"]:
            raise KeyError(name)
        return self._draw_up_to(name)

    def rejected(self) -> tuple[Mapping[str, int], int]:
        """Return how many candidates each criterion took out first, and how many were drawn."""
        self._draw_up_to(self.cohorts["sampled"][-1])
        return {each.name: self._rejected[each.name] for each in CRITERIA}, self._drawn

    def people(self) -> str:
        """Say how many candidates were drawn, and by what those not in the cohort failed."""
        rejected, drawn = self.rejected()
        failed = ", ".join(
            f"{each.name} ({each.limits}) {rejected[each.name]}" for each in CRITERIA
        )
        share = sum(rejected.values()) / drawn
        return (
            f"one with nominal parameters, and {COHORT_SIZE} of {drawn} drawn from published "
            f"distributions with seed {COHORT_SEED}; {share:.0%} rejected as implausible, by the "
            f"first criterion failed: {failed}"
        )
