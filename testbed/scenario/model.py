"""What a person writes: a scenario, composed of the settings that each room owns."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import Field, PrivateAttr, model_validator

from testbed.attacks import AttackerSettings
from testbed.devices import (
    AccessorySettings,
    CgmSettings,
    MeterSettings,
    PumpSettings,
    ThirdPartySettings,
    UsbSettings,
)
from testbed.people import (
    PARTNERS,
    PROFILES,
    Behaviour,
    CarePartnerSettings,
    Exercise,
    FleetSettings,
    Meal,
    PairingAppointment,
    Stay,
    Unattended,
)
from testbed.physiology import DEFAULT_MODEL, MODELS, PATIENT_NAMES
from testbed.protocol.settings import LinkSettings
from testbed.radio import PLACES, PlaceSettings, RadioSettings
from testbed.scenario.changes import with_changes
from testbed.scenario.judging import SeveritySettings, UnsafeSettings
from testbed.scenario.shown import Shown
from testbed.scenario.study_settings import (
    ADVICE_GROUP,
    Adoption,
    Of,
    PrecisionSettings,
    StudySettings,
)
from testbed.settings import ClockTime, Duration, OneOf, Settings, not_one_of
from testbed.units import US_PER_DAY, US_PER_HOUR, US_PER_MIN

__all__ = [
    "ADVICE_GROUP",
    "DERIVED",
    "Adoption",
    "Expectation",
    "Of",
    "PatientSettings",
    "PrecisionSettings",
    "Scenario",
    "StudySettings",
    "TimeSettings",
    "behaviour_of",
    "partner_of",
]

DERIVED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "behaviour": ("patient.behaviour", "patient.profile"),
        "partner": ("care_partner", "patient.profile"),
        "places": ("place",),
    }
)
"""What a scenario works out of its settings, and of which.

Of the first, each setting inside is worked out of what stands in the same place.
"""

_COHORTS = dict.fromkeys(cohort for model in MODELS.values() for cohort in model.cohorts)

Cohort = Annotated[str, OneOf("a cohort", _COHORTS)]
PatientName = Annotated[str, OneOf("a virtual patient", PATIENT_NAMES)]


class TimeSettings(Settings):
    """When the scenario starts and how long it lasts."""

    start: ClockTime = 6 * US_PER_HOUR
    """Clock time of the start."""
    duration: Duration = Field(default=US_PER_DAY, ge=US_PER_HOUR, le=14 * US_PER_DAY)
    """Length of the scenario, from an hour to 14 days."""


class PatientSettings(Settings):
    """Who wears the system, and how they behave."""

    model: Annotated[str, OneOf("a glucose-insulin model", MODELS)] = DEFAULT_MODEL
    """The glucose-insulin model of the person's body; ``testbed list models``."""
    cohort: Cohort | Annotated[tuple[PatientName, ...], Field(min_length=1)] | None = None
    """A cohort of the model or a list of its patients' names; its first cohort if left out."""
    profile: Annotated[str, OneOf("a profile", PROFILES)] = "typical"
    """How this person behaves; ``testbed list profiles``."""
    behaviour: Behaviour = Behaviour()
    """Single numbers that differ from the profile's."""

    @property
    def names(self) -> tuple[str, ...]:
        """The virtual patients; replicate ``r`` is lived by number ``r`` modulo their count."""
        cohorts = MODELS[self.model].cohorts
        if self.cohort is None:
            return next(iter(cohorts.values()))
        return cohorts[self.cohort] if isinstance(self.cohort, str) else self.cohort

    @model_validator(mode="after")
    def _cohort_of_model(self) -> PatientSettings:
        """Refuse a cohort, or a patient, of another model."""
        cohorts = MODELS[self.model].cohorts
        if isinstance(self.cohort, str) and self.cohort not in cohorts:
            raise not_one_of(f"a cohort of {self.model}", cohorts, ("cohort",))
        if isinstance(self.cohort, tuple):
            own = dict.fromkeys(name for names in cohorts.values() for name in names)
            for index, name in enumerate(self.cohort):
                if name not in own:
                    raise not_one_of(f"a virtual patient of {self.model}", own, ("cohort", index))
        return self


def behaviour_of(patient: PatientSettings) -> Behaviour:
    """Return the profile's behaviour with the scenario's own numbers in place."""
    own = patient.behaviour
    changed = {key: getattr(own, key) for key in own.model_fields_set}
    return PROFILES[patient.profile].model_copy(update=changed)


def partner_of(
    patient: PatientSettings, own: CarePartnerSettings | None
) -> CarePartnerSettings | None:
    """Return the profile's care partner with the scenario's own settings in place, if any."""
    base = PARTNERS.get(patient.profile)
    if base is None or own is None:
        return own or base
    return base.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})


class Expectation(Settings):
    """One statement that makes a scenario file a regression test."""

    arm: str
    """The arm it is about."""
    metric: str
    """The metric it is about; ``testbed list metrics``."""
    of: Of = "metric"
    """The mean itself, its difference from the baseline, or the same without an attacker."""
    at_most: float | None = None
    """The mean is at most this."""
    at_least: float | None = None
    """The mean is at least this."""


class Scenario(Settings, Shown):
    """One story, checked."""

    title: str = Field(min_length=1, max_length=200)
    """The story in a line."""
    about: str = ""
    """The story in a sentence or two."""
    sources: tuple[str, ...] = ()
    """The public sources that the story stands for."""
    time: TimeSettings = TimeSettings()
    """When it starts and how long it lasts."""
    patient: PatientSettings = PatientSettings()
    """Who wears the system."""
    care_partner: CarePartnerSettings | None = None
    """Who is near the wearer at times; nobody unless the profile has somebody."""
    place: tuple[PlaceSettings, ...] = ()
    """Places beyond those that every scenario knows."""
    meal: tuple[Meal, ...] = ()
    """What the wearer eats."""
    exercise: tuple[Exercise, ...] = ()
    """When the wearer exercises, and may change the delivery for it."""
    fleet: FleetSettings = FleetSettings()
    """Other wearers, for what a report does for them (``testbed fleet``); no run asks for it."""
    stay: tuple[Stay, ...] = ()
    """Where the wearer is; at home otherwise."""
    unattended: tuple[Unattended, ...] = ()
    """When the pump is out of its owner's sight, for others to handle."""
    pump: PumpSettings = PumpSettings()
    """The pump."""
    cgm: CgmSettings = CgmSettings()
    """The CGM transmitter."""
    meter: MeterSettings = MeterSettings()
    """The meter."""
    usb: UsbSettings = UsbSettings()
    """The USB link."""
    third_party: ThirdPartySettings = ThirdPartySettings()
    """Another maker's device that the person has linked with the pump."""
    device: AccessorySettings = AccessorySettings()
    """Further devices, a table each; ``testbed list devices``."""
    radio: RadioSettings = RadioSettings()
    """The air."""
    link: LinkSettings = LinkSettings()
    """How devices link and speak."""
    pairing: tuple[PairingAppointment, ...] = ()
    """When devices are linked; those not named here are linked before the start."""
    attacker: AttackerSettings | None = None
    """The stranger nearby, if there is one."""
    unsafe: UnsafeSettings = UnsafeSettings()
    """Above which limits a dose is called unsafe."""
    severity: SeveritySettings = SeveritySettings()
    """How severe a run is called."""
    study: StudySettings = StudySettings()
    """What is compared."""
    expect: tuple[Expectation, ...] = ()
    """What must come out."""

    _name: str = PrivateAttr(default="scenario")
    _written: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def from_written(cls, written: Mapping[str, Any], name: str) -> Scenario:
        """Return the scenario that a mapping of TOML values describes.

        Args:
            written: What the file says, by its sections.
            name: The scenario's name, the file's name without its ending.

        Raises:
            pydantic.ValidationError: If the mapping is not a scenario.
        """
        scenario = cls.model_validate(written)
        scenario._name = name
        scenario._written = copy.deepcopy(dict(written))
        return scenario

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self._name

    @property
    def written(self) -> dict[str, Any]:
        """What the file says, as TOML values: enough to build the scenario again."""
        return copy.deepcopy(self._written)

    @property
    def minutes(self) -> int:
        """Length of the scenario in whole minutes."""
        return self.time.duration // US_PER_MIN

    @cached_property
    def behaviour(self) -> Behaviour:
        """The profile's behaviour with the scenario's own numbers in place."""
        return behaviour_of(self.patient)

    @cached_property
    def partner(self) -> CarePartnerSettings | None:
        """The care partner of profile and scenario, None where there is nobody."""
        return partner_of(self.patient, self.care_partner)

    @cached_property
    def places(self) -> dict[str, PlaceSettings]:
        """Every place by its name."""
        return {**PLACES, **{place.name: place for place in self.place}}

    def setting(self, dotted: str) -> Any:
        """Return the value of one setting, profiles and defaults filled in.

        Args:
            dotted: Its key, such as ``"patient.behaviour.pair_in_private"``.

        Raises:
            AttributeError: If there is no such setting.
        """
        first, *rest = dotted.split(".")
        value: Any = getattr(self, first)
        if dotted.startswith("patient.behaviour."):
            value, rest = self.behaviour, rest[1:]
        elif first == "care_partner":
            value = self.partner
        for key in rest:
            value = getattr(value, key)
        return value

    def patched(self, changes: Mapping[str, Any]) -> Scenario:
        """Return this scenario with some settings changed.

        Args:
            changes: New TOML values by dotted key, such as ``{"pump.remote_bolus": False}``.

        Raises:
            pydantic.ValidationError: If a key does not exist or a value does not fit.
        """
        touched = {dotted.partition(".")[0] for dotted in changes}
        written = with_changes(self._written, changes)
        # What is not touched has been checked, and is shared.
        given = {key: getattr(self, key) for key in written if key not in touched}
        given.update((key, written[key]) for key in touched)
        scenario = self.model_validate(given)
        scenario._name = self._name
        scenario._written = written
        return scenario
