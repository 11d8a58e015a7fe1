"""``testbed new``, and what editors and shells are helped with."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from testbed.api import load
from testbed.scenario.shapes import fields
from testbed.scenario.starter import starter, toml_value

from .conftest import Command


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder as the working directory."""
    monkeypatch.chdir(tmp_path)


def test_starter_is_right_and_meets_its_expectations(testbed: Command) -> None:
    """What is written passes the check, and a study of it comes out as it expects."""
    assert testbed("new").code == 0
    assert testbed("check", "scenario.toml").code == 0
    assert testbed("run", "scenario.toml", "--check", "--out", "").code == 0


def test_file_that_is_there_is_left_alone(testbed: Command) -> None:
    """Nothing is overwritten: exit code 2, a line that says so, and the file as it was."""
    Path("mine.toml").write_text("precious", "utf-8")
    ended = testbed("new", "mine.toml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("mine.toml: expected the name of a new file")
    assert Path("mine.toml").read_text("utf-8") == "precious"
    assert testbed("new", "no/such/folder.toml").code == 2


def test_comments_are_what_the_schema_says() -> None:
    """Every key that the starter has is explained in the words of its settings class."""
    said = " ".join(line.lstrip("# ") for line in starter().splitlines() if line.startswith("#"))
    from testbed.devices import PumpSettings

    about = fields(PumpSettings)["max_bolus_U"][1].description
    assert about is not None
    assert f"{about.rstrip('.')}: a number from 0.1 to 25." in said


def test_first_line_names_the_schema_that_the_command_writes(testbed: Command) -> None:
    """The file that the line names is written by ``testbed schema --out``, and fits the file."""
    testbed("new")
    first = Path("scenario.toml").read_text("utf-8").splitlines()[0]
    name = first.removeprefix("#:schema ./")
    assert testbed("schema", "--out", name).out == ""
    written = json.loads(Path(name).read_text("utf-8"))
    assert written == json.loads(testbed("schema").out)
    jsonschema.validate(tomllib.loads(Path("scenario.toml").read_text("utf-8")), written)
    assert "To complete keys" not in testbed("new", "second.toml").out


def test_schema_that_cannot_be_written_is_told(testbed: Command) -> None:
    """A folder where --out should be is refused with its name."""
    ended = testbed("schema", "--out", ".")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "--out: expected a file to write, found .: is a directory\n"


@pytest.mark.parametrize(
    "value", [True, 3, 2.5, 'a "quote" and \\', ["a", 1], {"a": {"b": [1.5]}}, [], {}]
)
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    """What is written as TOML is read as the same value."""
    assert tomllib.loads(f"x = {toml_value(value)}")["x"] == value


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tra", ["trace"]),
        ("e", ["explain", "export"]),
        ("list mit", ["mitigations"]),
        ("explain scenario.toml --arm re", ["remote-bolus-off"]),
        ("explain nothing.toml --arm re", []),
        ("run scenario.toml --metrics tir_pct,gr", ["tir_pct,gri"]),
    ],
)
def test_shell_is_offered_what_fits(
    testbed: Command, monkeypatch: pytest.MonkeyPatch, words: str, offered: list[str]
) -> None:
    """Commands, lists, arms of the file in the line, and metrics after commas are completed."""
    testbed("new")
    line = f"testbed {words}"
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - 1))
    monkeypatch.setenv("_TESTBED_COMPLETE", "complete_bash")
    assert testbed().out.split() == offered
    load("scenario.toml")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_of_each_shell_is_shown(
    testbed: Command, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    """``--show-completion`` prints the lines that a shell's start-up file needs."""
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    ended = testbed("--show-completion", shell)
    assert ended.code == 0
    assert "_TESTBED_COMPLETE" in ended.out
