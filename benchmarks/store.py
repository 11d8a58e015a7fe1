"""How much memory a study's results need as they grow: rows made up, not simulated.

For each number of rows a process of its own stores that many, reads them back into tables and
writes them as CSV, and tells its highest memory at each point; what Python and the libraries
need by themselves is the line of the fewest rows.

    python benchmarks/store.py [ROWS ...]
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from testbed.outcomes import METRICS
from testbed.scenario import Scenario
from testbed.study.executor import Done, InProcess, Task
from testbed.study.frames import write_csv
from testbed.study.row import Row
from testbed.study.sharing import Ran
from testbed.study.study import run_study

ROWS = (1_000, 10_000, 100_000)
ARMS = ("as-shipped", "remote-bolus-off", "pair-in-private", "cancel-unexpected-bolus")
PATIENTS = 10


class MadeUp(InProcess):
    """Makes rows up instead of simulating them."""

    def run(self, tasks: object) -> Iterator[Done]:
        """Yield each task with rows of random numbers."""
        each: Task
        for each in tasks:  # type: ignore[attr-defined]
            yield (
                each,
                [
                    Ran(_row(ARMS[arm], replicate), (arm,), b"[]", 2)
                    for replicate in each.replicates
                    for arm in each.arms
                ],
            )


def _row(arm: str, replicate: int) -> Row:
    dice = random.Random(f"{arm} {replicate}")
    sides = [
        {
            name: float(dice.random() < 0.5) if metric.is_share else 100 * dice.random()
            for name, metric in METRICS.items()
        }
        for _ in range(2)
    ]
    return Row(arm, replicate, f"patient {replicate % PATIENTS}", sides[0], sides[1])


def peak_mb() -> float:
    """Return the highest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rows: int) -> None:
    """Store that many rows, read them back, and print what it took."""
    scenario = Scenario.from_written(
        {
            "title": "Rows made up",
            "study": {
                "replicates": rows // len(ARMS),
                "arms": {arm: [] if arm == ARMS[0] else [arm] for arm in ARMS},
            },
        },
        "made_up",
    )
    # Without a cafe some of these arms would come to the same world, and share their runs.
    scenario = scenario.patched(
        {
            "stay": [{"from": "12:00", "place": "cafe"}],
            "pairing": [{"device": "meter", "at": "12:10"}],
            "pump.remote_bolus": True,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        numbers: list[float] = []
        began = time.perf_counter()
        study = run_study(scenario, store=path, executor=MadeUp())
        numbers += [time.perf_counter() - began, peak_mb()]
        began = time.perf_counter()
        study.summary()
        numbers += [time.perf_counter() - began, peak_mb()]
        began = time.perf_counter()
        write_csv(study, path / "runs.csv")
        numbers += [time.perf_counter() - began, peak_mb()]
        size = (path / "runs.sqlite").stat().st_size / 1e6
    print(f"{len(study.rows):>9,}", *(f"{number:9.1f}" for number in numbers), f"{size:9.1f}")


def main() -> None:
    """Measure each number of rows in a process of its own."""
    if os.environ.get("TESTBED_BENCHMARK_ROWS"):
        measure(int(os.environ["TESTBED_BENCHMARK_ROWS"]))
        return
    heads = ("store s", "peak MB", "tables s", "peak MB", "CSV s", "peak MB", "file MB")
    print(f"{'rows':>9}", *(f"{head:>9}" for head in heads), flush=True)
    for rows in [int(each) for each in sys.argv[1:]] or ROWS:
        subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, "TESTBED_BENCHMARK_ROWS": str(rows)},
            check=True,
        )


if __name__ == "__main__":
    main()
