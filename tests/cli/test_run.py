"""``testbed run``."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from testbed.cli.run import sensible_workers
from testbed.outcomes import METRICS
from testbed.scenario import Scenario
from tests.cafe import SMALL

from .conftest import Command

SAVED = {
    *("arms.png", "example_run.png", "study.json", "summary.csv", "runs.csv"),
    *("runs.sqlite", "runs.lock", "manifest.json"),
}


def test_study_is_printed_and_saved(testbed: Command, small: Path) -> None:
    """The tables come on stdout, and plots and tables go to results/ and the scenario's name."""
    ended = testbed("run", "cafe.toml")
    assert (ended.code, ended.err) == (0, "")
    for words in (
        *("An hour in a cafe", "remote-bolus-off", "Effect:", "Price:"),
        *("Funnel:", "Severity"),
    ):
        assert words in ended.out
    assert "Saved in results/cafe" in ended.out
    assert {path.name for path in Path("results/cafe").iterdir()} == SAVED


def test_example_in_the_figure_can_be_looked_up(testbed: Command, small: Path) -> None:
    """The command that the closing lines name prints the run that the figure shows."""
    ended = testbed("run", "cafe.toml")
    (line,) = re.findall(r"testbed (trace .*)", ended.out)
    assert "sends" in testbed(*line.split()).out


def test_json_is_all_there_is_on_stdout(testbed: Command, small: Path) -> None:
    """With --format json stdout is one JSON document of the promised shape, also saved."""
    ended = testbed("run", "cafe.toml", "--format", "json", "--out", "there")
    found = json.loads(ended.out)
    assert (found["scenario"], found["baseline"]) == ("cafe", "as-shipped")
    assert list(found["arms"]) == ["as-shipped", "remote-bolus-off"]
    for arm in found["arms"].values():
        for kind in ("metrics", "effects", "prices"):
            for estimate in arm[kind].values():
                assert {"mean", "low", "high", "n"} <= set(estimate)
    assert {each["stage"] for each in found["funnel"]} >= {"in_range", "accepted", "harmed"}
    assert found["severity"]["scale"] == "tidepool"
    assert {each["arm"] for each in found["severity"]["runs"]} == set(found["arms"])
    assert found == json.loads(Path("there/study.json").read_text(encoding="utf-8"))
    assert "Saved in there" in ended.err


def test_csv_is_all_there_is_on_stdout(testbed: Command, small: Path) -> None:
    """With --format csv stdout is the long table and nothing else, also saved."""
    ended = testbed("run", "cafe.toml", "--format", "csv", "--out", "there")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert {row["arm"] for row in rows} == {"as-shipped", "remote-bolus-off"}
    assert {row["kind"] for row in rows} >= {"metrics", "severity", "severity_twin"}
    assert ended.out == Path("there/summary.csv").read_text(encoding="utf-8")


def test_every_run_is_saved(testbed: Command, small: Path) -> None:
    """runs.csv has a row for each replicate of each arm."""
    testbed("run", "cafe.toml", "--replicates", "3", "--out", "there")
    with Path("there/runs.csv").open(encoding="utf-8") as file:
        rows = [(row["arm"], row["replicate"]) for row in csv.DictReader(file)]
    assert rows == [(arm, str(r)) for arm in ("as-shipped", "remote-bolus-off") for r in range(3)]


@pytest.mark.parametrize("asked", ["gri,dka_index_h", "all"])
def test_tables_show_the_metrics_asked_for_and_files_have_all(
    testbed: Command, small: Path, asked: str, tmp_path: Path
) -> None:
    """``--metrics`` changes what the tables show, and nothing of what is saved."""
    folders = tmp_path / "usual", tmp_path / "asked"
    usual = testbed("run", str(small), "--out", str(folders[0]))
    ended = testbed("run", str(small), "--out", str(folders[1]), "--metrics", asked)
    assert usual.code == ended.code == 0

    def rows(text: str) -> set[str]:
        return {line.split()[0] for line in text.splitlines() if line.split()} & set(METRICS)

    everything = set(METRICS)
    assert rows(usual.out) == {name for name in METRICS if not METRICS[name].on_request}
    assert rows(ended.out) == (everything if asked == "all" else set(asked.split(",")))
    for name in ("study.json", "summary.csv", "runs.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    told = json.loads((folders[1] / "study.json").read_text("utf-8"))
    assert set(told["definitions"]) == everything


def test_metric_that_does_not_exist_is_refused_with_the_nearest(
    testbed: Command, small: Path
) -> None:
    """A name that is no metric is an error before any work is done."""
    ended = testbed("run", str(small), "--out", "", "--metrics", "tir_pct,grii")
    assert ended.code == 2
    assert ended.err == 'expected a metric for --metrics, found "grii", did you mean gri?\n'


def test_empty_out_saves_nothing(testbed: Command, small: Path) -> None:
    """With --out '' the study is printed and no file is written."""
    ended = testbed("run", "cafe.toml", "--out", "")
    assert ended.code == 0
    assert "Saved" not in ended.out
    assert [path.name for path in Path().iterdir()] == ["cafe.toml"]


def test_seed_is_the_files_unless_told(testbed: Command, small: Path) -> None:
    """Another seed gives other numbers; the file's own seed, told, gives the same."""
    quiet = ("run", "cafe.toml", "--out", "", "--format", "json")
    files, same, other = (testbed(*quiet, *more).out for more in ((), _seed(7), _seed(8)))
    assert files == same
    assert json.loads(files)["arms"] != json.loads(other)["arms"]


def _seed(seed: int) -> tuple[str, str]:
    return "--seed", str(seed)


def test_folder_that_cannot_be_written_to_is_refused_first(
    testbed: Command, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in the way, or one that cannot be written, ends the command before it simulates."""
    monkeypatch.setattr("testbed.api.run_study", lambda *_, **__: pytest.fail("it simulated"))
    Path("taken").write_text("", encoding="utf-8")
    Path("full/runs.csv").mkdir(parents=True)
    for out, found in (
        ("taken", "taken: file exists"),
        ("taken/deeper", "taken/deeper: not a directory"),
        ("full", "full/runs.csv: is a directory"),
    ):
        ended = testbed("run", "cafe.toml", "--out", out)
        assert (ended.code, ended.out) == (2, "")
        assert f"--out: expected a folder to write to, found {found}" in ended.err


def test_nothing_computed_is_lost_when_saving_fails(
    testbed: Command, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the end costs the files, not the table; exit code 2."""
    full = OSError(28, "No space left on device", "runs.csv")

    def fail(*_: object) -> str:
        raise full

    monkeypatch.setattr("testbed.study.frames.write_csv", fail)
    ended = testbed("run", "cafe.toml")
    assert ended.code == 2
    assert "Effect:" in ended.out
    assert "runs.csv: no space left on device" in ended.err


def test_expectations_that_hold_pass(testbed: Command, small: Path) -> None:
    """With --check every row is printed with what was expected and measured; exit code 0."""
    ended = testbed("run", "cafe.toml", "--check", "--out", "")
    assert ended.code == 0
    assert (
        "pass  remote-bolus-off: unauthorised_U\n"
        "      expected at most 0, measured 0 (in every run, n 2)\n"
        "1 of 1 expectations hold\n"
    ) in ended.out


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_expectation_that_does_not_hold_fails(testbed: Command, small: Path, output: str) -> None:
    """A row that does not hold says so in every format, and makes the exit code 1."""
    small.write_text(SMALL.replace("at_most = 0", "at_least = 1"), encoding="utf-8")
    ended = testbed("run", "cafe.toml", "--check", "--out", "", "--format", output)
    assert ended.code == 1
    lines = ended.out if output == "table" else ended.err
    assert re.search(r"^FAIL  remote-bolus-off: unauthorised_U$", lines, re.MULTILINE)
    assert "0 of 1 expectations hold" in lines
    if output == "json":
        assert [row["passed"] for row in json.loads(ended.out)["expectations"]] == [False]


def test_file_without_expectations_says_so(testbed: Command, small: Path) -> None:
    """With --check a file that expects nothing is told about, and passes."""
    small.write_text(SMALL[: SMALL.index("[[expect]]")], encoding="utf-8")
    ended = testbed("run", "cafe.toml", "--check", "--out", "")
    assert ended.code == 0
    assert "cafe: no [[expect]] rows, nothing to check" in ended.out


@pytest.mark.parametrize(
    "option", [("--replicates", "0"), ("--seed", "-1"), ("--workers", "0"), ("--format", "xml")]
)
def test_option_out_of_range_is_refused(
    testbed: Command, small: Path, option: tuple[str, str]
) -> None:
    """A number out of range or an unknown format is refused by name, with exit code 2."""
    ended = testbed("run", "cafe.toml", *option)
    assert (ended.code, ended.out) == (2, "")
    assert option[0] in ended.err


def test_piped_report_has_no_escapes_and_fits_80_columns(testbed: Command, small: Path) -> None:
    """Where stdout is no terminal the tables are plain text of at most 80 columns."""
    tables = testbed("run", "cafe.toml", "--out", "").out
    assert "\x1b" not in tables
    assert max(map(len, tables.splitlines())) <= 80


@pytest.mark.parametrize(
    ("replicates", "processors", "workers"), [(1, 8, 1), (150, 8, 1), (400, 8, 4), (9999, 2, 2)]
)
def test_workers_fit_the_work_and_the_machine(
    monkeypatch: pytest.MonkeyPatch, replicates: int, processors: int, workers: int
) -> None:
    """A small study gets one process; a large one as many as there are processors."""
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    study = {"replicates": replicates, "arms": {"as-shipped": [], "again": []}}
    scenario = Scenario.from_written({"title": "t", "study": study}, "t")
    assert sensible_workers(scenario) == workers


def test_arms_are_shown_as_asked_and_files_have_all(testbed: Command, small: Path) -> None:
    """Tables show the baseline and the arms asked for, and say so; the files are the same."""
    every = testbed("run", "cafe.toml", "--out", "every")
    some = testbed("run", "cafe.toml", "--out", "some", "--arms", "as-shipped")
    assert (some.code, some.err) == (0, "")
    assert "remote-bolus-off" in every.out
    assert "remote-bolus-off" not in some.out
    assert "Tables and plots show 1 of 2 arms." in some.out
    for name in ("study.json", "summary.csv", "runs.csv"):
        assert Path("some", name).read_bytes() == Path("every", name).read_bytes()


def test_arm_that_is_not_there_is_refused_before_any_run(testbed: Command, small: Path) -> None:
    """A wrong name in --arms is told with the nearest right one, and nothing is written."""
    ended = testbed("run", "cafe.toml", "--out", "out", "--arms", "remote-bolus-of")
    assert (ended.code, ended.out) == (2, "")
    assert "remote-bolus-off" in ended.err
    assert not Path("out").exists()


def test_log_ends_with_how_long_it_took(testbed: Command, small: Path) -> None:
    """Whoever is told how far it is, is told how long it took, unless nothing was simulated."""
    first = testbed("run", "cafe.toml", "--out", "out", "--progress", "log")
    assert re.search(r"^\d+ runs took \d+ s$", first.err, re.MULTILINE)
    again = testbed("run", "cafe.toml", "--out", "out", "--progress", "log")
    assert "took" not in again.err
