"""The scenario files that are shipped."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from testbed.api import load
from testbed.cli.app import app
from tests import fingerprints

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_says_what_it_stands_for_and_what_it_expects(path: Path) -> None:
    """Every scenario loads, tells its story and its sources, and has expectations."""
    scenario = load(path)
    assert scenario.about
    assert scenario.sources
    assert scenario.expect


class Expectations:
    """Expectations of some of the files; each class below can be a worker's of its own."""

    def test_expectations_hold(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """``testbed run --check`` passes, here with few replicates so that it is quick."""
        options = ["--replicates", "30", "--workers", "1", "--out", "", "--format", "json"]
        with pytest.raises(SystemExit) as ended:
            app(["run", str(path), "--check", *options], prog_name="testbed")
        out, err = capsys.readouterr()
        assert ended.value.code == 0, err
        found = json.loads(out)["expectations"]
        assert len(found) == len(load(path).expect)
        assert all(row["passed"] for row in found)


@pytest.mark.parametrize("path", SCENARIOS[::2], ids=lambda path: path.stem)
class TestOneHalf(Expectations):
    """The first file, the third, and so on."""


@pytest.mark.parametrize("path", SCENARIOS[1::2], ids=lambda path: path.stem)
class TestOtherHalf(Expectations):
    """The second file, the fourth, and so on."""


def test_traces_are_those_of_earlier_versions() -> None:
    """No trace has changed since its fingerprint was taken; see ``tests/fingerprints.py``."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fingerprints", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_numbers_of_the_readme_are_those_of_the_program() -> None:
    """The README's table is what its command gives; see ``tests/readme.py``."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.readme", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("what", ["trace", "unauthorised_U"])
def test_results_that_move_need_a_new_version(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other fingerprints are written only with a higher result version; new ones always are."""
    version, now = fingerprints.stored()
    monkeypatch.setattr(fingerprints, "found", lambda: now)
    path = tmp_path / "fingerprints.json"
    monkeypatch.setattr(fingerprints, "STORED", path)

    def written(change: dict[str, Any]) -> tuple[int, bool]:
        arms = copy.deepcopy(now)
        side = arms["cafe_pairing"]["as-shipped"]["attacked"]
        side.update(change)
        text = json.dumps({"result_version": version, "fingerprints": arms})
        path.write_text(text, encoding="utf-8")
        return fingerprints.main([]), path.read_text("utf-8") != text

    assert written({what: "moved"}) == (1, False)
    assert "raise RESULT_VERSION" in capsys.readouterr().out
    assert written({"a_metric_that_is_gone": 1.0}) == (0, True)
    monkeypatch.setattr(fingerprints, "RESULT_VERSION", version + 1)
    assert written({what: "moved"}) == (0, True)
    assert json.loads(path.read_text("utf-8"))["result_version"] == version + 1
    monkeypatch.setattr(fingerprints, "RESULT_VERSION", version)
    assert fingerprints.main(["--check"]) == 1
