"""The table of S2008's virtual patients: who is in it, and that every sheet fits itself."""

from __future__ import annotations

import csv
import io
from importlib import resources

import pytest
from testbed.physiology import MODELS, UnknownPatientError, patient, s2008
from testbed.physiology.s2008_patients import ParameterIdentityError, read_patients

COHORTS = MODELS["s2008"].cohorts
PATIENT_NAMES = COHORTS["all"]


@pytest.fixture
def tables() -> tuple[str, str]:
    """Return the texts of the packaged parameter table and questionnaire."""
    data = resources.files("testbed.physiology") / "data"
    return (data / "vpatient_params.csv").read_text(), (data / "Quest.csv").read_text()


def corrupted(parameters: str, name: str, column: str, factor: float) -> str:
    """Return the table with one entry multiplied by ``factor``."""
    rows = list(csv.DictReader(parameters.splitlines()))
    for row in rows:
        if row["Name"] == name:
            row[column] = repr(float(row[column]) * factor)
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def test_there_are_thirty_patients_in_three_cohorts() -> None:
    """Ten adults, ten adolescents and ten children make up all 30, in the order of the table."""
    assert len(set(PATIENT_NAMES)) == 30
    parts = [COHORTS[cohort] for cohort in ("adolescents", "adults", "children")]
    assert [len(part) for part in parts] == [10, 10, 10]
    assert sum(parts, ()) == PATIENT_NAMES


@pytest.mark.parametrize("name", PATIENT_NAMES)
def test_a_patient_is_who_the_table_says(name: str, tables: tuple[str, str]) -> None:
    """Every attribute of a patient is the table's figure in the unit that its name says."""
    row = next(r for r in csv.DictReader(tables[0].splitlines()) if r["Name"] == name)
    quest = next(r for r in csv.DictReader(tables[1].splitlines()) if r["Name"] == name)
    who = patient(name)
    assert who.name == name
    assert name in COHORTS[who.cohort]
    assert who.weight_kg == float(row["BW"])
    assert who.basal_glucose_mgdl == float(row["Gb"])
    assert who.basal_U_per_min == pytest.approx(float(row["u2ss"]) * float(row["BW"]) / 6000)
    assert who.carb_ratio_g_per_U == float(quest["CR"])
    assert who.correction_factor_mgdl_per_U == float(quest["CF"])
    assert who.age_years == int(quest["Age"])
    assert who.total_daily_insulin_U == float(quest["TDI"])
    assert s2008.states(who.packed).tolist() == [float(row[f"x0_{i:2d}"]) for i in range(1, 14)]


def test_identities_hold_for_the_packaged_table(tables: tuple[str, str]) -> None:
    """All 30 sheets pass the identities at the stated tolerance."""
    assert tuple(read_patients(*tables)) == PATIENT_NAMES


@pytest.mark.parametrize(
    "column",
    ["Ipb", "m4", "m30", "Ilb", "u2ss", "isc1ss", "isc2ss", "Gpb", "Gtb", "Vm0", "kp1", "x0_13"],
)
def test_a_corrupted_entry_is_reported(tables: tuple[str, str], column: str) -> None:
    """One entry off by a billionth is an error naming the patient, expected and found."""
    wrong = corrupted(tables[0], "child#007", column, 1 + 1e-9)
    with pytest.raises(ParameterIdentityError, match=r"child#007: .* expected .* found") as caught:
        read_patients(wrong, tables[1])
    assert caught.value.patient == "child#007"
    assert caught.value.found != caught.value.expected


def test_an_entry_that_is_not_a_number_is_reported(tables: tuple[str, str]) -> None:
    """A NaN fails its identity instead of passing every comparison."""
    wrong = corrupted(tables[0], "adult#003", "Vm0", float("nan"))
    with pytest.raises(ParameterIdentityError, match=r"adult#003: Vm0 = .* found nan"):
        read_patients(wrong, tables[1])


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("adlt#001", "adult#001"),
        ("child#9", "child#009"),
        ("Adolescent#005", "adolescent#005"),
        ("hovorka#7", "hovorka#007"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, nearest: str) -> None:
    """An unknown name is an error that says what was found and the nearest right name."""
    with pytest.raises(UnknownPatientError, match=f'found "{name}"; the nearest is "{nearest}"'):
        patient(name)
