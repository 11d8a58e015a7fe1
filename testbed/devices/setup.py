"""How a pump is set up at this moment: its settings, and the few that may change while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from testbed.devices.pump_settings import PumpSettings
from testbed.protocol.payloads import Setting


class Ratios(NamedTuple):
    """What a person was told to bolus by."""

    carb_ratio_g_per_U: float
    correction_factor_mgdl_per_U: float


_FIELDS: Final[Mapping[Setting, tuple[str, float]]] = MappingProxyType(
    {
        Setting.MAX_BOLUS_MILLIUNITS: ("max_bolus_U", 1000.0),
        Setting.MAX_BASAL_MILLIUNITS_PER_H: ("max_basal_U_per_h", 1000.0),
        Setting.LOW_ALERT_MGDL: ("low_alert_mgdl", 1.0),
    }
)
"""The field behind each setting that may be changed, and how many of its counts make a unit."""


class Setup:
    """The settings of one pump.

    Args:
        settings: As the scenario has them.
        ratios: The wearer's own, where the settings do not say otherwise.

    Attributes:
        now: The settings as they are now.
    """

    __slots__ = ("_ratios", "now")

    def __init__(self, settings: PumpSettings, ratios: Ratios) -> None:
        self.now = settings
        self._ratios = ratios

    @property
    def ratios(self) -> Ratios:
        """What the pump's calculator goes by."""
        now, own = self.now, self._ratios
        return Ratios(
            now.carb_ratio_g_per_U or own.carb_ratio_g_per_U,
            now.correction_factor_mgdl_per_U or own.correction_factor_mgdl_per_U,
        )

    def change(self, setting: int, value: int) -> tuple[str, float] | None:
        """Change a setting by its code and value on the air.

        Returns:
            Its name and its value in the unit of the name; None, and nothing is changed, where
            there is no such setting or the value is out of its range.
        """
        if setting not in _FIELDS:
            return None
        name, counts = _FIELDS[Setting(setting)]
        wanted = value / counts
        if not _in_range(name, wanted):
            return None
        changed: Any = int(wanted) if isinstance(getattr(self.now, name), int) else wanted
        self.now = self.now.model_copy(update={name: changed})
        return name, wanted


def _in_range(name: str, value: float) -> bool:
    """Return whether a value lies between the bounds that its field states."""
    marks = PumpSettings.model_fields[name].metadata
    least = next(mark.ge for mark in marks if hasattr(mark, "ge"))
    most = next(mark.le for mark in marks if hasattr(mark, "le"))
    return bool(least <= value <= most)
