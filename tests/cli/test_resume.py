"""A study that is run into its folder again, and what is exported from there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from testbed.study import ExecutorError
from tests.cafe import SMALL

from .conftest import Command

TABLES = ("study.json", "summary.csv", "runs.csv")


def test_study_says_what_is_there_already(testbed: Command, small: Path) -> None:
    """The first time nothing is said; then how many runs are there and how many to do."""
    assert testbed("run", "cafe.toml").err == ""
    again = testbed("run", "cafe.toml")
    assert again.err == "results/cafe: all 4 runs are there\n"
    more = testbed("run", "cafe.toml", "--replicates", "3")
    assert more.err == "results/cafe: 4 of 6 runs are there, 2 to do\n"
    assert "remote-bolus-off" in more.out


def test_files_are_the_same_however_the_study_grew(testbed: Command, small: Path) -> None:
    """Growing and running at once print and save the same bytes."""
    for replicates in ("1", "3"):
        grown = testbed("run", "cafe.toml", "--replicates", replicates, "--out", "grown")
    once = testbed("run", "cafe.toml", "--replicates", "3", "--out", "once")
    assert grown.out == once.out.replace("once", "grown")
    for name in (*TABLES, "manifest.json", "arms.png", "example_run.png"):
        assert Path("grown", name).read_bytes() == Path("once", name).read_bytes(), name


def test_changed_scenario_is_told_and_loses_nothing(testbed: Command, small: Path) -> None:
    """A changed file names what changed; changed back, all its runs are still there."""
    testbed("run", "cafe.toml")
    tables = [Path("results/cafe", name).read_bytes() for name in TABLES]
    small.write_text(SMALL.replace("units = 10", "units = 9"), encoding="utf-8")
    changed = testbed("run", "cafe.toml")
    assert changed.err == (
        "results/cafe: a new study, because attacker.step[2].units changed; "
        "the runs of the one before are kept\n"
    )
    assert [Path("results/cafe", name).read_bytes() for name in TABLES] != tables
    small.write_text(SMALL, encoding="utf-8")
    assert testbed("run", "cafe.toml").err == "results/cafe: all 4 runs are there\n"
    assert [Path("results/cafe", name).read_bytes() for name in TABLES] == tables


def test_export_writes_every_run(testbed: Command, small: Path) -> None:
    """``testbed export`` writes what ``testbed run`` saves as runs.csv, wherever it is told."""
    testbed("run", "cafe.toml")
    ended = testbed("export", "results/cafe", "--out", "there.csv")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "Saved 4 runs of cafe in there.csv\n"
    assert Path("there.csv").read_bytes() == Path("results/cafe/runs.csv").read_bytes()


def test_export_writes_parquet(testbed: Command, small: Path) -> None:
    """With ``--format parquet`` the file is Parquet, beside the runs if no place is told."""
    pq = pytest.importorskip("pyarrow.parquet")
    testbed("run", "cafe.toml")
    assert testbed("export", "results/cafe", "--format", "parquet").code == 0
    assert pq.read_table("results/cafe/runs.parquet").num_rows == 4


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "nowhere/runs.sqlite: expected the runs of a study, found no such file\n"),
        (("results/cafe", "--study", "zz"), "expected a study of key 'zz', found "),
        (("results/cafe", "--out", "no/x.csv"), "--out: expected a file to write, found no/x.csv"),
    ],
)
def test_export_that_cannot_be_done_says_why(
    testbed: Command, small: Path, arguments: tuple[str, ...], says: str
) -> None:
    """A folder without a study, an unknown key or a bad place is one message, exit code 2."""
    testbed("run", "cafe.toml")
    ended = testbed("export", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err


@pytest.mark.parametrize(
    ("library", "arguments"),
    [
        ("pyarrow", ("export", "results/cafe", "--format", "parquet")),
        ("distributed", ("run", "cafe.toml", "--dask", "tcp://127.0.0.1:1")),
    ],
)
def test_missing_extra_is_one_message(
    testbed: Command,
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    library: str,
    arguments: tuple[str, ...],
) -> None:
    """What needs a library that is not installed names the library and the extra."""
    testbed("run", "cafe.toml")
    monkeypatch.setitem(sys.modules, library, None)
    ended = testbed(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert f"needs {library}, which is not installed" in ended.err
    assert "pip install 'pump-link-testbed[" in ended.err


def test_workers_and_cluster_exclude_each_other(testbed: Command, small: Path) -> None:
    """Who names a cluster and processes is asked to choose."""
    ended = testbed("run", "cafe.toml", "--dask", "tcp://127.0.0.1:1", "--workers", "2")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "--dask: expected either --dask or --workers, found both\n"


def test_lost_workers_are_one_message(
    testbed: Command, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever did the work and can do no more is told of in lines, exit code 2."""

    def lost(*_: object, **__: object) -> None:
        raise ExecutorError("a worker is gone", "(finished runs are kept)")

    monkeypatch.setattr("testbed.api.run_study", lost)
    ended = testbed("run", "cafe.toml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "a worker is gone\n(finished runs are kept)\n"


def test_log_goes_to_stderr_only_if_asked_for(testbed: Command, small: Path) -> None:
    """``--progress log`` ends with lines that say that all is done; otherwise there is none."""
    assert testbed("run", "cafe.toml", "--out", "").err == ""
    assert testbed("run", "cafe.toml", "--out", "", "--progress", "none").err == ""
    log = testbed("run", "cafe.toml", "--out", "", "--progress", "log").err
    done, took = log.splitlines()[-2:]
    assert done.startswith("4 of 4 runs, ")
    assert done.endswith(" a second, 0 s left")
    assert took.startswith("4 runs took ")
