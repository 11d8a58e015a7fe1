"""Every mitigation there is, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.mitigations import (
    attend_to_alerts,
    cancel_unexpected_bolus,
    keep_devices_under_control,
    monitor_glucose_closely,
    pair_in_private,
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
        refuse_unexpected_requests.MITIGATION,
        seek_medical_help.MITIGATION,
        report.MITIGATION,
    ),
)
"""Every mitigation by its name."""
