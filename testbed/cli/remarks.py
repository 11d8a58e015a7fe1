"""What ``testbed run`` says beside its tables: what was there, what was saved, how long it took."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from testbed.report.progress import length_text
from testbed.scenario.errors import printable

if TYPE_CHECKING:
    from testbed.api import Run, Study
    from testbed.study.store import Begun

_MOST_NAMED: Final = 5
"""Settings that are named where more have changed."""


def found(folder: Path, begun: Begun) -> list[str]:
    """Return what to say of the runs that a folder has before a study is run into it."""
    lines = []
    if begun.changed:
        lines.append(
            f"{folder}: a new study, because {', '.join(begun.changed[:_MOST_NAMED])} changed; "
            "the runs of the one before are kept"
        )
    if begun.there == begun.total:
        lines.append(f"{folder}: all {begun.total} runs are there")
    elif begun.there:
        lines.append(
            f"{folder}: {begun.there} of {begun.total} runs are there, "
            f"{begun.total - begun.there} to do"
        )
    return [printable(line) for line in lines]


def spared(simulated: int, study: Study) -> list[str]:
    """Return what to say of runs that were not done because they could not differ."""
    total = study.replicates * len(study.arms)
    if simulated == total:
        return []
    return [
        f"{simulated} of {total} runs were simulated and {total - simulated} saved, in which no "
        "setting was consulted in which they differ from one of those (--run-all does them all)"
    ]


def took(seconds: float, done: int) -> list[str]:
    """Return how long simulating took, with all that goes with it."""
    return [f"{done} runs took {length_text(seconds)}"] if done else []


def kept(folder: Path, done: int, total: int) -> str:
    """Return what to say of a study that was interrupted."""
    return printable(f"{folder}: {done} of {total} runs are kept; the same command does the rest")


def where(file: str, paths: Sequence[Path], example: Run) -> list[str]:
    """Return where files are, and which run is the example."""
    folder = paths[0].parent
    return [
        printable(line)
        for line in (
            f"Saved in {folder}: {', '.join(path.name for path in paths)}",
            f"example_run.png is replicate {example.replicate} of {example.arm}; event by event:",
            f"  testbed trace {shlex.quote(file)} --arm {shlex.quote(example.arm)} "
            f"--replicate {example.replicate}",
        )
    ]
