"""What the project's files are and what they must not hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 320
_SKIPPED = {"results", "build", "dist", "__pycache__"}
_TEXT = {".py", ".md", ".toml", ".json", ".ipynb", ".csv", ".txt", ".cfg", ".yml", ".yaml", ""}

FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.~/-])/(?:work|tmp|home|root|Users|mnt)/\w",
    "the number of an issue": r"\bissue\s*#\s*\d",
    "a mark of unfinished work": r"\b(?:TODO|FIXME|XXX)\b",
    "an address inside somebody's network": r"\b(?:10|192\.168|172\.16)(?:\.\d{1,3}){2,3}\b",
}


def _kept() -> list[Path]:
    """Return the project's files: those git knows, or all that are not made by tools."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if listed.returncode == 0:
            names = filter(None, listed.stdout.split("\0"))
            return [ROOT / name for name in names if (ROOT / name).is_file()]
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not _SKIPPED.intersection(path.parts)
        and not any(
            part.endswith(".egg-info") or (part.startswith(".") and part not in (".ci",))
            for part in path.relative_to(ROOT).parts[:-1]
        )
    ]


FILES = [path for path in _kept() if path.suffix in _TEXT and path != Path(__file__)]
MODULES = sorted((ROOT / "testbed").rglob("*.py"))


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    """What belongs to one machine or one moment of the work stands in no file."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in FILES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (match := pattern.search(line))
    ]
    assert not found


def test_modules_are_short() -> None:
    """A module that grows longer than this is two modules."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in MODULES
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert not long


def test_package_says_that_it_is_typed() -> None:
    """The marker file by which type checkers of other packages trust this one's types."""
    assert (ROOT / "testbed" / "py.typed").is_file()


def test_command_lines_of_the_readme_are_single_lines() -> None:
    """The README's two commands do all their set-up, each in one line."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    starts = [line for line in lines if line.startswith("python3 -m venv .venv && ")]
    assert len(starts) == 2
    assert any(line.endswith("testbed run scenarios/cafe_pairing.toml") for line in starts)
    assert any(line.endswith(".venv/bin/pytest") for line in starts)


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    """``.ci/run`` installs and tests as the README says, in an environment of its own."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    (tests,) = (line for line in lines if line.endswith(".venv/bin/pytest"))
    _, install, run = tests.split(" && ")
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    for command in (install, run):
        assert command.replace(".venv/", '"$venv"/') in script
