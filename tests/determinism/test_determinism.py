"""The same study is the same study, whoever does the work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCENARIO = Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml"
REPLICATES = 21
"""One more than a process takes at a time, so that every arm is split."""


def _study(workers: int, hash_seed: int) -> bytes:
    """Return what a process of its own prints of the study, as JSON."""
    options = ["--replicates", str(REPLICATES), "--workers", str(workers), "--out", ""]
    return subprocess.run(
        [sys.executable, "-m", "testbed", "run", str(SCENARIO), *options, "--format", "json"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONHASHSEED": str(hash_seed),
        },
        capture_output=True,
        check=True,
    ).stdout


def test_numbers_depend_neither_on_workers_nor_on_hash_order() -> None:
    """One and two processes, under different hash seeds, print the same bytes."""
    once = _study(workers=1, hash_seed=1)
    assert b'"unauthorised_U"' in once
    assert _study(workers=2, hash_seed=4321) == once
