"""The results in the README: a table and two pictures, made from the study of the cafe.

When a change moves the numbers and is meant to, write them anew from the project's folder::

    python -m tests.readme

With ``--check`` nothing is written, and the exit code says whether the table still holds.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from testbed.api import Study, load, run_study, simulate
from testbed.report.figures import save_figures

ROOT: Final = Path(__file__).parents[1]
README: Final = ROOT / "README.md"
IMAGES: Final = ROOT / "docs" / "images"
BEGIN: Final = "<!-- results: written by `python -m tests.readme` -->\n"
END: Final = "<!-- end of results -->\n"
SHOWN: Final = {
    "unauthorised_U": "insulin for the attacker (U)",
    "unsafe_dose": "runs with an unsafe dose (share)",
    "below_54_min": "time below 54 mg/dL (min)",
    "lowest_mgdl": "lowest glucose (mg/dL)",
}


def table(study: Study) -> str:
    """Return the attacked runs of a study as a table in Markdown."""
    lines = [f"| arm | {' | '.join(SHOWN.values())} |", "|---" * (len(SHOWN) + 1) + "|"]
    for arm, found in study.summary().items():
        cells = []
        for name in SHOWN:
            estimate, decimals = found.metrics[name], study.metrics[name].decimals
            text = estimate.mean_text(decimals)
            if not estimate.is_exact:
                text += f" ({estimate.limits_text(decimals)})"
            cells.append(text)
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the results, or check the table."""
    scenario = load(ROOT / "scenarios" / "cafe_pairing.toml")
    study = run_study(scenario, workers=min(os.cpu_count() or 1, 4))
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    written, _, after = rest.partition(END)
    wanted = f"\n{table(study)}\n"
    if "--check" in sys.argv:
        if written != wanted:
            print(f"README.md has{written}but it is{wanted}", "If this is meant:", sep="\n")
            print("python -m tests.readme")
        return int(written != wanted)
    README.write_text(before + BEGIN + wanted + END + after, "utf-8")
    run = simulate(scenario)
    for path in save_figures(study, run.trace, run.twin.trace, IMAGES):
        path.replace(path.with_name(f"cafe_{path.name}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
