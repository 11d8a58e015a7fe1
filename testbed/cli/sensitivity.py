"""``testbed sensitivity``: does a conclusion survive the assumptions that it rests on?"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from testbed.cli.console import Format, console, print_json
from testbed.cli.guard import CommandError, complain, nearest_name
from testbed.cli.progress import Bar, ProgressStyle

if TYPE_CHECKING:
    from testbed.api import Scenario, Study
    from testbed.study.assumed import Assumed
    from testbed.study.kept_sweep import KeptSweep
    from testbed.study.laboratory import Conclusion
    from testbed.study.swept import Sensitivity


class SweepMethod(Enum):
    """How assumptions are swept and ranked."""

    MORRIS = "morris"
    SOBOL = "sobol"


def sensitivity(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A scenario file (TOML).")],
    conclusion: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help='What is to hold, such as "all-three < as-shipped on unauthorised_U"; the '
            "file's [study.conclusion] if left out.",
        ),
    ] = None,
    method: Annotated[
        SweepMethod,
        typer.Option(help="Morris' elementary effects, or Sobol's indices for many more runs."),
    ] = SweepMethod.MORRIS,
    assumptions: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Which assumptions move: names, or the beginnings of names, with commas between "
            "them; all that the scenario has if left out.",
        ),
    ] = None,
    size: Annotated[
        int,
        typer.Option(
            min=2, max=4096, help="Trajectories (Morris) or base points, a power of 2 (Sobol)."
        ),
    ] = 8,
    top: Annotated[
        int,
        typer.Option(min=0, max=100, help="Along how many of the first to look for a turn."),
    ] = 5,
    replicates: Annotated[
        int,
        typer.Option(metavar="N", min=1, max=100_000, help="Replicates at each point."),
    ] = 20,
    seed: Annotated[
        int | None,
        typer.Option(metavar="S", min=0, max=2**64 - 1, help="The seed; the file's if left out."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="W", min=1, max=1024, help="How many processes.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="The folder of the scenario's results, in whose folder 'sensitivity' runs, "
            "sensitivity.json and tornado.png are saved; results/<name of the scenario> if left "
            "out, nothing is saved if empty ('').  Runs that are there already are not done again, "
            "and `testbed report` shows the last sweep with the study.",
        ),
    ] = None,
    progress: Annotated[
        ProgressStyle, typer.Option(help="On stderr: a bar, lines for a log, or nothing.")
    ] = ProgressStyle.BAR,
    output: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = (
        Format.TABLE
    ),
) -> None:
    """Sweep the assumptions of a scenario over their ranges, and say what a conclusion rests on.

    Ranks assumptions by how much they move the difference of two arms, says at how many points
    the conclusion held, and along the first few, all else as it is, at which value it turns.
    All points have the same dice.  Needs the extra 'sensitivity'.
    """
    from testbed.api import load, run_study
    from testbed.cli.run import available_workers, sensible_workers
    from testbed.study import Store
    from testbed.study.executor import InProcess, working
    from testbed.study.kept_sweep import KeptSweep
    from testbed.study.sensitivity import SensitivityError, sweep

    scenario = load(file)
    written = scenario.written
    if seed is not None:
        scenario = scenario.patched({"study.seed": seed})
    changes = {"study.replicates": replicates}
    scenario = scenario.patched(changes)
    asked = _conclusion(scenario, conclusion)
    rows = _rows(scenario, assumptions)
    many = workers or available_workers()
    folder = _folder(scenario, out)
    with Store(folder, ("testbed", "sensitivity")) as store, working(many) as at_work:

        def run(study: Scenario) -> Study:
            total = study.study.replicates * len(study.study.arms)
            few = workers is None and sensible_workers(study) == 1
            with Bar(total, progress) as bar:
                return run_study(
                    study, progress=bar, store=store, executor=InProcess() if few else at_work
                )

        try:
            found = sweep(scenario, asked, rows, method.value, size, run, top)
        except SensitivityError as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            if store.kept and folder is not None:
                complain([f"{folder}: {store.kept} runs are kept; the same command does the rest"])
            raise
    try:  # what was found is printed even if it cannot be saved
        saved = [] if folder is None else _save(folder, KeptSweep.of(scenario, written, found))
    finally:
        _print(scenario, found, output)
    if saved:
        complain([f"Saved in {folder}: {', '.join(path.name for path in saved)}"])


def _folder(scenario: Scenario, out: str | None) -> Path | None:
    from testbed.cli.outputs import prepare
    from testbed.study.kept_sweep import FOLDER

    if out == "":
        return None
    folder = Path("results", scenario.name) / FOLDER if out is None else Path(out) / FOLDER
    prepare(folder)
    return folder


def _save(folder: Path, kept: KeptSweep) -> list[Path]:
    from testbed.cli.outputs import saving
    from testbed.report.figures import write_png
    from testbed.report.swings import sensitivity_figure

    with saving(folder):
        saved = [kept.write(folder)]
        picture = folder / "tornado.png"
        picture.unlink(missing_ok=True)  # an older sweep's, where nothing moves this one
        figure = sensitivity_figure(kept.found, kept.title)
        return saved if figure is None else [*saved, write_png(figure, picture)]


def _print(scenario: Scenario, found: Sensitivity, output: Format) -> None:
    if output is Format.JSON:
        print_json({"scenario": scenario.name, "seed": scenario.study.seed} | found.as_json())
        return
    from testbed.report.sensitivity import sensitivity_report

    console().print(sensitivity_report(found, scenario.title))


def _conclusion(scenario: Scenario, text: str | None) -> Conclusion:
    from testbed.mitigations import arms_of
    from testbed.outcomes import METRICS
    from testbed.study.laboratory import Conclusion, SensitivityError

    if text is None:
        if scenario.study.conclusion is None:
            raise CommandError(
                '--conclusion: expected "ARM < ARM on METRIC", found none',
                "(or [study.conclusion] with less, than and metric in the file)",
            )
        return Conclusion.of(scenario.study.conclusion)
    try:
        asked = Conclusion.parse(text)
    except SensitivityError as error:
        raise CommandError(f"--conclusion: {error}") from None
    for arm in (asked.less, asked.than):
        if arm not in arms_of(scenario.study):
            raise nearest_name("an arm for --conclusion", arm, arms_of(scenario.study))
    if asked.metric not in METRICS:
        raise nearest_name("a metric for --conclusion", asked.metric, METRICS)
    return asked


def _rows(scenario: Scenario, names: str | None) -> list[Assumed]:
    from testbed.study.assumed import assumed

    every = assumed(scenario)
    if names is None:
        return list(every)
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if not any(row.name.startswith(name) for row in every):
            raise nearest_name(
                "an assumption that this scenario has", name, [row.name for row in every]
            )
    return [row for row in every if row.name.startswith(tuple(wanted))]
