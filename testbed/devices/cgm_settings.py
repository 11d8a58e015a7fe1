"""How a CGM transmitter and its sensor are set up."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, create_model

from testbed.physiology import ERROR_MODELS, ErrorModel
from testbed.settings import (
    NO_PUBLISHED_RATE,
    Duration,
    OneOf,
    Settings,
    assumed_duration,
    assumption,
)

_SHOWN: Final = "range of the GuardianRT in simglucose 0.2.11 (sensor_params.csv)"
_ENTERED: Final = (
    "a maker's support page: its pumps take 40 to 400 mg/dL for a calibration "
    "(medtronicdiabetes.com, calibration-sensor)"
)


def _key(name: str) -> str:
    return name.replace("-", "_")


_TABLES: Final[dict[str, Any]] = {
    _key(name): (model, Field(default=model(), description=f"Parameters of {name}."))
    for name, model in ERROR_MODELS.items()
}
SensorErrorParameters: Any = create_model(
    "SensorErrorParameters",
    __base__=Settings,
    __doc__="Parameters of the error models, a table each.",
    **_TABLES,
)
"""The settings class with a table for each error model, with its parameters."""


class CgmSettings(Settings):
    """The CGM transmitter as it is set up."""

    error_model: Annotated[str, OneOf("a sensor error model", ERROR_MODELS)] = "breton-kovatchev"
    """Sensor error; ``testbed list sensor-errors``."""
    worn_at_m: float = assumption(
        0.3,
        ge=0.05,
        le=1.5,
        unit="m",
        source=NO_PUBLISHED_RATE,
        description="How far from the pump the transmitter is worn.",
    )
    error: SensorErrorParameters = SensorErrorParameters()
    """Parameters of the error models, a table each."""
    lowest_mgdl: int = assumption(
        39,
        ge=20,
        le=60,
        unit="mg/dL",
        source=_SHOWN,
        description="Lowest value that a sensor shows.",
    )
    highest_mgdl: int = assumption(
        600,
        ge=300,
        le=600,
        unit="mg/dL",
        source=_SHOWN,
        description="Highest value that a sensor shows.",
    )
    new_sensor_after: Duration | None = None
    """How long after the start a new sensor takes the place of the one that is worn; the worn
    one is warm from the start and stays where this is left out."""
    sensor_lasts: Duration = assumed_duration(
        "168h",
        ge="72h",
        le="360h",
        unit="h",
        source="user guides of consumer sensors: 6 to 15 days, most often 7 or 10",
        description="How long a new sensor is worn until the next one takes its place.",
    )
    warm_up_min: int = assumption(
        120,
        ge=0,
        le=240,
        unit="min",
        source="user guides of consumer sensors: 30 min (the newest) to 2 h",
        description="Time from the insertion of a sensor to its first reading.",
    )
    missing_share: float = assumption(
        0.0,
        ge=0.0,
        le=0.1,
        unit="1",
        source="mean 4 %, median 1 % (42 sensors over 7 days, Dexcom G4 user guide, table 8), "
        "losses of the radio among them; 0 leaves all losses to the radio",
        description="Share of readings that the sensor does not make.",
    )
    missing_burst_min: float = assumption(
        10.0,
        ge=5.0,
        le=120.0,
        unit="min",
        source="about 90 % of disconnections < 20 min, Facchinetti et al., Diabetes Technol Ther "
        "2016;18:264: 10 min on average gives 88 %",
        description="Mean length of a burst of readings that the sensor does not make.",
    )
    calibration: Literal["factory", "one-point-gain", "one-point-offset"] = "factory"
    """What the sensor makes of a meter reading that is entered as a calibration: nothing, as it
    is calibrated in the factory; or it multiplies later readings, or adds to them, so that the
    newest one would have been the meter's."""
    calibration_lowest_mgdl: int = assumption(
        40,
        ge=20,
        le=100,
        unit="mg/dL",
        source=_ENTERED,
        description="Lowest meter reading that is taken as a calibration.",
    )
    calibration_highest_mgdl: int = assumption(
        400,
        ge=200,
        le=600,
        unit="mg/dL",
        source=_ENTERED,
        description="Highest meter reading that is taken as a calibration.",
    )

    @property
    def model(self) -> ErrorModel:
        """The error model that is chosen, with its parameters."""
        model: ErrorModel = getattr(self.error, _key(self.error_model))
        return model
