"""``testbed compare``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cafe import SMALL

from .conftest import Command

_FORMATS = ("json", "csv")


@pytest.fixture
def two(testbed: Command, small: Path) -> None:
    """Two folders of results, ``one`` and ``two``, that differ in the largest bolus."""
    small.write_text(SMALL.replace("replicates = 2", "replicates = 10"), "utf-8")
    testbed("run", "cafe.toml", "--out", "one")
    text = small.read_text("utf-8").replace("max_bolus_U  = 10", "max_bolus_U  = 9")
    small.write_text(text, "utf-8")
    testbed("run", "cafe.toml", "--out", "two")


@pytest.mark.usefixtures("two")
def test_what_changed_is_told_with_how_surely(testbed: Command) -> None:
    """The setting, the metric that moved and the methods stand in the answer, in 80 columns."""
    ended = testbed("compare", "one", "two")
    assert (ended.code, ended.err) == (0, "")
    assert "Setting: pump.max_bolus_U: 10.0 -> 9.0" in ended.out
    assert "same people and dice" in ended.out
    assert any(l.startswith("unauthorised_U") and "moved" in l for l in ended.out.splitlines())  # noqa: E741
    assert "Holm's correction over all arms and metrics that are compared" in ended.out
    table = [line for line in ended.out.splitlines() if not line.startswith(("10", "Meth", '"'))]
    assert max(map(len, table)) <= 80


@pytest.mark.usefixtures("two")
def test_formats_have_the_same_changes(testbed: Command) -> None:
    """JSON and CSV have every change, with its verdict."""
    told = json.loads(testbed("compare", "one", "two", "--format", "json").out)
    rows = list(
        csv.DictReader(io.StringIO(testbed("compare", "one", "two", "--format", "csv").out))
    )
    assert [(r["arm"], r["runs"], r["metric"], r["verdict"]) for r in rows] == [
        (c["arm"], c["side"], c["metric"], c["verdict"]) for c in told["changes"]
    ]
    assert told["p_values"]["adjusted_by"] == "Holm"
    assert told["methods"]


@pytest.mark.usefixtures("two")
def test_metrics_and_studies_are_chosen(testbed: Command) -> None:
    """--metrics chooses what is compared; a key that no study has is refused."""
    out = testbed("compare", "one", "one", "--metrics", "gri", "--format", "csv").out
    assert {line.split(",")[2] for line in out.splitlines()[1:]} == {"gri"}
    assert testbed("compare", "one", "two", "--metrics", "grii").code == 2
    assert testbed("compare", "one", "two", "--after", "zzz").code == 2


def test_folder_without_a_study_is_refused(testbed: Command, small: Path) -> None:
    """A folder that has no runs is named, with exit code 2."""
    ended = testbed("compare", ".", ".")
    assert (ended.code, ended.out) == (2, "")
    assert "expected the runs of a study, found no such file" in ended.err
