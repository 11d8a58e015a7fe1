"""``testbed run``: a whole study, its tables and its plots."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from testbed.cli import complete
from testbed.cli.console import StudyFormat, console, print_json
from testbed.cli.guard import UNMET, CommandError, complain, nearest_name
from testbed.cli.outputs import ShownArms, prepare, save
from testbed.cli.progress import Bar, ProgressStyle

if TYPE_CHECKING:
    from testbed.api import Run, Scenario, Study
    from testbed.study.executor import Executor
    from testbed.study.expectations import Verdict

_MOST_WORKERS: Final = 16
_WORTH_A_WORKER: Final = 200
"""Runs below which starting another process takes longer than the runs."""


def run(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A scenario file (TOML).")],
    replicates: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=10_000_000,
            help="How many times each arm is run, at most where the file asks for a precision; the "
            "file's number if left out.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="S", min=0, max=2**64 - 1, help="The seed; the file's if left out."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="W",
            min=1,
            max=1024,
            help="How many processes share the work; as many as there are processors, and fewer "
            "for a small study, if left out.  The results do not depend on it.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Where runs, plots and tables are saved, whatever the format; "
            "results/<name of the scenario> if left out, nothing is saved if empty ('').  Runs "
            "that are there already are not done again.",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Share the work out among a Dask cluster that runs already, by its scheduler's "
            "address, such as tcp://127.0.0.1:8786 (extra 'dask').",
        ),
    ] = None,
    progress: Annotated[
        ProgressStyle,
        typer.Option(
            help="On stderr: a bar where it is a terminal, a line every ten seconds for a log, "
            "or nothing."
        ),
    ] = ProgressStyle.BAR,
    run_all: Annotated[
        bool,
        typer.Option(
            "--run-all",
            help="Do every run, also those that cannot differ from another arm's.  The results "
            "are the same, to the last digit.",
        ),
    ] = False,
    output: Annotated[
        StudyFormat, typer.Option("--format", help="What is printed on stdout.")
    ] = StudyFormat.TABLE,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Which metrics the tables show: names with commas between them, or 'all'; the "
            "usual ones if left out.  Files and other formats always have all of them.",
            autocompletion=complete.metrics,
        ),
    ] = None,
    arms: ShownArms = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Compare the results with the file's [[expect]] rows, which are written for the "
            "file's replicates and seed; exit code 1 if any fails.",
        ),
    ] = False,
) -> None:
    """Run the study of a scenario file: every arm, attacked and not.

    Prints three tables: the attacked runs, the effect of each arm against the baseline, and its
    price when nobody attacks; and two of counts: how far attacks came, and how severe runs are by
    the scenario's scale.  Saves them as study.json and summary.csv, every run as runs.csv,
    and two plots, arms.png and example_run.png.

    Runs are kept in runs.sqlite as they are done.  A study that was interrupted goes on from
    there, and more replicates or arms add to it; a changed scenario is another study beside it.
    """
    from testbed.api import run_study
    from testbed.cli import remarks
    from testbed.mitigations import arms_of
    from testbed.study import Store
    from testbed.study.expectations import check as compare

    if dask is not None and workers is not None:
        raise CommandError("--dask: expected either --dask or --workers, found both")

    shown = None if metrics is None else chosen(metrics)
    scenario = _loaded(file, replicates, seed, arms)
    folder = Path("results", scenario.name) if out is None else Path(out) if out else None
    if folder is not None:
        prepare(folder)
    executor = None if dask is None else cluster(dask)
    total = scenario.study.replicates * len(arms_of(scenario.study))
    with Store(folder, _command(file, scenario)) as store, Bar(total, progress) as bar:
        begun = store.begin(scenario)
        if folder is not None:
            complain(remarks.found(folder, begun))
        began, before = time.monotonic(), store.simulated(scenario.study.replicates)
        try:
            study = run_study(
                scenario,
                workers=workers or sensible_workers(scenario),
                progress=bar,
                store=store,
                executor=executor,
                share=not run_all,
            )
        except KeyboardInterrupt:
            if store.kept and folder is not None:
                complain([remarks.kept(folder, bar.done, total)])
            raise
        simulated = store.simulated(study.replicates)
        if bar.is_watched:
            complain(remarks.took(time.monotonic() - began, simulated - before))
    verdicts = compare(study, scenario.expect) if check else None
    if arms is not None:
        study = study.show(arms)

    saved: list[str] = []
    try:  # the tables are printed even if they cannot be saved
        if folder is not None:
            example = _example(scenario, study)
            saved = remarks.where(file, save(folder, study, example), example)
        saved += remarks.spared(simulated, study)
    finally:
        _print(file, study, output, verdicts, shown)
        tell(saved, output)
    if not all(verdict.passed for verdict in verdicts or ()):
        raise typer.Exit(UNMET)


def _loaded(file: str, replicates: int | None, seed: int | None, arms: str | None) -> Scenario:
    """Return the scenario with what was asked for.

    Raises:
        UnknownArmError: If it has none of the arms that tables are to show.
    """
    from testbed.api import load
    from testbed.mitigations import arms_of
    from testbed.study.shown import names_in

    scenario = load(file)
    if seed is not None:
        scenario = scenario.patched({"study.seed": seed})
    if replicates is not None:
        scenario = scenario.patched({"study.replicates": replicates})
    if arms is not None:
        names_in(arms, arms_of(scenario.study))
    return scenario


def cluster(address: str) -> Executor:
    """Return who does the work of ``--dask``.

    Raises:
        MissingExtraError: If the extra is not installed.
    """
    from testbed.study.cluster import DaskCluster

    return DaskCluster(address)


def _command(file: str, scenario: Scenario) -> tuple[str, ...]:
    """Return the command that gives the same numbers, however many processes did the work."""
    study = scenario.study
    options = ("--replicates", str(study.replicates), "--seed", str(study.seed))
    return ("testbed", "run", file, *options)


def sensible_workers(scenario: Scenario) -> int:
    """Return how many processes are worth their start for a study."""
    from testbed.mitigations import arms_of

    runs = scenario.study.replicates * len(arms_of(scenario.study))
    return max(1, min(available_workers(), runs // _WORTH_A_WORKER))


def available_workers() -> int:
    """Return how many processes this machine has processors for."""
    return min(os.cpu_count() or 1, _MOST_WORKERS)


def chosen(metrics: str) -> list[str]:
    """Return the names of metrics that ``--metrics`` asks for.

    Raises:
        CommandError: If there is no such metric.
    """
    from testbed.outcomes import METRICS

    if metrics == "all":
        return list(METRICS)
    names = list(dict.fromkeys(name.strip() for name in metrics.split(",")))
    for name in names:
        if name not in METRICS:
            raise nearest_name("a metric for --metrics", name, METRICS)
    return names


def tell(lines: Sequence[str], output: StudyFormat) -> None:
    """Print lines below a table, and on stderr where stdout is for a program to read."""
    if output is StudyFormat.TABLE:
        for line in lines:
            print(line)
    else:
        complain(lines)


def _example(scenario: Scenario, study: Study) -> Run:
    """Return the first run of the baseline in which the attacker's insulin came, or the first."""
    from testbed.api import simulate

    rows = study.of(study.baseline)
    hit = (row.replicate for row in rows if (row.attacked.get("unauthorised_U") or 0) > 0)
    return simulate(scenario, study.baseline, next(hit, 0))


def _print(
    file: str,
    study: Study,
    output: StudyFormat,
    verdicts: tuple[Verdict, ...] | None,
    metrics: list[str] | None,
) -> None:
    from testbed.scenario.errors import printable
    from testbed.study.expectations import told

    lines = [] if verdicts is None else list(map(printable, told(file, study, verdicts)))
    if output is StudyFormat.JSON:
        data = study.as_json()
        if verdicts is not None:
            data["expectations"] = [dataclasses.asdict(verdict) for verdict in verdicts]
        print_json(data)
    elif output is StudyFormat.CSV:
        print(study.as_csv(), end="")
    else:
        from testbed.report.tables import study_report

        console().print(study_report(study, metrics))
        print()
    tell(lines, output)
