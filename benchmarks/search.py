"""How long the search over each pairing method takes, and how much memory all of it needs.

Run from the project's root: ``python benchmarks/search.py``.
"""

from __future__ import annotations

import resource
import time

from testbed.protocol.pairings import PAIRINGS
from testbed.verification.verify import verify


def main() -> None:
    """Search method by method, and print what each took."""
    print(f"{'method':20} {'seconds':>8} {'states':>8}")
    total = 0.0
    for name in PAIRINGS:
        began = time.process_time()
        rows = verify([name])
        took = time.process_time() - began
        total += took
        print(f"{name:20} {took:8.1f} {sum(row.states for row in rows):8,}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'all':20} {total:8.1f}          {peak:.0f} MB at most, one core")


if __name__ == "__main__":
    main()
