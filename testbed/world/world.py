"""One world: everything of a scenario put together, run from its start to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from testbed.attacks import Attacker
from testbed.devices import (
    Bench,
    CgmTransmitter,
    Drive,
    Endpoint,
    Meter,
    Pump,
    Ratios,
    Reservoir,
    ThirdParty,
    UsbLink,
    owned,
)
from testbed.people import Belongings, LeftAlone, Wearer
from testbed.physiology import Body, Patient, patient
from testbed.protocol.roles import Role
from testbed.protocol.suite import ConcreteSuite
from testbed.radio import Medium
from testbed.randomness import Streams
from testbed.scenario.model import Scenario
from testbed.simulation import Simulation
from testbed.trace import NO_CAUSE, Recorder, RunStarted, Trace
from testbed.units import US_PER_MIN, to_nanounits
from testbed.world.closed_computer import ClosedComputer
from testbed.world.seen_pump import SeenPump

_LOOK_AHEAD_MIN = 60


def _link_beforehand(
    bench: Bench, pump: Endpoint, device: Endpoint, kind: str | None = None
) -> None:
    """Link two devices as if before the scenario's start, out of everyone's hearing.

    The key is drawn from the streams: any method that nobody listened to ends with a key
    that nobody else knows.  ``kind`` is what the pump takes it for, its name if left out.
    """
    key = bench.streams.bytes(f"linked beforehand/{device.name}", 32)
    pump.install(kind or device.name, device.address, key, Role.RESPONDER)
    device.install("pump", pump.address, key, Role.INITIATOR)


def _known_serials(
    streams: Streams, shares: float, devices: Iterable[Endpoint]
) -> Mapping[str, bytes]:
    """Return the serial numbers that the wearer has shared with everyone, by kind of device."""
    if not streams.chance("wearer/shares serials", shares):
        return {}
    return {device.name: device.serial for device in devices}


def patient_of(scenario: Scenario, replicate: int) -> Patient:
    """Return the virtual patient who lives one replicate, the same in every arm."""
    names = scenario.patient.names
    return patient(names[replicate % len(names)])


def live(scenario: Scenario, replicate: int, *, attack: bool) -> Trace:
    """Run one replicate of a scenario and return its trace.

    Args:
        scenario: The scenario, mitigations applied.
        replicate: Which person and which dice; the same for a run, its twin and every arm.
        attack: Whether the attacker is there; without it this is the twin.
    """
    person = patient_of(scenario, replicate)
    streams = Streams(scenario.study.seed, replicate)
    env = Simulation()
    recorder = Recorder()
    minutes, start = scenario.minutes, scenario.time.start
    recorder.record(
        RunStarted(
            0,
            NO_CAUSE,
            person.name,
            start,
            minutes,
            person.carb_ratio_g_per_U,
            person.correction_factor_mgdl_per_U,
        )
    )
    medium = Medium(env, recorder, streams, scenario.radio, scenario.places)
    bench = Bench(env, medium, recorder, streams, ConcreteSuite(), scenario.link)
    body = Body(person, minutes, ahead=_LOOK_AHEAD_MIN)
    drive = Drive(env, body, recorder, Reservoir(to_nanounits(scenario.pump.reservoir_U)))
    ratios = Ratios(person.carb_ratio_g_per_U, person.correction_factor_mgdl_per_U)
    pump = Pump(bench, scenario.pump, drive, person.basal_U_per_min, start, ratios)
    cgm = CgmTransmitter(bench, scenario.cgm, body, drive)
    meter = Meter(bench, scenario.meter, body, drive)
    usb = UsbLink(bench, scenario.usb, start)
    devices = (pump.endpoint, cgm.endpoint, meter.endpoint, usb.endpoint)
    further = [(each.start(bench), each.carried_at_m) for each in owned(scenario.device)]
    to_link = {pairing.device for pairing in scenario.pairing}
    for device in (*devices[1:], *(each for each, _ in further)):
        if device.name not in to_link:
            _link_beforehand(bench, pump.endpoint, device)
    carried: tuple[tuple[Endpoint, float], ...] = tuple(further)
    behaviour = scenario.behaviour
    if scenario.third_party.linked and streams.chance(
        "wearer/uses third-party device", behaviour.uses_third_party_device
    ):
        other = ThirdParty(bench, scenario.third_party)
        _link_beforehand(bench, pump.endpoint, other.endpoint, scenario.third_party.linked_as)
        carried += other.carried

    def feels() -> float:
        minute = env.now // US_PER_MIN
        drive.bring_to(minute)
        return float(body.plasma_mgdl[minute])

    belongings = Belongings(
        pump, cgm, meter, usb, body.eat, drive.inject, feels, medium, scenario.places, carried
    )
    wearer = Wearer(
        env,
        recorder,
        streams,
        belongings,
        behaviour,
        person.carb_ratio_g_per_U,
        start,
        scenario.partner,
    )
    wearer.live(scenario.meal, scenario.stay, scenario.pairing, scenario.exercise)
    left_alone = LeftAlone(
        env, recorder, streams, behaviour, wearer.name, scenario.unattended, start
    )
    if attack and scenario.attacker is not None:
        open_to_all = "host" in scenario.attacker.capabilities and streams.chance(
            "wearer/runs unauthorised software", behaviour.runs_unauthorised_software
        )
        Attacker(
            env,
            medium,
            recorder,
            streams,
            bench.suite,
            scenario.attacker,
            scenario.link,
            start,
            SeenPump(pump, medium, left_alone),
            usb if open_to_all else ClosedComputer(),
            _known_serials(streams, behaviour.shares_serials, devices),
        )
    env.run_to(minutes * US_PER_MIN)
    drive.finish()
    body.advance(minutes)
    return Trace(recorder.events(), body.plasma_mgdl, drive.insulin_nU, body.carbs_g)
