"""Scenario files and mitigations as tests, in projects of somebody else's."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cafe import SMALL

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text("utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))

Inner = Callable[..., pytest.RunResult]


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Import all that a study needs before pytest runs inside of pytest.

    It forgets afterwards which modules were imported in there, and some bear that only once.
    """
    from testbed.api import run_study
    from testbed.mitigations import MITIGATIONS
    from testbed.outcomes import METRICS
    from testbed.scenario import parse_scenario
    from testbed.study.expectations import check

    scenario = parse_scenario(SMALL, "cafe", MITIGATIONS, METRICS)
    check(run_study(scenario), scenario.expect)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario, in which the plugin is found by the entry point of this package."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    beside = pytester.mkdir("installed") / "pump_link_testbed-0.dist-info"
    beside.mkdir()
    (beside / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: pump-link-testbed\nVersion: 0\n", "utf-8"
    )
    told = "".join(f"{name} = {what}\n" for name, what in points["pytest11"].items())
    (beside / "entry_points.txt").write_text(f"[pytest11]\n{told}", "utf-8")
    monkeypatch.syspath_prepend(beside.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    # Those of others take seconds to load, over and over.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (pytester.path / "cafe.toml").write_text(SMALL, "utf-8")
    return pytester.path


@pytest.fixture
def inner(project: Path, pytester: pytest.Pytester) -> Inner:
    """Run pytest in that folder."""

    def run(*arguments: str, apart: bool = False) -> pytest.RunResult:
        options = ("-p", "testbed", "-p", "no:cacheprovider", *arguments)
        return (pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess)(*options)

    return run


ONE = "remote-bolus-off: unauthorised_U at most 0"


def test_each_expectation_is_a_test_with_a_name_that_says_what(inner: Inner) -> None:
    """A row is collected under file, arm, metric and limit, and passes if it holds."""
    result = inner("-v", ".")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"cafe.toml::{ONE} PASSED*"])


def test_row_is_run_alone_by_its_name(inner: Inner, project: Path) -> None:
    """The name that is printed is one that pytest takes back."""
    more = '\n[[expect]]\narm = "as-shipped"\nmetric = "unauthorised_U"\nat_least = 1\n'
    (project / "cafe.toml").write_text(SMALL + more, "utf-8")
    inner(f"cafe.toml::{ONE}").assert_outcomes(passed=1)
    inner("-k", "as-shipped", ".").assert_outcomes(passed=1, deselected=1)


def test_two_rows_that_say_the_same_have_two_names(inner: Inner, project: Path) -> None:
    """A row that stands twice is run twice, and both can be named."""
    (project / "cafe.toml").write_text(SMALL + SMALL[SMALL.index("[[expect]]") :], "utf-8")
    inner(f"cafe.toml::{ONE} (2)").assert_outcomes(passed=1)
    inner(".").assert_outcomes(passed=2)


OTHERS = {
    "pyproject.toml": SMALL,
    "no_title.toml": SMALL.replace('title = "An hour in a cafe"', ""),
    "no_expectation.toml": SMALL[: SMALL.index("[[expect]]")],
    "title_inside.toml": '[book]\ntitle = "x"\n[[book.expect]]\narm = "a"\n',
    "list.toml": 'names = ["title", "expect"]\n',
    "binary.toml": "title\0expect",
    "scenario.txt": SMALL,
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_scenario_is_left_alone(inner: Inner, project: Path, name: str) -> None:
    """A TOML file is a scenario by title and expectations at its top, and never pyproject.toml."""
    (project / "cafe.toml").unlink()
    (project / name).write_text(OTHERS[name], "utf-8")
    assert inner("--collect-only", "-q", ".").ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("max_bolus_U  = 10", "max_bolus = 10", "cafe.toml:18: pump.max_bolus: unknown key"),
        ('place = "cafe"\n\n[pump]', 'place = "cafe\n\n[pump]', "cafe.toml:14: expected a closing"),
    ],
    ids=["unknown key", "no TOML"],
)
def test_file_with_errors_is_an_error_of_the_collection(
    inner: Inner, project: Path, right: str, wrong: str, says: str
) -> None:
    """Whatever is wrong, also with the TOML itself, is told as ``testbed check`` tells it."""
    assert right in SMALL
    (project / "cafe.toml").write_text(SMALL.replace(right, wrong), "utf-8")
    result = inner(".")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{says}*"])
    assert "Traceback" not in result.stdout.str()


def test_failure_says_what_and_how_to_look_closer(inner: Inner, project: Path) -> None:
    """What was expected, measured with its interval, the metric, and the run to look at."""
    (project / "cafe.toml").write_text(SMALL.replace("at_most = 0", "at_least = 1"), "utf-8")
    result = inner("-rf", ".")
    result.assert_outcomes(failed=1)
    said = result.stdout.str()
    assert (
        "FAIL  remote-bolus-off: unauthorised_U\n"
        "      expected at least 1, measured 0 (in every run, n 2)\n"
        "      unauthorised_U (U): "
    ) in said
    assert "testbed explain cafe.toml --arm remote-bolus-off --replicate 0" in said
    assert "pytest_plugin.py" not in said


def test_failure_points_at_the_line_of_the_row(inner: Inner, project: Path) -> None:
    """The place that a failed test names is where its ``[[expect]]`` stands."""
    (project / "cafe.toml").write_text(SMALL.replace("at_most = 0", "at_least = 1"), "utf-8")
    inner("--junitxml=found.xml", "-o", "junit_family=xunit1", ".")
    line = SMALL.splitlines().index("[[expect]]")
    told = (project / "found.xml").read_text("utf-8")
    assert f'file="cafe.toml" line="{line}"' in told
    assert '<property name="measured" value="0 (in every run, n 2)"' in told


def test_rows_share_one_study(inner: Inner, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows a file has, its study is run once, with the replicates asked for."""
    import testbed.api

    asked = []
    run = testbed.api.run_study

    def counted(scenario: testbed.api.Scenario, **options: object) -> object:
        asked.append(scenario.study.replicates)
        return run(scenario, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(testbed.api, "run_study", counted)
    more = '\n[[expect]]\narm = "as-shipped"\nmetric = "unauthorised_U"\nat_least = 0\n'
    (project / "cafe.toml").write_text(SMALL + more, "utf-8")
    inner(".", "--testbed-replicates", "3").assert_outcomes(passed=2)
    assert asked == [3]


@pytest.mark.parametrize("number", ["0", "many", "-3"])
def test_replicates_are_a_whole_number(inner: Inner, number: str) -> None:
    """A number of replicates that no study has is refused."""
    assert inner(f"--testbed-replicates={number}").ret == pytest.ExitCode.USAGE_ERROR


def test_workers_of_xdist_share_one_study(inner: Inner, project: Path) -> None:
    """Rows given to two workers are judged on one study, kept for as long as the tests run."""
    rows = "".join(
        f'\n[[expect]]\narm = "as-shipped"\nmetric = "unauthorised_U"\nat_least = -{number}\n'
        for number in range(1, 4)
    )
    (project / "cafe.toml").write_text(SMALL + rows, "utf-8")
    (project / "conftest.py").write_text(COUNTING, "utf-8")
    result = inner("-p", "xdist", "-n", "2", "--dist", "load", "-v", ".", apart=True)
    result.assert_outcomes(passed=4)
    assert {"gw0", "gw1"} <= set(re.findall(r"\[(gw\d)\]", result.stdout.str()))
    simulated = (project / "simulated.txt").read_text("utf-8").splitlines()
    assert sorted(simulated) == ["0 0", "0 1", "1 0", "1 1"]  # each arm and replicate once
    folders = set((project / "folders.txt").read_text("utf-8").split())
    assert len(folders) == 1
    assert not Path(folders.pop()).exists()


COUNTING = '''\
"""Write down every run that a task asks for, and where the runs are kept."""

import itertools

import testbed.study.executor as executor
import testbed.study.study as study

real, store = executor.carry_out, study.Store


def counted(task):
    with open("simulated.txt", "a") as file:
        for arm, replicate in itertools.product(task.arms, task.replicates):
            file.write(f"{arm} {replicate}\\n")
    return real(task)


def kept(folder):
    with open("folders.txt", "a") as file:
        file.write(f"{folder.parent}\\n")
    return store(folder)


executor.carry_out, study.Store = counted, kept
study.Store = type("Kept", (store,), {"__new__": lambda cls, folder: kept(folder)})
'''


def test_worked_example_of_the_page_runs(inner: Inner, project: Path) -> None:
    """The page's tests of a mitigation that is not installed pass, and can fail."""
    for name, text in FILES.items():
        (project / name).write_text(text, "utf-8")
    inner("test_small_boluses.py").assert_outcomes(passed=5)
    weaker = FILES["test_small_boluses.py"].replace(
        '"pump.max_bolus_U": 9.5', '"pump.max_bolus_U": 12'
    )
    (project / "test_small_boluses.py").write_text(weaker, "utf-8")
    assert inner("test_small_boluses.py").parseoutcomes()["failed"] >= 2


def test_mitigation_that_was_tried_is_forgotten(inner: Inner, project: Path) -> None:
    """Two tests may give one name two meanings, and afterwards nobody has it."""
    (project / "test_two.py").write_text(TWO, "utf-8")
    inner("test_two.py").assert_outcomes(passed=2)
    from testbed.mitigations import MITIGATIONS

    assert "tried" not in MITIGATIONS


TWO = """\
import pytest
from testbed.mitigations import Mitigation


@pytest.mark.parametrize(("limit", "comes"), [(8.0, False), (12.0, True)])
def test_meaning(testbed_study, testbed_scenario, limit, comes):
    tried = Mitigation(
        name="tried", advice="", bearer="maker", source="", against=("remote-bolus",),
        moves=(), keeps="",
        changes={"pump.max_bolus_U": limit},
    )
    scenario = testbed_scenario("cafe.toml", replicates=2)
    study = testbed_study(scenario, mitigations=[tried], arms={"arm": ["tried"]})
    assert study.replicates == 2
    assert (study.summary()["arm"].metrics["unauthorised_U"].mean > 0) is comes
"""
