"""What is protected: the devices, what flows between them, and who hears it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.report.page.evidence import Evidence
from testbed.report.page.hearing import share_heard, share_on_body
from testbed.report.page.sheet import Cell, Sheet, sheet
from testbed.scenario.model import Scenario

_OBJECTIVES: Final = (
    "Objectives are those of FDA's premarket cybersecurity guidance: authenticity (with "
    "integrity), authorization, availability, confidentiality, and secure and timely updates."
)


def assets_sheet(scenario: Scenario) -> Sheet:
    """Return the parts of the system: how each is reached, and what it is worth protecting for."""
    pump = scenario.pump
    remote = {
        "a bolus": pump.remote_bolus,
        "suspending": pump.remote_suspend,
        "a temporary basal": pump.remote_temp_basal,
        "settings": pump.remote_settings,
    }
    takes = [name for name, on in remote.items() if on]
    rows: list[Sequence[Cell | str]] = [
        (
            "insulin pump",
            "radio to every linked device; screen and buttons",
            f"over the air takes: readings{''.join(', ' + each for each in takes)}",
            "authorization and integrity of commands; availability of delivery",
        ),
        (
            "CGM transmitter",
            "radio to the pump",
            "sends a reading every five minutes",
            "integrity and availability of readings",
        ),
        (
            "meter",
            "radio to the pump; in the person's hand",
            "sends readings" + (" and asks for boluses" if pump.remote_bolus else ""),
            "authenticity of readings and requests",
        ),
        (
            "USB link",
            f"radio to the pump; in a computer in {scenario.usb.place}",
            "reads the history" + (", changes settings" if pump.remote_settings else ""),
            "authorization of whatever the computer runs",
        ),
        (
            "link keys",
            f"agreed on by {scenario.link.pairing}: {PAIRINGS[scenario.link.pairing].about}",
            f"protect frames by {scenario.link.channel}: {CHANNELS[scenario.link.channel].about}",
            "confidentiality of the key",
        ),
        (
            "history and alerts",
            "the pump's screen, sound and vibration",
            "tell the person what was delivered and why",
            "integrity of what the person goes by",
        ),
    ]
    heads = ("asset", "interfaces", "what it does here", "what to protect")
    return sheet("assets", "Assets and interfaces", heads, rows, (_OBJECTIVES,))


def flows_sheet(scenario: Scenario) -> Sheet:
    """Return who hears whom: the share of frames that arrive on each way, place by place."""
    return sheet(
        "flows",
        "Data flows, and who hears whom",
        ("from", "to", "what", "where and how far", "frames that arrive (%)"),
        _flows(scenario),
        (
            "Computed from the radio's settings: the mean over shadowing, with no other frame and "
            "no noise on the air. A frame that arrives can be read or obeyed only if its bytes "
            "verify.",
        ),
    )


def _flows(scenario: Scenario) -> Iterator[Sequence[Cell | str]]:
    radio, places, pump = scenario.radio, scenario.places, scenario.pump
    on_body = _percent(share_on_body(radio))
    yield "CGM transmitter", "pump", "readings", "on one body", on_body
    yield (
        "meter",
        "pump",
        "readings" + (", bolus requests" if pump.remote_bolus else ""),
        "in the hand of who wears the pump",
        on_body,
    )
    usb = scenario.usb
    heard = share_heard(radio, places[usb.place], usb.distance_m, worn=1)
    where = f"{usb.place}, {usb.distance_m:g} m"
    yield "USB link", "pump", "history, settings", where, _percent(heard)
    attacker = scenario.attacker
    if attacker is None or "antenna" not in attacker.capabilities:
        return
    heard = share_heard(
        radio, places[attacker.place], attacker.distance_m, worn=1, gain_dB=attacker.gain_dB
    )
    where = f"{attacker.place}, {attacker.distance_m:g} m"
    for sender in ("pump", "CGM transmitter", "meter"):
        yield sender, "attacker", "whatever it sends", where, _percent(heard)
    yield "attacker", "pump", "any bytes", where, _percent(heard)


def _percent(share: float) -> Cell:
    return Cell(f"{100 * share:.1f}", 100 * share)


def system_sheets(evidence: Evidence) -> list[Sheet]:
    """Return the tables of the system, none where the scenario is not known any more."""
    scenario = evidence.scenario
    return [] if scenario is None else [assets_sheet(scenario), flows_sheet(scenario)]
