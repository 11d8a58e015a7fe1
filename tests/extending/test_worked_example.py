"""What docs/extending.md shows does what it says, as a package that pip could have installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))
PROJECT = tomllib.loads(FILES["pyproject.toml"])["project"]
LISTS = {
    "pairings": "sent-in-clear",
    "channels": "mac-counter",
    "attacks": "count-frames",
    "models": "tub",
    "patients": "tub#001",
    "devices": "stop-button",
    "therapies": "half-when-low",
    "mitigations": "small-boluses",
    "sensor-errors": "reads-high",
    "metrics": "frames_overheard",
}

Run = Callable[..., str]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's files and what an installer writes beside them."""
    folder = tmp_path_factory.mktemp("installed")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / "testbed_extras" / "__init__.py").write_text("", "utf-8")
    beside = folder / f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}.dist-info"
    beside.mkdir()
    (beside / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {PROJECT['name']}\nVersion: {PROJECT['version']}\n", "utf-8"
    )
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {what}\n" for name, what in each.items())
        for group, each in PROJECT["entry-points"].items()
    )
    (beside / "entry_points.txt").write_text(points, "utf-8")
    return folder


@pytest.fixture(scope="module")
def python(installed: Path) -> Run:
    """The means to run Python in a process that has the package."""
    outside = {name: each for name, each in os.environ.items() if not name.startswith("PYTEST")}

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**outside, "PYTHONPATH": os.pathsep.join([str(installed), *sys.path])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    return run


@pytest.mark.parametrize("what", LISTS)
def test_list_shows_what_another_package_adds(python: Run, what: str) -> None:
    """``testbed list`` has the new name in its list, beside those of this package."""
    rows = json.loads(python("-m", "testbed", "list", what, "--format", "json"))
    names = [row["name"] for row in rows]
    assert LISTS[what] in names
    assert len(names) > 1


def test_this_process_knows_nothing_of_it() -> None:
    """Without the package its method is unknown: the example is not installed for good."""
    from testbed.protocol.channels import CHANNELS
    from testbed.protocol.pairings import PAIRINGS

    assert "sent-in-clear" not in PAIRINGS
    assert "mac-counter" not in CHANNELS


def test_scenario_file_is_right(python: Run, installed: Path) -> None:
    """``testbed check`` takes the scenario that uses one of each."""
    assert "ok" in python("-m", "testbed", "check", str(installed / "scenario.toml"))


def test_scenario_file_meets_its_expectations(python: Run, installed: Path) -> None:
    """``testbed run --check`` passes: the attack goes through, and the mitigation stops it."""
    path = str(installed / "scenario.toml")
    python("-m", "testbed", "run", path, "--check", "--workers", "1", "--out", "")


USE = """
import sys, testbed
from testbed.trace import Attacked, CommandAccepted, Linked

run = testbed.simulate(testbed.load(sys.argv[1]))
attacked = [event for event in run.trace if isinstance(event, Attacked)]
gates = [(event.step, event.gate, event.passed) for event in attacked]
assert ("count-frames", "heard something", True) in gates, gates
assert ("overhear-pairing", "computed the link key", True) in gates, gates
assert ("remote-bolus", "command accepted", True) in gates, gates
assert run.outcome["unauthorised_U"] > 7, run.outcome
assert run.twin.outcome["unauthorised_U"] == 0
linked = [event.device for event in run.trace if isinstance(event, Linked)]
assert "stop-button" in linked, linked
accepted = [
    (event.command, sent.node)
    for position, event in enumerate(run.trace.events)
    if isinstance(event, CommandAccepted)
    for sent in run.trace.causes(position)
    if hasattr(sent, "node")
]
assert ("suspend", "stop-button") in accepted, accepted
assert run.patient == "tub#001"
assert run.glucose.min() == 1.0  # the tub is drained
assert run.twin.glucose.min() > 99.0
"""


def test_library_runs_a_world_on_it(python: Run, installed: Path) -> None:
    """In a simulated run the method links, the channel carries, and the attacker has the key."""
    python("-c", USE, str(installed / "scenario.toml"))


@pytest.mark.parametrize(
    ("file", "name", "at_least"),
    [
        ("protocol/test_pairings.py", "sent-in-clear", 10),
        ("protocol/test_channels.py", "mac-counter", 6),
        ("physiology/test_models.py", "tub", 4),
    ],
)
def test_tests_over_all_pick_it_up(python: Run, file: str, name: str, at_least: int) -> None:
    """The tests parametrised over all methods, channels or models run on the new one, and pass."""
    options = ["-n", "0", "-p", "no:cacheprovider", "-k", name]
    said = python("-m", "pytest", f"tests/{file}", *options)
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said
    assert int(passed[1]) >= at_least


def test_two_with_one_name_are_an_error(python: Run, installed: Path) -> None:
    """A second distribution with the same method is refused by name, not silently preferred."""
    twice = installed.parent / "twice"
    again = twice / "again-1.0.dist-info"
    again.mkdir(parents=True)
    (again / "METADATA").write_text("Metadata-Version: 2.1\nName: again\nVersion: 1.0\n", "utf-8")
    (again / "entry_points.txt").write_text(
        "[testbed.pairings]\nagain = testbed_extras.sent_in_clear:SentInClear\n", "utf-8"
    )
    code = (
        f"import sys; sys.path.append({str(twice)!r})\n"
        "from testbed.registry import RegistryError\n"
        "try:\n    import testbed.protocol.pairings\n"
        "except RegistryError as error:\n    print(error)\n"
    )
    assert python("-c", code).strip() == "testbed.pairings: two things are named 'sent-in-clear'"


def test_page_names_every_group() -> None:
    """The page's package has an entry point in each group that there is, and none besides."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "testbed").rglob("*.py"))
    groups = set(re.findall(r'registry\(\s*"(testbed\.\w+)"', source))
    assert set(PROJECT["entry-points"]) == groups
    assert all(f"`{group}`" in PAGE for group in groups)
