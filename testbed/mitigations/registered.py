"""Every mitigation there is, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.mitigations import (
    attend_to_alerts,
    cancel_unexpected_bolus,
    disconnect_usb,
    keep_devices_under_control,
    keep_serial_private,
    monitor_glucose_closely,
    no_third_party_devices,
    no_unauthorised_software,
    pair_in_private,
    refuse_readings_not_started,
    refuse_unexpected_requests,
    remote_bolus_off,
    report,
    seek_medical_help,
)
from testbed.mitigations.mitigation import Mitigation
from testbed.registry import registry

MITIGATIONS: Final[Mapping[str, Mitigation]] = registry(
    "testbed.mitigations",
    (
        remote_bolus_off.MITIGATION,
        pair_in_private.MITIGATION,
        keep_devices_under_control.MITIGATION,
        attend_to_alerts.MITIGATION,
        cancel_unexpected_bolus.MITIGATION,
        monitor_glucose_closely.MITIGATION,
        disconnect_usb.MITIGATION,
        refuse_unexpected_requests.MITIGATION,
        keep_serial_private.MITIGATION,
        refuse_readings_not_started.MITIGATION,
        no_third_party_devices.MITIGATION,
        no_unauthorised_software.MITIGATION,
        seek_medical_help.MITIGATION,
        report.MITIGATION,
    ),
)
"""Every mitigation by its name."""
