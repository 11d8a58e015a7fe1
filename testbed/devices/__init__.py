"""The devices: pump, CGM transmitter, meter, USB link and further ones, each with its settings.

A device is driven by frames that verify and by the person who touches it.  It writes to
the trace and never reads it, and hands causes on as opaque numbers.
"""

from testbed.devices.accessories import (
    ACCESSORIES,
    Accessory,
    AccessorySettings,
    accessory_key,
    owned,
)
from testbed.devices.alerts import (
    BOLUS_HELD,
    CONFIRM_BOLUS,
    CONFIRM_COMMAND,
    CONFIRM_LINK,
    EMPTY_RESERVOIR,
    LOW_GLUCOSE,
    LOW_RESERVOIR,
    NO_SIGNAL,
    OVER_CAP,
    PROMPTS_LOCKED,
    REMOTE_BOLUS,
    REMOTE_COMMAND,
    RESUMED,
    REVIEW_LINKS,
    STILL_STOPPED,
    Loudness,
)
from testbed.devices.bench import Bench
from testbed.devices.cgm import CgmTransmitter
from testbed.devices.cgm_settings import CgmSettings
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.devices.history import BUTTONS, HistoryRow
from testbed.devices.meter import Meter, MeterSettings
from testbed.devices.pump import Pump
from testbed.devices.pump_settings import PumpSettings
from testbed.devices.reservoir import Reservoir
from testbed.devices.setup import Ratios
from testbed.devices.therapies import THERAPIES, Therapy
from testbed.devices.third_party import ThirdParty, ThirdPartySettings
from testbed.devices.usb import Bridge, UsbLink, UsbSettings

DEVICES = ("cgm", "meter", "usb", *ACCESSORIES)
"""The devices that a pump can be linked with."""

__all__ = [
    "ACCESSORIES",
    "BOLUS_HELD",
    "BUTTONS",
    "CONFIRM_BOLUS",
    "CONFIRM_COMMAND",
    "CONFIRM_LINK",
    "DEVICES",
    "EMPTY_RESERVOIR",
    "LOW_GLUCOSE",
    "LOW_RESERVOIR",
    "NO_SIGNAL",
    "OVER_CAP",
    "PROMPTS_LOCKED",
    "REMOTE_BOLUS",
    "REMOTE_COMMAND",
    "RESUMED",
    "REVIEW_LINKS",
    "STILL_STOPPED",
    "THERAPIES",
    "Accessory",
    "AccessorySettings",
    "Bench",
    "Bridge",
    "CgmSettings",
    "CgmTransmitter",
    "Drive",
    "Endpoint",
    "HistoryRow",
    "Link",
    "Loudness",
    "Meter",
    "MeterSettings",
    "Pump",
    "PumpSettings",
    "Ratios",
    "Reservoir",
    "Therapy",
    "ThirdParty",
    "ThirdPartySettings",
    "UsbLink",
    "UsbSettings",
    "accessory_key",
    "owned",
]
