"""A bench with a pump on it, and peers that the tests speak through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from testbed.devices import (
    Bench,
    CgmSettings,
    CgmTransmitter,
    Drive,
    Endpoint,
    Meter,
    MeterSettings,
    Pump,
    PumpSettings,
    Ratios,
    Reservoir,
    UsbLink,
    UsbSettings,
)
from testbed.physiology import Body, patient
from testbed.protocol.payloads import Payload
from testbed.protocol.roles import Role
from testbed.protocol.settings import LinkSettings
from testbed.protocol.suite import ConcreteSuite
from testbed.radio import PLACES, Medium, Position, RadioSettings
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import NO_CAUSE, Event, Recorder
from testbed.units import US_PER_HOUR, to_nanounits

PATIENT = "adult#001"


class Rig:
    """One pump on a bench, with what may be put beside it.

    Args:
        minutes: How long it can run.
        pump: Settings of the pump.
        link: Settings of the link.
        basal_U_per_min: The pump's basal rate where its profile is empty; None for the
            patient's own, and their own ratios with it.
        start_us: Clock time of the start.
        seed: Seed of the dice.
        patient_name: Whose body the pump is on.
        acknowledges: Whether somebody acknowledges every alert at its first ring.
    """

    def __init__(
        self,
        minutes: int = 120,
        pump: PumpSettings | None = None,
        link: LinkSettings | None = None,
        basal_U_per_min: float | None = 0.0,
        start_us: int = 6 * US_PER_HOUR,
        seed: int = 1,
        acknowledges: bool = True,
        patient_name: str = PATIENT,
    ) -> None:
        self.minutes = minutes
        self.env = Simulation()
        self.recorder = Recorder()
        self.streams = Streams(seed, 0)
        self.medium = Medium(self.env, self.recorder, self.streams, RadioSettings(), PLACES)
        self.bench = Bench(
            self.env,
            self.medium,
            self.recorder,
            self.streams,
            ConcreteSuite(),
            link or LinkSettings(),
        )
        person = patient(patient_name)
        self.body = Body(person, minutes)
        settings = pump or PumpSettings()
        self.reservoir = Reservoir(to_nanounits(settings.reservoir_U))
        self.drive = Drive(self.env, self.body, self.recorder, self.reservoir)
        basal, ratios = basal_U_per_min, Ratios(10.0, 40.0)
        if basal is None:
            basal = person.basal_U_per_min
            ratios = Ratios(person.carb_ratio_g_per_U, person.correction_factor_mgdl_per_U)
        self.pump = Pump(self.bench, settings, self.drive, basal, start_us, ratios)
        self.medium.place(self.pump.endpoint, Position("home"))
        self.alerts: list[tuple[int, str]] = []
        self.acknowledges = acknowledges
        self.pump.when_alerting(self._alerted)
        self.start_us = start_us

    def _alerted(self, kind: str, _position: int) -> None:
        self.alerts.append((self.env.now, kind))
        if self.acknowledges:
            self.pump.press_acknowledge(kind)

    def peer(self, kind: str, takes: dict[Any, Any] | None = None, linked: bool = True) -> Endpoint:
        """Return a bare peer of one kind, near the pump and linked with it."""
        peer = Endpoint(self.bench, kind, takes or {})
        self.put(peer, linked)
        return peer

    def cgm(
        self, error_model: str = "none", linked: bool = True, **settings: Any
    ) -> CgmTransmitter:
        """Return a CGM transmitter beside the pump."""
        made = CgmSettings.model_validate({"error_model": error_model, **settings})
        cgm = CgmTransmitter(self.bench, made, self.body, self.drive)
        self.put(cgm.endpoint, linked)
        return cgm

    def meter(self, linked: bool = True, **settings: Any) -> Meter:
        """Return a meter beside the pump."""
        made = MeterSettings.model_validate(settings)
        meter = Meter(self.bench, made, self.body, self.drive)
        self.put(meter.endpoint, linked)
        return meter

    def usb(self, linked: bool = True, **settings: Any) -> UsbLink:
        """Return a USB link, which decides itself when it is on the air."""
        usb = UsbLink(self.bench, UsbSettings.model_validate(settings), self.start_us)
        if linked:
            self.link(usb.endpoint)
        return usb

    def put(self, device: Endpoint, linked: bool) -> None:
        """Put a device beside the pump, linked with it or not."""
        self.medium.place(device, Position("home", 0.3))
        if linked:
            self.link(device)

    def link(self, device: Endpoint) -> None:
        """Link a device with the pump as if long ago."""
        key = self.streams.bytes(f"test key/{device.name}", 32)
        self.pump.endpoint.install(device.name, device.address, key, Role.RESPONDER)
        device.install("pump", self.pump.endpoint.address, key, Role.INITIATOR)

    def say(self, peer: Endpoint, payload: Payload) -> int:
        """Have a linked peer say something to the pump; return the position of its frame."""
        link = peer.link_with("pump")
        assert link is not None
        return peer.send(link, payload, NO_CAUSE)

    def run(self, us: int) -> None:
        """Let some time pass."""
        self.env.run_to(self.env.now + us)

    def at(self, us: int, do: Callable[[], Any]) -> None:
        """Have something done at a time."""
        self.env.later(us - self.env.now, lambda _timer: do())

    def finish(self) -> None:
        """Run to the end, and close the drive's account."""
        self.env.run_to(self.minutes * 60_000_000)
        self.drive.finish()

    def events(self, *kinds: type[Event]) -> list[Any]:
        """Return the events of some kinds so far."""
        return [event for event in self.recorder.events() if isinstance(event, kinds)]

    def links(self) -> list[tuple[str, bytes, bytes]]:
        """Return which links the pump holds, with their keys."""
        held: Iterable[Any] = self.pump.endpoint.links.values()
        return [(link.kind, link.address, link.state.receive_key) for link in held]


@pytest.fixture(scope="session", name="Rig")
def _rig() -> type[Rig]:
    """The means to set a bench up."""
    return Rig


@pytest.fixture
def rig() -> Rig:
    """A bench for two hours, with no basal insulin."""
    return Rig()
