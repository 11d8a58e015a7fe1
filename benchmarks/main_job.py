"""Patient-days a second on one core, and the ratio to the bare sum of the parts.

The parts, measured in the same run: the integrator alone over the same day, as many SimPy
events as the day has, and as many AEAD operations.  Everything is the processor's time, and the
best of many rounds, because the machine may have other work.

    python benchmarks/main_job.py [scenarios/cafe_pairing.toml]

A reading of the sensor passes through many short Python functions (sense, encode, seal,
transmit, arrive, parse, unseal, decode, store) between the compiled parts, so the speed of the
interpreter decides; the first line names its build.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import simpy
import testbed
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from testbed.outcomes import measure
from testbed.physiology import simulate
from testbed.protocol.suite import ConcreteSuite
from testbed.simulation import Simulation
from testbed.trace import FrameSent, Trace
from testbed.world import live, patient_of

ROUNDS = 25
DAYS = 20


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the shortest time of ``work`` on the processor, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


class Count:
    """How often the wrapped method of a class is called while it is wrapped."""

    def __init__(self, owner: type, name: str) -> None:
        self.calls = 0
        self._owner, self._name, self._real = owner, name, getattr(owner, name)

    def __enter__(self) -> Count:
        real = self._real

        def counted(*args: Any) -> Any:
            self.calls += 1
            return real(*args)

        setattr(self._owner, self._name, counted)
        return self

    def __exit__(self, *_: object) -> None:
        setattr(self._owner, self._name, self._real)


def events_alone(count: int) -> None:
    """Have SimPy process ``count`` timeouts, one after the other."""
    env = simpy.Environment()

    def tick(_: simpy.Event) -> None:
        nonlocal count
        count -= 1
        if count > 0:
            env.timeout(5).callbacks.append(tick)

    env.timeout(5).callbacks.append(tick)
    env.run()


def aead_alone(pairs: int) -> None:
    """Encrypt and decrypt ``pairs`` readings."""
    aead = ChaCha20Poly1305(bytes(32))
    header, payload = bytes(14), bytes(7)
    for counter in range(pairs):
        nonce = counter.to_bytes(12, "big")
        aead.decrypt(nonce, aead.encrypt(nonce, payload, header), header)


def main() -> None:
    """Measure, and print a table."""
    path = sys.argv[1] if len(sys.argv) > 1 else "scenarios/cafe_pairing.toml"
    scenario = testbed.load(path)
    days = scenario.minutes / 1440
    live(scenario, 0, attack=True)

    # Each run has its own best time, as each part has: the mean is over runs, not rounds.
    whole = sum(
        best(lambda r=r, a=a: live(scenario, r, attack=a))  # type: ignore[misc]
        for r in range(DAYS)
        for a in (True, False)
    ) / (2 * DAYS)

    traces: list[Trace] = []
    with (
        Count(ConcreteSuite, "seal") as seals,
        Count(ConcreteSuite, "unseal") as unseals,
        Count(Simulation, "later") as laters,
        Count(Simulation, "again") as agains,
        Count(Simulation, "schedule") as schedules,
    ):
        traces = [live(scenario, r, attack=a) for r in range(DAYS) for a in (True, False)]
    runs = len(traces)
    events = (laters.calls + agains.calls + schedules.calls) / runs
    operations = (seals.calls + unseals.calls) / runs
    frames = sum(1 for trace in traces for _ in trace.of(FrameSent)) / runs

    sample = traces[0]
    name, insulin = patient_of(scenario, 0).name, sample.insulin_nU / 1e9
    parts = {
        "integrator alone": best(lambda: simulate(name, sample.carbs_g, insulin), 200),
        f"{events:.0f} SimPy events": best(lambda: events_alone(round(events)), 200),
        f"{operations:.0f} AEAD operations": best(lambda: aead_alone(round(operations / 2)), 200),
    }
    bare = sum(parts.values())

    print(f"Python {sys.version}")
    print(f"{path}: {days:g} day, {frames:.0f} frames on the air a run")
    for part, seconds in parts.items():
        print(f"  {part:24} {seconds * 1e3:7.3f} ms")
    print(f"  {'bare sum of the parts':24} {bare * 1e3:7.3f} ms")
    print(f"  {'the whole':24} {whole * 1e3:7.3f} ms   {days / whole:.0f} patient-days a second")
    print(f"  {'ratio':24} {whole / bare:7.2f}")

    hour = scenario.patched({"time.duration": "1h"})
    short = best(lambda: live(hour, 0, attack=False), 100)
    reading = (best(lambda: live(scenario, 0, attack=False), 100) - short) / (days * 24 - 1) / 12
    print("what costs what, in a run that nobody attacks:")
    print(f"  {'setting a world up':24} {(short - 12 * reading) * 1e3:7.3f} ms a run")
    run, twin = traces[0], traces[1]
    measured = best(lambda: measure(run, twin), 200)
    print(f"  {'measuring it':24} {measured * 1e3:7.3f} ms a run")
    print(f"  {'five minutes':24} {reading * 1e6:7.1f} us, of which")
    per_reading = 1e6 / (days * 288)
    for part, seconds in parts.items():
        print(f"    {part.lstrip('0123456789 '):22} {seconds * per_reading:7.1f} us")
    rest = reading * 1e6 - bare * per_reading
    print(f"    {'Python between them':22} {rest:7.1f} us")


if __name__ == "__main__":
    main()
