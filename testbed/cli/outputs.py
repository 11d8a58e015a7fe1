"""The folder that a study is saved in: found fit before the work, filled after it.

The runs themselves are in its store from the moment they are done.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from testbed.cli import complete
from testbed.cli.guard import CommandError

if TYPE_CHECKING:
    from testbed.api import Run, Study

FIGURES: Final = ("arms.png", "example_run.png")
"""The plots, as :func:`testbed.report.figures.save_figures` names them."""

TABLES: Final = ("study.json", "summary.csv", "runs.csv")
"""The summary with what each metric means, the same as a long table, and one row a run."""

ShownArms = Annotated[
    str | None,
    typer.Option(
        "--arms",
        metavar="NAMES",
        help="Which arms tables and plots show: names with commas between them, a number for so "
        "many that leave least harm, or 'all' for one of each that came out differently.  If left "
        "out, all of up to 64 arms, and the leading ones of more.",
        autocompletion=complete.several_arms,
    ),
]


def prepare(folder: Path) -> None:
    """Make the folder and find out whether every file can be written, before any work is done.

    Raises:
        CommandError: If the folder cannot be made or written to, or a file is in the way.
    """
    from testbed.study.database import DATABASE, LOCK
    from testbed.study.manifest import MANIFEST

    with saving(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for name in (*FIGURES, *TABLES, DATABASE, LOCK, MANIFEST):
            if (folder / name).exists():
                with (folder / name).open("ab"):
                    pass


def save(folder: Path, study: Study, example: Run) -> list[Path]:
    """Write all files and return their paths; the tables come first, as they are the results.

    Args:
        folder: A folder that :func:`prepare` found fit.
        study: The finished study.
        example: The attacked run that the example plot shows.

    Raises:
        CommandError: If a file cannot be written.
    """
    from testbed.report.figures import save_figures
    from testbed.study.frames import write_csv
    from testbed.study.manifest import write_whole

    told = json.dumps(study.as_json(), indent=2, allow_nan=False) + "\n"
    with saving(folder):
        write_whole(folder / "study.json", told)
        write_whole(folder / "summary.csv", study.as_csv())
        write_csv(study, folder / "runs.csv", study.distinct)
        figures = save_figures(study, example.trace, example.twin.trace, folder)
    return [*figures, *(folder / name for name in TABLES)]


@contextmanager
def saving(folder: Path) -> Iterator[None]:
    """Have a file that cannot be written be a line for people.

    Raises:
        CommandError: If a file of the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise _refused(folder, error) from None


def _refused(folder: Path, error: OSError) -> CommandError:
    from testbed.scenario.errors import printable

    where = error.filename if isinstance(error.filename, str) else str(folder)
    why = (error.strerror or str(error)).lower()
    return CommandError(
        printable(f"--out: expected a folder to write to, found {where}: {why}"),
        "(--out DIR saves elsewhere, --out '' saves nothing)",
    )
