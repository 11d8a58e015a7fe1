"""How the command line starts and ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import testbed as package
from testbed.cli.app import app

from .conftest import Command


def test_version_is_the_packages(testbed: Command) -> None:
    """``testbed --version`` prints the version of the package."""
    assert testbed("--version").out == f"testbed {package.__version__}\n"


@pytest.mark.parametrize(
    "command", ["run", "check", "list", "trace", "verify", "export", "fleet", "schema"]
)
def test_every_command_has_help(testbed: Command, command: str) -> None:
    """The help names every command, and each command has a help of its own."""
    assert command in testbed("--help").out
    ended = testbed(command, "--help")
    assert ended.code == 0
    assert f"testbed {command}" in ended.out


def test_help_loads_no_heavy_library() -> None:
    """``testbed --help`` does not wait for numba, numpy, pandas or matplotlib."""
    heavy = ("numba", "numpy", "pandas", "matplotlib", "simpy", "testbed.scenario")
    code = f"import sys, testbed.cli.app; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_module_is_the_command_line() -> None:
    """``python -m testbed`` is the script."""
    ended = subprocess.run(
        [sys.executable, "-m", "testbed", "--version"], capture_output=True, text=True, check=True
    )
    assert ended.stdout == f"testbed {package.__version__}\n"


def test_ctrl_c_is_short(testbed: Command, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted study says so in a word, with the exit code of an interrupted command."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("testbed.api.run_study", interrupted)
    ended = testbed("run", "cafe.toml")
    assert (ended.code, ended.out, ended.err) == (130, "", "interrupted\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_full_disk_under_stdout_is_told(small: Path) -> None:
    """Output that cannot be written is an error in a line, with exit code 2."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "testbed", "trace", "cafe.toml"],
            cwd=small.parent,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (2, "stdout: no space left on device\n")


def test_unforeseen_error_keeps_its_traceback(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw is a fault of the program and is not dressed up."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("testbed.api.run_study", broken)
    with pytest.raises(ZeroDivisionError):
        app(["run", "cafe.toml"], prog_name="testbed")


def test_terminal_without_unicode_gets_the_table(small: Path) -> None:
    """Where the terminal knows only ASCII, the tables are printed all the same."""
    small.write_text(small.read_text(encoding="utf-8").replace("hour", "hour \u2192"), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "testbed", "run", "cafe.toml", "--out", ""],
        cwd=small.parent,
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert ended.stderr == b""
    assert ended.returncode == 0
    assert b"\\u2192" in ended.stdout
