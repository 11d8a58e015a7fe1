"""``testbed sensitivity``, ``testbed attribution`` and ``testbed run --run-all``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cafe import SMALL

from .conftest import Command

ASKED = ("--conclusion", "remote-bolus-off < as-shipped on unauthorised_U")
QUICK = ("--size", "2", "--replicates", "2", "--top", "1", "--progress", "none")
SOME = ("--assumptions", "pump.max_bolus_U,attacker.gain")


def test_sweep_is_told_and_goes_on(testbed: Command, small: Path, tmp_path: Path) -> None:
    """The verdict, the order and the turn are told; again with the same folder, the same."""
    told = testbed("sensitivity", "cafe.toml", *ASKED, *QUICK, *SOME, "--out", "sweep")
    folder = Path("sweep", "sensitivity")
    assert (told.code, told.err) == (
        0,
        f"Saved in {folder}: sensitivity.json, tornado.png\n",
    )
    for words in ("the ranges", "pump.max_bolus_U", "Where it turns", "same dice"):
        assert words in told.out
    saved = {name: (folder / name).read_bytes() for name in ("sensitivity.json", "tornado.png")}
    again = testbed("sensitivity", "cafe.toml", *ASKED, *QUICK, *SOME, "--out", "sweep")
    assert again.out == told.out
    assert {name: (folder / name).read_bytes() for name in saved} == saved


def test_nothing_is_saved_if_so_asked(testbed: Command, small: Path) -> None:
    """With an empty --out the sweep is told and leaves no file."""
    before = set(Path().rglob("*"))
    told = testbed("sensitivity", "cafe.toml", *ASKED, *QUICK, *SOME, "--out", "")
    assert (told.code, told.err) == (0, "")
    assert set(Path().rglob("*")) == before


def test_report_of_the_study_shows_the_sweep(testbed: Command, small: Path) -> None:
    """Swept and run with nothing but the file's name, both are in one report, table and picture."""
    testbed("run", "cafe.toml")
    testbed("sensitivity", "cafe.toml", *ASKED, *QUICK, *SOME)
    assert testbed("report", "results/cafe").code == 0
    page = Path("results/cafe/report.html").read_text(encoding="utf-8")
    assert "What the conclusion leans on" in page
    assert 'aria-label="Picture: tornado"' in page
    testbed("report", "results/cafe", "--format", "csv")
    (table,) = Path("results/cafe/report").glob("*_leaning.csv")
    assert table.read_text(encoding="utf-8").startswith("assumption,moves it by,")


def test_sweep_of_another_scenario_is_not_shown(testbed: Command, small: Path) -> None:
    """Where the file has changed since, the report says in what, and shows no number of it."""
    testbed("sensitivity", "cafe.toml", *ASKED, *QUICK, *SOME)
    Path("cafe.toml").write_text(SMALL.replace("carbs_g = 70", "carbs_g = 60"), encoding="utf-8")
    testbed("run", "cafe.toml")
    testbed("report", "results/cafe")
    page = Path("results/cafe/report.html").read_text(encoding="utf-8")
    assert "is of another scenario and is not shown; what differs: meal[1].carbs_g" in page
    assert "Picture: tornado" not in page


def test_folder_of_a_sweep_is_no_study(testbed: Command, small: Path) -> None:
    """A report of the sweep's own folder says where its report is, and a broken file which."""
    testbed("sensitivity", "cafe.toml", *ASKED, *QUICK, *SOME, "--out", "sweep")
    ended = testbed("report", "sweep/sensitivity")
    assert ended.code == 2
    assert "testbed report sweep shows the sweep with its study" in ended.err
    testbed("run", "cafe.toml", "--out", "sweep")
    Path("sweep/sensitivity/sensitivity.json").write_text('{"of": {}}', encoding="utf-8")
    ended = testbed("report", "sweep")
    assert ended.code == 2
    assert "sensitivity.json: expected what a sensitivity sweep found" in ended.err


def test_conclusion_of_the_file_as_json(testbed: Command, small: Path) -> None:
    """A file may have the conclusion, and JSON has the whole answer."""
    conclusion = 'less = "remote-bolus-off"\nthan = "as-shipped"\nmetric = "unauthorised_U"\n'
    text = SMALL.replace("[study.arms]", f"[study.conclusion]\n{conclusion}\n[study.arms]")
    Path("cafe.toml").write_text(text, encoding="utf-8")
    told = testbed("sensitivity", "cafe.toml", *QUICK, *SOME, "--format", "json")
    found = json.loads(told.out)
    assert found["conclusion"] == ASKED[1]
    assert found["points"] == 2 * 3
    assert found["held"] + found["equal"] <= found["points"]
    assert {each["name"] for each in found["influences"]} == {
        *("pump.max_bolus_U", "attacker.gain_dB")
    }


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), '--conclusion: expected "ARM < ARM on METRIC", found none'),
        (("--conclusion", "nonsense"), '--conclusion: expected "ARM < ARM on METRIC", found "non'),
        (("--conclusion", "a < as-shipped on extra_U"), "expected an arm for --conclusion"),
        (("--conclusion", "as-shipped < remote-bolus-off on x"), "a metric for --conclusion"),
        ((*ASKED, "--assumptions", "pump.max_bolux"), "assumption that this scenario has"),
        ((*ASKED, *SOME, "--method", "sobol", "--size", "3"), "expected a power of 2"),
    ],
)
def test_what_cannot_be_asked_is_told(
    testbed: Command, small: Path, options: tuple[str, ...], says: str
) -> None:
    """One line says what was expected, and nothing is run."""
    ended = testbed("sensitivity", "cafe.toml", *options)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err


FACTORIAL = '\n[study.factors]\nmitigations = ["remote-bolus-off", "pair-in-private"]\n'


def test_factorial_is_attributed(testbed: Command, small: Path) -> None:
    """A study of a full design has shares in its tables, its files and by its own command."""
    Path("cafe.toml").write_text(SMALL + FACTORIAL, encoding="utf-8")
    ran = testbed("run", "cafe.toml", "--out", "out")
    assert (ran.code, ran.err) == (0, "")
    assert "Attribution of the effect" in ran.out
    assert "saved, in which no setting was consulted" in ran.out
    told = testbed("attribution", "out", "--format", "json")
    saved = json.loads(Path("out/study.json").read_text(encoding="utf-8"))["attribution"]
    assert json.loads(told.out) == saved
    one = next(each for each in saved["of"] if each["metric"] == "unauthorised_U")
    means = [share["mean"] for share in one["shares"].values()]
    assert sum(means) == pytest.approx(one["total"]["mean"], abs=1e-12)
    table = testbed("attribution", "out", "--metrics", "unauthorised_U")
    assert "pair-in-private" in table.out


def test_study_without_a_factorial_has_no_shares(testbed: Command, small: Path) -> None:
    """A study of other arms is refused with what would make it a factorial."""
    testbed("run", "cafe.toml", "--out", "out")
    ended = testbed("attribution", "out")
    assert (ended.code, ended.out) == (2, "")
    assert "an arm for every combination" in ended.err


def test_running_all_prints_and_saves_the_same(testbed: Command, small: Path) -> None:
    """Told to do every run, a study prints and saves the same tables, but for the line on it."""
    Path("cafe.toml").write_text(SMALL + FACTORIAL, encoding="utf-8")
    testbed("run", "cafe.toml", "--out", "shared")
    every = testbed("run", "cafe.toml", "--out", "all", "--run-all")
    assert "runs were simulated" not in every.out
    for name in ("study.json", "summary.csv", "runs.csv", "manifest.json"):
        assert Path("all", name).read_bytes() == Path("shared", name).read_bytes()
