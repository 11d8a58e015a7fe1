"""The 30 virtual patients of the UVA/Padova S2008 model, as simglucose 0.2.11 ships them.

The tables and their origin are in ``data/SOURCE.md``.  Loading checks that every patient's
parameters fit each other: a patient whose sheet is wrong in one digit drifts away from basal
glucose, which looks like physiology and is not.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

import numpy as np

from testbed.physiology.model import Patient
from testbed.physiology.s2008 import PMOL_PER_U, STATES, advance, pack

IDENTITY_TOLERANCE: Final = 1e-10
"""Largest relative difference an identity may show; the table holds 12 significant digits."""

LIVER_SHARE_OF_M4: Final = 0.4
"""m4 = 0.4 m2 in the type-1 form (Dalla Man 2007; holds in the table)."""

_COHORT_OF_PREFIX: Final = {"adult": "adults", "adolescent": "adolescents", "child": "children"}


class ParameterIdentityError(ValueError):
    """A row of the parameter table whose entries do not fit each other.

    Attributes:
        patient: Name of the patient.
        identity: The equation that should hold.
        expected: What the right-hand side comes to.
        found: What the table says.
    """

    def __init__(self, patient: str, identity: str, expected: float, found: float) -> None:
        """Say which ``identity`` of which ``patient`` fails; see the attributes."""
        super().__init__(f"{patient}: {identity}: expected {expected:.12g}, found {found:.12g}")
        self.patient = patient
        self.identity = identity
        self.expected = expected
        self.found = found


def _check_identities(name: str, p: Mapping[str, float]) -> None:
    """Raise ParameterIdentityError for the first identity that does not hold.

    The identities are the steady state of the equations in ``s2008`` at basal insulin u2ss.
    """
    hepatic = p["m1"] + p["m30"]
    identities = (
        ("Ipb", "Ipb = Ib Vi", p["Ib"] * p["Vi"]),
        ("m4", "m4 = 0.4 m2", LIVER_SHARE_OF_M4 * p["m2"]),
        ("m30", "m30 = m1 HEb/(1 - HEb)", p["m1"] * p["HEb"] / (1.0 - p["HEb"])),
        ("Ilb", "Ilb = Ipb m2/(m1 + m30)", p["Ipb"] * p["m2"] / hepatic),
        (
            "u2ss",
            "u2ss = (m2 + m4) Ipb - m1 Ilb",
            (p["m2"] + p["m4"]) * p["Ipb"] - p["m1"] * p["Ilb"],
        ),
        ("isc1ss", "isc1ss = u2ss/(kd + ka1)", p["u2ss"] / (p["kd"] + p["ka1"])),
        ("isc2ss", "isc2ss = kd isc1ss/ka2", p["kd"] * p["isc1ss"] / p["ka2"]),
        ("Gpb", "Gpb = Gb Vg", p["Gb"] * p["Vg"]),
        (
            "Gtb",
            "Gtb = (Fsnc - EGPb + k1 Gpb)/k2",
            (p["Fsnc"] - p["EGPb"] + p["k1"] * p["Gpb"]) / p["k2"],
        ),
        (
            "Vm0",
            "Vm0 = (EGPb - Fsnc)(Km0 + Gtb)/Gtb",
            (p["EGPb"] - p["Fsnc"]) * (p["Km0"] + p["Gtb"]) / p["Gtb"],
        ),
        (
            "kp1",
            "kp1 = EGPb + kp2 Gpb + kp3 Ib",
            p["EGPb"] + p["kp2"] * p["Gpb"] + p["kp3"] * p["Ib"],
        ),
    )
    start = (
        *("0", "0", "0", "Gpb", "Gtb", "Ipb", "0"),
        *("Ib", "Ib", "Ilb", "isc1ss", "isc2ss", "Gpb"),
    )
    states = tuple(
        (_state_column(i), f"x{i + 1}(0) = {source}", p.get(source, 0.0))
        for i, source in enumerate(start)
    )
    for column, identity, expected in identities + states:
        found = p[column]
        # Written so that a NaN fails.
        if not abs(found - expected) <= IDENTITY_TOLERANCE * abs(expected):
            raise ParameterIdentityError(name, identity, expected, found)


def _state_column(index: int) -> str:
    """Return the table's name of an initial state, padded with a blank as it is there."""
    return f"x0_{index + 1:2d}"


def _patient(row: Mapping[str, str], quest: Mapping[str, str]) -> Patient:
    name = row["Name"]
    numbers = {key: float(text) for key, text in row.items() if key != "Name"}
    _check_identities(name, numbers)
    x0 = np.array([numbers[_state_column(i)] for i in range(STATES)])
    return Patient(
        name=name,
        cohort=_COHORT_OF_PREFIX[name.partition("#")[0]],
        age_years=int(quest["Age"]),
        weight_kg=numbers["BW"],
        basal_U_per_min=numbers["u2ss"] * numbers["BW"] / PMOL_PER_U,
        basal_glucose_mgdl=numbers["Gb"],
        carb_ratio_g_per_U=float(quest["CR"]),
        correction_factor_mgdl_per_U=float(quest["CF"]),
        total_daily_insulin_U=float(quest["TDI"]),
        packed=pack(numbers, x0),
        advance=advance,
    )


def read_patients(parameters: str, quest: str) -> dict[str, Patient]:
    """Return the patients of two tables by name, in the order of the first.

    Args:
        parameters: Text of a file such as ``vpatient_params.csv``.
        quest: Text of a file such as ``Quest.csv``, with a row for every patient.

    Raises:
        ParameterIdentityError: If a patient's parameters do not fit each other within a
            relative difference of :data:`IDENTITY_TOLERANCE`.
        KeyError: If a column or a patient's row is missing.
    """
    by_name = {row["Name"]: row for row in csv.DictReader(quest.splitlines())}
    rows = csv.DictReader(parameters.splitlines())
    return {row["Name"]: _patient(row, by_name[row["Name"]]) for row in rows}


def _packaged() -> dict[str, Patient]:
    folder = resources.files("testbed.physiology") / "data"
    return read_patients(
        (folder / "vpatient_params.csv").read_text(encoding="ascii"),
        (folder / "Quest.csv").read_text(encoding="ascii"),
    )


class S2008:
    """The model as ``testbed.physiology.s2008`` has it, with simglucose's 30 patients."""

    name: str = "s2008"
    about: str = "UVA/Padova S2008, type 1: meal, insulin and glucose in 13 states"
    source: str = (
        "Dalla Man et al., IEEE Trans Biomed Eng 54:1740 (2007); "
        "Kovatchev et al., J Diabetes Sci Technol 3:44 (2009)"
    )

    def __init__(self) -> None:
        self._patients: Final = _packaged()
        self.cohorts: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {
                **{
                    cohort: tuple(
                        name for name, one in self._patients.items() if one.cohort == cohort
                    )
                    for cohort in ("adults", "adolescents", "children")
                },
                "all": tuple(self._patients),
            }
        )

    def patient(self, name: str) -> Patient:
        """Return the patient called ``name``.

        Raises:
            KeyError: If there is none.
        """
        return self._patients[name]

    def people(self) -> str:
        """Say where the patients are from."""
        return f"the {len(self._patients)} of simglucose 0.2.11: ten of each cohort"
