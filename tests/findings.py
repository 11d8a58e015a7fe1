"""The results in docs/findings.md: every path against every mitigation, and the sweeps.

When a change moves the numbers and is meant to, write them anew from the project's folder::

    python -m tests.findings --sweep-replicates 10

It takes about half an hour on two processors.  With ``--out DIR`` runs are kept there, and what is
there already is not done again.  The text around the results is written by hand and stays.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from testbed.api import Scenario, load
from testbed.cli.matrix import REPLICATES, SWEEP_REPLICATES, advice
from testbed.cli.progress import Bar, ProgressStyle
from testbed.report.matrix_files import matrix_details
from testbed.report.matrix_words import summary_lines
from testbed.study import Store
from testbed.study.executor import working
from testbed.study.matrix_conclusions import Concluded, conclude
from testbed.study.matrix_run import run_matrix
from testbed.study.matrix_sweep import run_sweep

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "findings.md"
SHORT: Final = "<!-- in short: written by `python -m tests.findings` -->\n"
BEGIN: Final = "<!-- results: written by `python -m tests.findings` -->\n"
END: Final = "<!-- end of results -->\n"


def paths(names: Sequence[str] = ()) -> list[Scenario]:
    """Return the scenarios of the project that have an attacker, all or those of some names."""
    found = (load(path) for path in sorted((ROOT / "scenarios").glob("*.toml")))
    return [
        scenario
        for scenario in found
        if scenario.attacker is not None and (not names or scenario.name in names)
    ]


def cells_of(page: str, path: str) -> dict[str, tuple[str, str]]:
    """Return the effect and the limits that a page has of each mitigation on one path.

    Where the page says that it is exactly 0 both are ``0`` and the reason.

    Args:
        page: The text of the page.
        path: The name of the path's scenario.
    """
    _, _, rest = page.partition(f"`scenarios/{path}.toml`. As shipped:")
    section = rest.partition("\n### ")[0].partition("\n## ")[0]
    found: dict[str, tuple[str, str]] = {}
    for line in section.splitlines():
        if line.startswith("| `"):
            name, effect, limits, _ = (part.strip() for part in line.strip("| ").split(" | "))
            found[name.strip("`")] = (effect.strip("*"), limits)
        elif line.startswith("Exactly 0, "):
            reason, _, names = line.removeprefix("Exactly 0, ").rstrip(".").partition(": ")
            found.update((name.strip("`"), ("0", reason)) for name in names.split(", "))
    return found


def replicates_of(page: str) -> int:
    """Return how many replicates an arm the results of a page are of.

    Raises:
        ValueError: If it does not say.
    """
    found = re.search(r"^\* (\d+) replicates an arm", page, re.MULTILINE)
    if found is None:
        raise ValueError("expected a line on replicates, found none")
    return int(found[1])


def written(page: str, results: str, begin: str = BEGIN) -> str:
    """Return a page with other results between two of its marks.

    Args:
        page: The text of the page.
        results: What stands between the marks.
        begin: The first mark; the second is the next :data:`END`.

    Raises:
        ValueError: If it has no such marks.
    """
    before, found, rest = page.partition(begin)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"expected {begin.strip()} and {END.strip()}, found neither or one")
    return f"{before}{begin}\n{results}\n{END}{after}"


def command(replicates: int, sweep_replicates: int) -> str:
    """Return the command that gives what the page has."""
    sweep = f" --sweep --sweep-replicates {sweep_replicates}" if sweep_replicates else ""
    return f"testbed matrix scenarios --replicates {replicates}{sweep} --format md"


def main(arguments: Sequence[str]) -> int:
    """Write the results."""
    parser = argparse.ArgumentParser(prog="python -m tests.findings")
    parser.add_argument("names", nargs="*", help="some paths only; all if left out")
    parser.add_argument("--out", type=Path, help="a folder that keeps the runs")
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 16))
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--sweep-replicates", type=int, default=SWEEP_REPLICATES, help="0: none")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page that is written anew")
    chosen = parser.parse_args(arguments)
    scenarios = paths(chosen.names)
    with (
        Store(chosen.out) as store,
        Bar(0, ProgressStyle.LOG) as bar,
        working(chosen.workers) as at_work,
    ):
        matrix = run_matrix(
            scenarios,
            replicates=chosen.replicates,
            executor=at_work,
            progress=bar,
            store=store,
        )
        told = Concluded()
        if chosen.sweep_replicates:
            told = conclude(
                run_sweep(
                    scenarios,
                    advice(),
                    replicates=chosen.sweep_replicates,
                    executor=at_work,
                    progress=bar,
                    store=store,
                )
            )
    made_by = ["```sh", command(chosen.replicates, chosen.sweep_replicates), "```", ""]
    short = "\n".join([*made_by, *summary_lines(matrix, told)])
    page = written(chosen.page.read_text("utf-8"), short, SHORT)
    chosen.page.write_text(written(page, matrix_details(matrix, told)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
