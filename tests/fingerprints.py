"""What the first replicate of each scenario and arm comes to, attacked and not.

Of each there is the SHA-256 of the whole trace, which changes with any change of what happens
in a run, and every metric.  When a change is meant, look at what it does, raise
``testbed.study.keys.RESULT_VERSION``, so that no store mixes old numbers and new, and write the
fingerprints anew from the project's folder::

    python -m tests.fingerprints

They are not written while what they were for an arm or a metric has moved and the version has
not.  What is only added, such as an arm or a metric, needs no new version.  With ``--check``
nothing is written, and the exit code says whether they still hold.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from testbed.api import load, simulate
from testbed.study.keys import RESULT_VERSION

ROOT: Final = Path(__file__).parents[1]
STORED: Final = Path(__file__).with_suffix(".json")

Fingerprints = dict[str, dict[str, dict[str, dict[str, str | float | None]]]]
"""By scenario, arm and side (``attacked`` or ``twin``): ``trace``, and each metric by its name."""

Flat = dict[tuple[str, str, str, str], str | float | None]
"""The same by scenario, arm, side, and ``trace`` or the metric."""


def found() -> Fingerprints:
    """Return the fingerprints of every scenario as it is."""
    result: Fingerprints = {}
    for path in sorted((ROOT / "scenarios").glob("*.toml")):
        scenario = load(path)
        result[scenario.name] = {}
        for arm in scenario.study.arms:
            run = simulate(scenario, arm)
            result[scenario.name][arm] = {
                side: {"trace": each.trace.fingerprint(), **each.outcome}
                for side, each in (("attacked", run), ("twin", run.twin))
            }
    return result


def stored() -> tuple[int, Fingerprints]:
    """Return the result version and the fingerprints as they were written down."""
    if not STORED.exists():
        return 0, {}
    known = json.loads(STORED.read_text("utf-8"))
    return known["result_version"], known["fingerprints"]


def flat(fingerprints: Fingerprints) -> Flat:
    """Return fingerprints in one mapping."""
    return {
        (scenario, arm, side, what): value
        for scenario, arms in fingerprints.items()
        for arm, sides in arms.items()
        for side, values in sides.items()
        for what, value in values.items()
    }


def differences(before: Flat, after: Flat) -> Iterator[str]:
    """Yield a line for each fingerprint that is not the same in both."""
    for key in sorted({*before, *after}):
        if key not in before:
            yield f"{', '.join(key)}: new"
        elif key not in after:
            yield f"{', '.join(key)}: gone"
        elif before[key] != after[key]:
            yield f"{', '.join(key)}: {_short(before[key])} is now {_short(after[key])}"


def needs_new_version(before: Flat, after: Flat) -> bool:
    """Return whether anything that was there, and still is, has moved."""
    return any(key in after and after[key] != value for key, value in before.items())


def _short(value: str | float | None) -> str:
    return value[:12] if isinstance(value, str) else repr(value)


def main(arguments: Sequence[str]) -> int:
    """Write the fingerprints, or check them; return the exit code."""
    now = found()
    version, then = stored()
    changed = list(differences(flat(then), flat(now)))
    if version != RESULT_VERSION:
        changed.append(f"result version {version} is now {RESULT_VERSION}")
    print("\n".join(changed) or "no fingerprint has changed")
    moved = needs_new_version(flat(then), flat(now)) and version >= RESULT_VERSION
    if moved:
        print("If the change is meant: raise RESULT_VERSION in testbed/study/keys.py")
    if "--check" in arguments:
        if changed and not moved:
            print("If the change is meant: python -m tests.fingerprints")
        return bool(changed)
    if moved:
        return 1
    written = {"result_version": RESULT_VERSION, "fingerprints": now}
    STORED.write_text(json.dumps(written, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
