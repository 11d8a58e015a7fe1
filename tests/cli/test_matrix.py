"""``testbed matrix``: what it prints, saves, and refuses."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from tests.cafe import SMALL

from .conftest import Command

FEW = ("--mitigations", "remote-bolus-off", "--replicates", "2", "--workers", "1")
CALM = 'title = "A calm day"\n'


def test_a_folder_is_its_scenarios_with_an_attacker(testbed: Command, small: Path) -> None:
    """Files of a folder that nobody attacks in are left out; the rest is a path each."""
    folder = small.parent / "paths"
    folder.mkdir()
    (folder / "calm.toml").write_text(CALM, encoding="utf-8")
    (folder / "second.toml").write_text(SMALL, encoding="utf-8")
    (folder / "first.toml").write_text(SMALL, encoding="utf-8")
    ended = testbed("matrix", "paths", *FEW, "--format", "json", "--out", "")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert [path["name"] for path in told["paths"]] == ["first", "second"]
    assert told["mitigations"] == ["remote-bolus-off", "all-advice"]


def test_it_is_saved_and_goes_on_where_it_was(testbed: Command, small: Path) -> None:
    """Tables and their picture lie in the folder, and the same command runs nothing anew."""
    first = testbed("matrix", "cafe.toml", *FEW, "--out", "m")
    assert first.code == 0
    assert "remote-bolus-off" in first.out
    saved = {name: (small.parent / "m" / f"matrix.{name}").read_text() for name in ("csv", "md")}
    picture = (small.parent / "m" / "matrix.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    again = testbed("matrix", "cafe.toml", *FEW, "--out", "m", "--format", "csv")
    assert again.out == saved["csv"]
    assert (small.parent / "m" / "matrix.png").read_bytes() == picture
    rows = list(csv.DictReader(io.StringIO(again.out)))
    assert {row["path"] for row in rows if row["kind"] == "effect"} == {"cafe"}
    page = testbed("matrix", "cafe.toml", *FEW, "--out", "m", "--format", "md")
    assert page.out == saved["md"]


def test_a_metric_may_be_asked_for_again(testbed: Command, small: Path) -> None:
    """Each metric of harm that is asked for has its own cells."""
    ended = testbed(
        *("matrix", "cafe.toml", *FEW, "--out", "", "--format", "json"),
        *("--metric", "missed_U", "--metric", "extra_lbgi"),
    )
    cells = json.loads(ended.out)["cells"]
    assert [cell["metric"] for cell in cells] == ["missed_U"] * 2 + ["extra_lbgi"] * 2


def test_a_sweep_is_told_below(testbed: Command, small: Path) -> None:
    """With --sweep each value of both settings is concluded from."""
    ended = testbed("matrix", "cafe.toml", *FEW, "--out", "", "--sweep", "--sweep-replicates", "2")
    assert ended.code == 0
    assert "patient.behaviour.accept_unexpected_prompt" in ended.out
    assert "patient.behaviour.remote_bolus_use" in ended.out


def test_what_there_is_not_is_told_with_the_nearest_name(testbed: Command, small: Path) -> None:
    """A wrong mitigation or metric ends with exit code 2 and the nearest right name."""
    for option, wrong, right in (
        ("--mitigations", "remote-bolus-of", "remote-bolus-off"),
        ("--metric", "mised_U", "missed_U"),
    ):
        ended = testbed("matrix", "cafe.toml", option, wrong)
        assert ended.code == 2
        assert f"did you mean {right}?" in ended.err
        assert len(ended.err.splitlines()) == 1


def test_what_is_no_path_of_attack_is_refused(testbed: Command, small: Path) -> None:
    """A calm file, an empty folder, and two scenarios of one name are one clear error each."""
    (small.parent / "calm.toml").write_text(CALM, encoding="utf-8")
    (small.parent / "empty").mkdir()
    (small.parent / "copy").mkdir()
    (small.parent / "copy" / "cafe.toml").write_text(SMALL, encoding="utf-8")
    for paths, says in (
        (["calm.toml"], "calm.toml: attacker: expected an attacker, found nothing"),
        (["empty"], "empty: expected scenario files (*.toml), found none"),
        (["cafe.toml", "copy"], "expected one scenario of each name, found two"),
        (["nowhere.toml"], "nowhere.toml: expected a scenario file"),
    ):
        ended = testbed("matrix", *paths, "--out", "")
        assert ended.code == 2
        assert says in ended.err


def test_report_of_the_folder_is_of_the_matrix(testbed: Command, small: Path) -> None:
    """Its folder gives a page with the picture and every table; a key one path's study."""
    testbed("matrix", "cafe.toml", *FEW, "--sweep", "--sweep-replicates", "2", "--out", "m")
    assert testbed("report", "m").code == 0
    page = Path("m/report.html").read_text(encoding="utf-8")
    for words in ("1 path of attack against 1 mitigation", "Picture: matrix", "t-sweep"):
        assert words in page
    assert testbed("report", "m", "--format", "csv").code == 0
    names = sorted(path.name[3:] for path in Path("m/report").iterdir())
    assert names == ["effects.csv", "mitigations.csv", "paths.csv", "prices.csv", "sweep.csv"]
    ended = testbed("report", "m", "--study", "nothing")
    assert ended.code == 2
    key = re.findall(r"([0-9a-f]{12}) \(cafe\)", ended.err)[0]
    assert testbed("report", "m", "--study", key, "--out", "one.html").code == 0
    assert "From hazard to evidence" in Path("one.html").read_text(encoding="utf-8")


def test_file_that_is_no_matrix_is_told(testbed: Command, small: Path) -> None:
    """A matrix.json that somebody changed by hand is one line, and no traceback."""
    Path("m").mkdir()
    Path("m/matrix.json").write_text('{"paths": 3}', encoding="utf-8")
    ended = testbed("report", "m")
    assert ended.code == 2
    assert "m/matrix.json: expected what a matrix found" in ended.err
