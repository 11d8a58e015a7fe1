"""An arm takes no two mitigations that set one thing differently."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from testbed.api import load
from testbed.cli.app import app
from testbed.mitigations import MITIGATIONS
from testbed.scenario import ScenarioError

START = 'title = "Two at once"\n[study]\nreplicates = 1\n'
BOTH = '[study.arms]\nas-shipped = []\nboth = ["pairing-pake", "pairing-oob"]\n'
SAYS = (
    'expected one of "pairing-pake" and "pairing-oob" in an arm, found both in "both", '
    'they set link.pairing to "pake" and to "oob"'
)


def problems(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a scenario, a line each, without the file's name."""
    path = folder / "both.toml"
    path.write_text(START + text, encoding="utf-8")
    try:
        load(path)
    except ScenarioError as error:
        return [line.split("both.toml:", 1)[1] for line in str(error).splitlines()]
    return []


def test_two_alternatives_in_an_arm_are_told(tmp_path: Path) -> None:
    """The later of the two is named, with its line, and what both set."""
    assert problems(tmp_path, BOTH) == [f"6: study.arms.both[2]: {SAYS}"]


def test_it_is_told_by_the_command_line_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback: the one line, and exit code 2."""
    path = tmp_path / "both.toml"
    path.write_text(START + BOTH, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        app(["run", str(path)], prog_name="testbed")
    assert ended.value.code == 2
    error = capsys.readouterr().err.replace("\n", " ")
    assert SAYS in error
    assert "Traceback" not in error


@pytest.mark.parametrize("adherence", [1.0, 0.5])
def test_an_adherence_makes_no_difference(tmp_path: Path, adherence: float) -> None:
    """Some wearers would have both, whoever has which."""
    oob = f'{{ name = "pairing-oob", adherence = {adherence} }}'
    text = f'[study.arms]\nas-shipped = []\nboth = ["pairing-pake", {oob}]\n'
    (line,) = problems(tmp_path, text)
    assert line.startswith("6: study.arms.both[2]")


def test_factors_that_combine_alternatives_are_told(tmp_path: Path) -> None:
    """A full design has the two together, unless it excludes that."""
    factors = '[study.factors]\nmitigations = ["@advice", "pairing-pake", "pairing-oob"]\n'
    few = factors.replace('"@advice", ', "")
    wrong = problems(tmp_path, f"[study.arms]\nas-shipped = []\n{few}")
    assert [line.split(":")[:2] for line in wrong] == [["7", " study.factors.mitigations[2]"]]
    both = "exclude = [{ pairing-pake = true, pairing-oob = true }]\n"
    assert problems(tmp_path, f"[study.arms]\nas-shipped = []\n{few}{both}") == []
    single = factors + 'design = "one-at-a-time"\n'
    assert problems(tmp_path, f"[study.arms]\nas-shipped = []\n{single}") == []


def test_whatever_does_not_differ_goes_together(tmp_path: Path) -> None:
    """Any two are taken together if and only if they set no key to different values."""
    for one, other in combinations(MITIGATIONS.values(), 2):
        sets = [{**each.changes, **each.shares} for each in (one, other)]
        differ = any(sets[0][key] != sets[1][key] for key in sets[0].keys() & sets[1].keys())
        text = f'[study.arms]\nas-shipped = []\nboth = ["{one.name}", "{other.name}"]\n'
        assert bool(problems(tmp_path, text)) is differ, (one.name, other.name)
