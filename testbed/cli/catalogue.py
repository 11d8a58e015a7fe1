"""What ``testbed list`` lists, as plain rows read off the registries."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from testbed.attacks import STEPS, STRIDE
from testbed.cli.usage import readers
from testbed.devices import ACCESSORIES, THERAPIES
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.people import PROFILES, Behaviour
from testbed.physiology import ERROR_MODELS, MODELS, PATIENT_NAMES, patient
from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.radio import PLACES
from testbed.scenario import Scenario
from testbed.scenario.assumptions import assumptions
from testbed.scenario.shapes import fields
from testbed.units import format_clock

Rows = list[dict[str, Any]]
"""Rows with the same keys in the same order."""


def _pairings() -> Rows:
    return [{"name": name, "about": method.about} for name, method in PAIRINGS.items()]


def _channels() -> Rows:
    return [{"name": name, "about": channel.about} for name, channel in CHANNELS.items()]


def _mitigations() -> Rows:
    return [
        {
            "name": name,
            "about": each.advice,
            "bearer": each.bearer,
            "against": list(each.against),
            "moves": list(each.moves),
            "keeps": each.keeps,
            "unmoved": list(each.unmoved),
            "price": list(each.price),
            "changes": {**each.changes, **each.shares},
            "source": each.source,
        }
        for name, each in MITIGATIONS.items()
    ]


def _attacks() -> Rows:
    return [
        {
            "name": name,
            "about": inspect.getdoc(step),
            "needs": sorted(step.needs),
            "preconditions": list(step.preconditions),
            "stride": [STRIDE[letter] for letter in STRIDE if letter in step.stride],
            "gates": list(step.gates),
            "settings": [key for key in fields(step) if key != "do"],
        }
        for name, step in STEPS.items()
    ]


def _devices() -> Rows:
    return [
        {
            "name": name,
            "about": each.about,
            "asks": [payload.__name__ for payload in each.asks],
            "settings": list(fields(each)),
        }
        for name, each in ACCESSORIES.items()
    ]


def _therapies() -> Rows:
    return [
        {
            "name": name,
            "about": inspect.getdoc(therapy),
            "settings": [key for key in fields(therapy) if key != "name"],
        }
        for name, therapy in THERAPIES.items()
    ]


def _metrics() -> Rows:
    return [
        {
            "name": name,
            "about": metric.definition,
            "unit": metric.unit,
            "worse": metric.worse,
            "tables": "on request" if metric.on_request else "always",
            "source": metric.source,
        }
        for name, metric in METRICS.items()
    ]


def _sensor_errors() -> Rows:
    return [
        {"name": name, "about": model.about, "settings": list(fields(model))}
        for name, model in ERROR_MODELS.items()
    ]


def _profiles() -> Rows:
    about = Behaviour.model_json_schema()["properties"]
    clocks = {key for key, says in about.items() if "pattern" in says}
    return [
        {
            "name": name,
            **{
                key: format_clock(value)[:5] if key in clocks else value
                for key, value in behaviour.model_dump().items()
            },
        }
        for name, behaviour in PROFILES.items()
    ]


def _places() -> Rows:
    return [place.model_dump() for place in PLACES.values()]


def _models() -> Rows:
    return [
        {
            "name": name,
            "about": model.about,
            "source": model.source,
            "cohorts": list(model.cohorts),
            "people": model.people(),
        }
        for name, model in MODELS.items()
    ]


def _patients() -> Rows:
    return [
        {
            "name": each.name,
            "cohort": each.cohort,
            "age_years": each.age_years,
            "weight_kg": round(each.weight_kg, 1),
            "carb_ratio_g_per_U": round(each.carb_ratio_g_per_U, 1),
            "correction_factor_mgdl_per_U": round(each.correction_factor_mgdl_per_U, 1),
            "total_daily_insulin_U": round(each.total_daily_insulin_U, 1),
        }
        for each in map(patient, PATIENT_NAMES)
    ]


def _assumptions() -> Rows:
    rows = list(assumptions(Scenario))
    where = readers({_last(row["name"]) for row in rows})
    return [{**row, "used_in": where.get(_last(row["name"]), [])} for row in rows]


def _last(name: str) -> str:
    return name.rpartition(".")[2]


CATALOGUE: Final[Mapping[str, Callable[[], Rows]]] = {
    "pairings": _pairings,
    "channels": _channels,
    "mitigations": _mitigations,
    "attacks": _attacks,
    "devices": _devices,
    "therapies": _therapies,
    "metrics": _metrics,
    "sensor-errors": _sensor_errors,
    "profiles": _profiles,
    "places": _places,
    "models": _models,
    "patients": _patients,
    "assumptions": _assumptions,
}
"""How each list is made."""
