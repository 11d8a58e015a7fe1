"""What a day is made of, and what a richer one costs: milliseconds a run, one thing at a time.

The first table takes the day of a scenario apart: the readings of a sensor that nobody disturbs,
the people, the attacker.  The second adds to the day one thing that a scenario may ask for.  Every
row is the best of many rounds, and the rounds of all rows take turns, because the machine may have
other work: what counts are the differences between rows of one run of this program.

    python benchmarks/days.py [scenarios/cafe_pairing.toml]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import testbed
from testbed.outcomes import measure
from testbed.scenario import Scenario
from testbed.world import live

ROUNDS = 25
REPLICATES = 5

RICHER: dict[str, dict[str, Any]] = {
    "suspend-on-low": {"pump.therapy": "suspend-on-low"},
    "suspend-before-low": {"pump.therapy": "suspend-before-low"},
    "hybrid-closed-loop": {"pump.therapy": "hybrid-closed-loop", "pump.max_basal_U_per_h": 5.0},
    "a basal profile of two rates": {
        "pump.basal": [{"at": "00:00", "U_per_h": 0.9}, {"at": "12:00", "U_per_h": 1.1}]
    },
    "a reservoir that runs low": {"pump.reservoir_U": 30.0},
    "meter sticks and the calculator": {
        "patient.behaviour.stick_before_meals": 1.0,
        "patient.behaviour.calculator_at_meals": 1.0,
        "patient.behaviour.correct_highs": 1.0,
    },
    "a care partner": {"patient.profile": "child-with-care-partner"},
    "calibrations": {"cgm.calibration": "one-point-gain"},
    "gaps, and a new sensor": {"cgm.missing_share": 0.04, "cgm.new_sensor_after": "6h"},
    "error of facchinetti-2014": {"cgm.error_model": "facchinetti-2014"},
    "error of vettoretti-2019": {"cgm.error_model": "vettoretti-2019"},
    "keys rotated every hour": {"link.rotate_keys_every": "1h"},
    "channel mac-no-counter": {"link.channel": "mac-no-counter"},
    "channel plaintext": {"link.channel": "plaintext"},
}


class NoCipher:
    """Stands in for an AEAD to tell what the AEAD costs where it is used."""

    def __init__(self, _key: bytes) -> None:
        pass

    def encrypt(self, _nonce: bytes, data: bytes, _header: bytes) -> bytes:
        """Return the data as it is."""
        return data

    decrypt = encrypt


def days(scenario: Scenario, *, attack: bool) -> Callable[[], object]:
    """Return the living of a few replicates."""
    return lambda: [live(scenario, r, attack=attack) for r in range(REPLICATES)]


def without_cipher(work: Callable[[], object]) -> Callable[[], object]:
    """Return ``work`` with an AEAD that does nothing."""

    def bare() -> None:
        with patch("testbed.protocol.suite.ChaCha20Poly1305", NoCipher):
            work()

    return bare


def best(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the shortest time of each on the processor, ms a replicate."""
    times = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            start = time.process_time()
            work()
            times[name] = min(times[name], time.process_time() - start)
    return {name: seconds * 1e3 / REPLICATES for name, seconds in times.items()}


def main() -> None:
    """Measure, and print two tables."""
    path = sys.argv[1] if len(sys.argv) > 1 else "scenarios/cafe_pairing.toml"
    day = testbed.load(path)
    quiet = day.patched({"meal": [], "stay": [], "pairing": []})
    hour = quiet.patched({"time.duration": "1h"})
    traces = [(live(day, r, attack=True), live(day, r, attack=False)) for r in range(REPLICATES)]
    works = {
        "hour": days(hour, attack=False),
        "quiet": days(quiet, attack=False),
        "without AEAD": without_cipher(days(quiet, attack=False)),
        "twin": days(day, attack=False),
        "attacked": days(day, attack=True),
        "measure": lambda: [measure(*pair) for pair in traces],
        **{name: days(day.patched(changes), attack=False) for name, changes in RICHER.items()},
    }
    ms = best(works)
    hours = day.minutes / 60
    readings = (ms["quiet"] - ms["hour"]) * hours / (hours - 1)
    rows = {
        "setting up and ending": ms["quiet"] - readings,
        "readings of the sensor": readings,
        "  the AEAD among them": ms["quiet"] - ms["without AEAD"],
        "people: meals, doses, ways, linking": ms["twin"] - ms["quiet"],
        "a day that nobody attacks": ms["twin"],
        "the attacker, and what follows": ms["attacked"] - ms["twin"],
        "a day that is attacked": ms["attacked"],
        "measuring it": ms["measure"],
    }
    print(f"Python {sys.version}")
    print(f"{path}: ms a run, {readings / hours / 12 * 1e3:.1f} us a reading")
    for name, each in rows.items():
        print(f"  {name:38} {each:7.3f}")
    print("a day that nobody attacks, and in it one thing more:")
    for name in RICHER:
        print(f"  {name:38} {ms[name]:7.3f} {ms[name] - ms['twin']:+8.3f}")


if __name__ == "__main__":
    main()
