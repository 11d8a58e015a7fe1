"""How a pump is set up at this moment: its settings, and the few that may change while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from testbed.devices.pump_settings import PumpSettings
from testbed.devices.safeguards.caps import CapSettings
from testbed.protocol.payloads import Setting
from testbed.settings import Settings


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
_LIMITS: Final = frozenset({Setting.MAX_BOLUS_MILLIUNITS, Setting.MAX_BASAL_MILLIUNITS_PER_H})
"""Those of them that limit how much insulin there is."""


class Setup:
    """The settings of one pump.

    Args:
        settings: As the scenario has them.
        ratios: The wearer's own, where the settings do not say otherwise.

    Attributes:
        shipped: The settings as the scenario has them.
        now: The settings as they are now.
    """

    __slots__ = ("_ratios", "now", "shipped")

    def __init__(self, settings: PumpSettings, ratios: Ratios) -> None:
        self.shipped = self.now = settings
        if not settings.remote_bolus_as_shipped:
            self.now = settings.model_copy(update={"remote_bolus": False})
        self._ratios = ratios

    @property
    def ratios(self) -> Ratios:
        """What the pump's calculator goes by."""
        now, own = self.now, self._ratios
        return Ratios(
            now.carb_ratio_g_per_U or own.carb_ratio_g_per_U,
            now.correction_factor_mgdl_per_U or own.correction_factor_mgdl_per_U,
        )

    def raises_a_limit(self, setting: int, value: int) -> bool:
        """Return whether a change over the air would raise a limit that caps keep where it is."""
        if not self.now.caps.on or setting not in _LIMITS:
            return False
        name, counts = _FIELDS[Setting(setting)]
        return bool(value / counts > getattr(self.now, name))

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
        if not _in_range(PumpSettings, name, wanted):
            return None
        changed: Any = int(wanted) if isinstance(getattr(self.now, name), int) else wanted
        self.now = self.now.model_copy(update={name: changed})
        return name, wanted


class SetupMenu:
    """What a person sets on a pump with its own buttons, and nobody over the air.

    Args:
        setup: The pump's.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    @property
    def offers_remote_bolus(self) -> bool:
        """Whether the remote bolus is off only because the pump was shipped so."""
        setup = self._setup
        shipped = setup.shipped
        if shipped.remote_bolus_as_shipped:
            return False
        return shipped.remote_bolus and not setup.now.remote_bolus

    def press_remote_bolus(self) -> None:
        """Turn the remote bolus on."""
        self._setup.now = self._setup.now.model_copy(update={"remote_bolus": True})

    def press_cap(self, name: str, units: float) -> bool:
        """Set a cap; return whether the value is in its range.

        Args:
            name: A key of ``[pump.caps]``.
            units: How high, U.
        """
        if not _in_range(CapSettings, name, units):
            return False
        now = self._setup.now
        caps = now.caps.model_copy(update={name: units})
        self._setup.now = now.model_copy(update={"caps": caps})
        return True


def _in_range(model: type[Settings], name: str, value: float) -> bool:
    """Return whether a value lies between the bounds that its field states."""
    marks = model.model_fields[name].metadata
    least = next(mark.ge for mark in marks if hasattr(mark, "ge"))
    most = next(mark.le for mark in marks if hasattr(mark, "le"))
    return bool(least <= value <= most)
