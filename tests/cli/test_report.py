"""``testbed report``."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Command


@pytest.fixture
def results(testbed: Command, small: Path) -> Path:
    """A folder with the results of the small scenario."""
    assert testbed("run", "cafe.toml", "--out", "results").code == 0
    return Path("results")


def test_page_is_written_beside_the_results(testbed: Command, results: Path) -> None:
    """The page goes into the folder of results unless told, and again has the same bytes."""
    ended = testbed("report", "results")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "Saved results/report.html\n"
    page = (results / "report.html").read_bytes()
    assert page.startswith(b"<!DOCTYPE html>")
    assert testbed("report", "results", "--out", "deep/there.html").code == 0
    assert Path("deep/there.html").read_bytes() == page


@pytest.mark.parametrize(("form", "first"), [("csv", "01_assets.csv"), ("md", "tables.md")])
def test_tables_are_written_into_a_folder(
    testbed: Command, results: Path, form: str, first: str
) -> None:
    """Tables go into a folder of their own, and every file is named."""
    ended = testbed("report", "results", "--format", form)
    assert ended.code == 0
    names = sorted(path.name for path in (results / "report").iterdir())
    assert names[0] == first
    said = [line.removeprefix("Saved results/report/") for line in ended.out.splitlines()]
    assert said == names


def test_study_is_chosen_by_its_key(testbed: Command, results: Path) -> None:
    """A study that is not there is an error that names those that are."""
    ended = testbed("report", "results", "--study", "0")
    assert ended.code == 2
    assert "expected a study of key '0', found " in ended.err
    assert "(cafe)" in ended.err


def test_folder_without_a_study_is_an_error(testbed: Command, small: Path) -> None:
    """A folder that holds no study is one line and exit code 2."""
    ended = testbed("report", "nowhere")
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1


def test_place_that_cannot_be_written_is_an_error(testbed: Command, results: Path) -> None:
    """A path in whose way a file is gives one line and exit code 2."""
    ended = testbed("report", "results", "--out", "cafe.toml/report.html")
    assert ended.code == 2
    assert ended.err.startswith("--out: expected a place to write to, found cafe.toml")
    assert len(ended.err.splitlines()) == 1


def test_report_shows_the_arms_asked_for(testbed: Command, results: Path) -> None:
    """A report has the baseline and the arms asked for, and says what it leaves out."""
    done = testbed("report", "results", "--format", "md", "--arms", "as-shipped")
    assert (done.code, done.err) == (0, "")
    text = Path("results/report/tables.md").read_text("utf-8")
    assert "Tables and plots show 1 of " in text
    assert testbed("report", "results", "--arms", "nobody").code == 2
