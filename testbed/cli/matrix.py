"""``testbed matrix``: every attack path against every mitigation, and what each costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from testbed.cli.console import console, print_json
from testbed.cli.guard import CommandError, complain, nearest_name
from testbed.cli.outputs import prepare
from testbed.cli.progress import Bar, ProgressStyle

if TYPE_CHECKING:
    from testbed.api import Scenario
    from testbed.study.matrix import Matrix
    from testbed.study.matrix_conclusions import Concluded

REPLICATES: Final = 20
"""Of each arm of each path: two lives of each of ten patients."""
SWEEP_REPLICATES: Final = REPLICATES


class MatrixFormat(Enum):
    """How a matrix is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


def matrix(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Scenario files with an attacker, or folders of them, of which those without one "
            "are left out; 'scenarios' if left out.",
        ),
    ] = None,
    mitigations: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Names with commas between them; all if left out."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The metric of harm; may be given again.  If left out, of units that an attacker "
            "gave, that a false reading led to, or that are missing, the most of each path.",
        ),
    ] = None,
    replicates: Annotated[
        int, typer.Option(metavar="N", min=2, max=1_000_000, help="Of each arm of each path.")
    ] = REPLICATES,
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="S", min=0, max=2**64 - 1, help="The seed; that of each file if left out."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="W",
            min=1,
            max=1024,
            help="How many processes share the work; as many as there are processors if left out.  "
            "The results do not depend on it.",
        ),
    ] = None,
    out: Annotated[
        str,
        typer.Option(
            metavar="DIR",
            help="Where runs, the tables (matrix.json, .csv, .md) and their picture (matrix.png) "
            "are saved; nothing is if empty ('').  Runs that are there already are not done again. "
            "`testbed report` makes a page of it.",
        ),
    ] = "results/matrix",
    sweep: Annotated[
        bool,
        typer.Option(
            "--sweep",
            help="Also at each value of two numbers that nobody has published: how often prompts "
            "of nobody's asking are confirmed, and how often boluses are asked for on the meter.  "
            "It compares the lines of the advice, or what --mitigations names.",
        ),
    ] = False,
    sweep_replicates: Annotated[
        int, typer.Option(metavar="N", min=2, max=1_000_000, help="Of each arm, in the sweeps.")
    ] = SWEEP_REPLICATES,
    progress: Annotated[
        ProgressStyle,
        typer.Option(help="On stderr: a bar where it is a terminal, lines for a log, or nothing."),
    ] = ProgressStyle.BAR,
    output: Annotated[
        MatrixFormat, typer.Option("--format", help="What is printed on stdout.")
    ] = MatrixFormat.TABLE,
) -> None:
    """Run every attack path against every mitigation.

    Prints what each mitigation, by itself, changes of the harm of each path against the system as
    shipped, and what it costs when nobody attacks.  A mitigation that changes nothing is printed
    as exactly 0, with the reason.  An interrupted matrix goes on where it was.
    """
    from testbed.cli.run import available_workers
    from testbed.study import Store
    from testbed.study.executor import working
    from testbed.study.matrix_conclusions import Concluded, conclude
    from testbed.study.matrix_run import run_matrix
    from testbed.study.matrix_sweep import run_sweep

    chosen = _named(mitigations)
    metrics = _metrics(metric or ())
    scenarios = _scenarios(paths or ["scenarios"])
    folder = Path(out) if out else None
    if folder is not None:
        prepare(folder)
    many = workers or available_workers()
    with (
        Store(folder, ("testbed", "matrix")) as store,
        Bar(0, progress) as bar,
        working(many) as at_work,
    ):
        try:
            found = run_matrix(
                scenarios,
                chosen,
                metrics=metrics,
                replicates=replicates,
                seed=seed,
                executor=at_work,
                progress=bar,
                store=store,
            )
            concluded = Concluded()
            if sweep:
                concluded = conclude(
                    run_sweep(
                        scenarios,
                        advice() if chosen is None else chosen,
                        metrics=metrics,
                        replicates=sweep_replicates,
                        seed=seed,
                        executor=at_work,
                        progress=bar,
                        store=store,
                    )
                )
        except KeyboardInterrupt:
            if store.kept and folder is not None:
                complain([f"{folder}: {store.kept} runs are kept; the same command does the rest"])
            raise
    try:  # the tables are printed even if they cannot be saved
        saved = [] if folder is None else _save(folder, found, concluded)
    finally:
        _print(found, concluded, output)
    if saved:
        complain([f"Saved in {folder}: {', '.join(path.name for path in saved)}"])


def _named(mitigations: str | None) -> tuple[str, ...] | None:
    from testbed.mitigations import MITIGATIONS

    if mitigations is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in mitigations.split(",")))
    for name in names:
        if name not in MITIGATIONS:
            raise nearest_name("a mitigation for --mitigations", name, MITIGATIONS)
    return names


def advice() -> tuple[str, ...]:
    """Return the lines of the advice, which are compared where no mitigations are named."""
    from testbed.mitigations import MITIGATIONS

    return tuple(name for name, each in MITIGATIONS.items() if each.bearer == "wearer")


def _metrics(names: Sequence[str]) -> tuple[str, ...] | None:
    from testbed.outcomes import METRICS

    for name in names:
        if name not in METRICS:
            raise nearest_name("a metric for --metric", name, METRICS)
    return tuple(dict.fromkeys(names)) or None


def _scenarios(paths: Sequence[str]) -> list[Scenario]:
    """Return the scenarios of files and folders, in the order given and then of their names.

    Raises:
        CommandError: If there is none, one is there twice, or a file has no attacker.
        ScenarioError: If a file is not a scenario.
    """
    from testbed.api import load
    from testbed.scenario.errors import printable

    found: dict[str, Scenario] = {}
    for path in paths:
        files = sorted(Path(path).glob("*.toml")) if Path(path).is_dir() else [Path(path)]
        if not files:
            raise CommandError(printable(f"{path}: expected scenario files (*.toml), found none"))
        for file in files:
            scenario = load(file)
            if scenario.attacker is None:
                if file == Path(path):
                    raise CommandError(
                        printable(f"{path}: attacker: expected an attacker, found nothing")
                    )
                continue
            if scenario.name in found:
                raise CommandError(
                    printable(f"{file}: expected one scenario of each name, found two")
                )
            found[scenario.name] = scenario
    if not found:
        raise CommandError(
            printable(f"{', '.join(paths)}: expected a scenario with an attacker, found none")
        )
    return list(found.values())


def _save(folder: Path, found: Matrix, concluded: Concluded) -> list[Path]:
    from testbed.cli.outputs import saving
    from testbed.report.figures import write_png
    from testbed.report.matrix_files import matrix_csv, matrix_json, matrix_markdown
    from testbed.report.matrix_map import matrix_figure
    from testbed.study.manifest import write_whole

    told = json.dumps(matrix_json(found, concluded), indent=2, allow_nan=False) + "\n"
    texts = {
        "matrix.json": told,
        "matrix.csv": matrix_csv(found),
        "matrix.md": matrix_markdown(found, concluded),
    }
    with saving(folder):
        for name, text in texts.items():
            write_whole(folder / name, text)
        picture = write_png(matrix_figure(found), folder / "matrix.png")
    return [*(folder / name for name in texts), picture]


def _print(found: Matrix, concluded: Concluded, output: MatrixFormat) -> None:
    from testbed.report.matrix_files import matrix_csv, matrix_json, matrix_markdown

    if output is MatrixFormat.JSON:
        print_json(matrix_json(found, concluded))
    elif output is MatrixFormat.CSV:
        print(matrix_csv(found), end="")
    elif output is MatrixFormat.MD:
        print(matrix_markdown(found, concluded), end="")
    else:
        from testbed.report.matrix import matrix_report
        from testbed.report.matrix_sweep import sweep_report

        terminal = console()
        terminal.print(matrix_report(found))
        if concluded.conclusions:
            terminal.print()
            terminal.print(sweep_report(concluded))
