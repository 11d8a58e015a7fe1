"""The devices: pump, CGM transmitter, meter and USB link, each with its settings.

A device is driven by frames that verify and by the person who touches it.  It writes to
the trace and never reads it, and hands causes on as opaque numbers.
"""

from testbed.devices.bench import Bench
from testbed.devices.cgm import CgmTransmitter
from testbed.devices.cgm_settings import CgmSettings
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.devices.meter import Meter, MeterSettings
from testbed.devices.pump import (
    CONFIRM_BOLUS,
    LOW_GLUCOSE,
    NO_SIGNAL,
    REMOTE_BOLUS,
    Pump,
)
from testbed.devices.pump_settings import PumpSettings
from testbed.devices.usb import UsbLink, UsbSettings

DEVICES = ("cgm", "meter", "usb")
"""The devices that a pump can be linked with."""

__all__ = [
    "CONFIRM_BOLUS",
    "DEVICES",
    "LOW_GLUCOSE",
    "NO_SIGNAL",
    "REMOTE_BOLUS",
    "Bench",
    "CgmSettings",
    "CgmTransmitter",
    "Drive",
    "Endpoint",
    "Link",
    "Meter",
    "MeterSettings",
    "Pump",
    "PumpSettings",
    "UsbLink",
    "UsbSettings",
]
