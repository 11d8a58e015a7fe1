"""The glucose-insulin models, and their virtual patients by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from testbed.physiology.hovorka_patients import Hovorka
from testbed.physiology.model import Model, Patient
from testbed.physiology.s2008_patients import S2008
from testbed.registry import RegistryError, registry

MODELS: Final[Mapping[str, Model]] = registry("testbed.physiology", (S2008(), Hovorka()))
"""Every model by its name."""

DEFAULT_MODEL: Final = "s2008"


def _owners() -> Mapping[str, Model]:
    owners: dict[str, Model] = {}
    for model in MODELS.values():
        for name in dict.fromkeys(name for names in model.cohorts.values() for name in names):
            if name in owners:
                raise RegistryError(f"testbed.physiology: two patients are named {name!r}")
            owners[name] = model
    return MappingProxyType(owners)


_OWNERS: Final = _owners()

PATIENT_NAMES: Final = tuple(_OWNERS)
"""The names of every model's patients."""


class UnknownPatientError(ValueError):
    """A name that none of the virtual patients has."""


def patient(name: str) -> Patient:
    """Return the virtual patient called ``name``; always the same object.

    Raises:
        UnknownPatientError: If there is none, naming the nearest right name.
    """
    model = _OWNERS.get(name)
    if model is None:
        # People write adult#1 and Adult#001.
        meant = re.sub(r"\d+$", lambda digits: digits[0].zfill(3), name.lower())
        nearest = difflib.get_close_matches(meant, PATIENT_NAMES, n=1, cutoff=0.0)[0]
        raise UnknownPatientError(
            f'expected one of the {len(PATIENT_NAMES)} virtual patients, found "{name}"; '
            f'the nearest is "{nearest}"'
        )
    return model.patient(name)
