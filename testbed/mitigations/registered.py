"""Every mitigation there is, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.mitigations import (
    attend_to_alerts,
    cancel_unexpected_bolus,
    check_meter_against_sensor,
    confirm_on_pump,
    disconnect_usb,
    fleet_update,
    habit_monitor,
    hold_remote_bolus,
    keep_devices_under_control,
    keep_serial_private,
    limit_on_board,
    monitor_glucose_closely,
    nearby_commands_only,
    no_third_party_devices,
    no_unauthorised_software,
    pair_in_private,
    pairing_numeric_comparison,
    pairing_oob,
    pairing_pake,
    pairing_passkey,
    predicted_low_refusal,
    pump_only_caps,
    refuse_readings_not_started,
    refuse_unexpected_requests,
    remote_bolus_off,
    remote_bolus_off_by_default,
    replay_protection,
    report,
    review_links,
    rotate_keys,
    seek_medical_help,
    short_quiet_pairing,
    suspend_watchdog,
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
        pairing_passkey.MITIGATION,
        pairing_numeric_comparison.MITIGATION,
        pairing_pake.MITIGATION,
        pairing_oob.MITIGATION,
        short_quiet_pairing.MITIGATION,
        replay_protection.MITIGATION,
        rotate_keys.MITIGATION,
        review_links.MITIGATION,
        remote_bolus_off_by_default.MITIGATION,
        pump_only_caps.MITIGATION,
        limit_on_board.MITIGATION,
        predicted_low_refusal.MITIGATION,
        confirm_on_pump.MITIGATION,
        habit_monitor.MITIGATION,
        hold_remote_bolus.MITIGATION,
        nearby_commands_only.MITIGATION,
        check_meter_against_sensor.MITIGATION,
        suspend_watchdog.MITIGATION,
        fleet_update.MITIGATION,
    ),
)
"""Every mitigation by its name."""
