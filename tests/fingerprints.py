"""One fingerprint a scenario and arm: the first replicate, attacked and not.

A fingerprint is the SHA-256 of a whole trace, so it changes with any change of what happens in
a run.  When a change is meant, look at what it does, and write the fingerprints anew from the
project's folder::

    python -m tests.fingerprints

With ``--check`` nothing is written, and the exit code says whether they still hold.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from testbed.api import load, simulate

ROOT: Final = Path(__file__).parents[1]
STORED: Final = Path(__file__).with_suffix(".json")

Fingerprints = dict[str, dict[str, dict[str, str]]]
"""By scenario, arm and side: ``attacked`` or ``twin``."""


def found() -> Fingerprints:
    """Return the fingerprints of every scenario as it is."""
    result: Fingerprints = {}
    for path in sorted((ROOT / "scenarios").glob("*.toml")):
        scenario = load(path)
        result[scenario.name] = {}
        for arm in scenario.study.arms:
            run = simulate(scenario, arm)
            result[scenario.name][arm] = {
                "attacked": run.trace.fingerprint(),
                "twin": run.twin.trace.fingerprint(),
            }
    return result


def stored() -> Fingerprints:
    """Return the fingerprints as they were written down."""
    known: Fingerprints = json.loads(STORED.read_text("utf-8")) if STORED.exists() else {}
    return known


def differences(before: Fingerprints, after: Fingerprints) -> Iterator[str]:
    """Yield a line for each fingerprint that differs between the two."""
    flat = [
        {
            (scenario, arm, side): text
            for scenario, arms in each.items()
            for arm, sides in arms.items()
            for side, text in sides.items()
        }
        for each in (before, after)
    ]
    for key in sorted({*flat[0], *flat[1]}):
        was, now = (each.get(key, "none")[:12] for each in flat)
        if was != now:
            yield f"{key[0]}, {key[1]}, {key[2]}: {was} is now {now}"


def main() -> int:
    """Write the fingerprints, or check them."""
    now = found()
    changed = list(differences(stored(), now))
    print("\n".join(changed) or "no fingerprint has changed")
    if "--check" not in sys.argv:
        STORED.write_text(json.dumps(now, indent=2) + "\n", "utf-8")
        return 0
    if changed:
        print("If the change is meant: python -m tests.fingerprints")
    return bool(changed)


if __name__ == "__main__":
    sys.exit(main())
