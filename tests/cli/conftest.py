"""The command line called in this process, with a small scenario to call it on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from testbed.cli.app import app
from tests.cafe import SMALL


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def testbed(capsys: pytest.CaptureFixture[str]) -> Command:
    """Call the command line as the script would, and return how it ended."""

    def call(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            app(list(arguments), prog_name="testbed")
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Ended(int(ended.value.code or 0), out, err)

    return call


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own as the working directory, with a small scenario ``cafe.toml`` in it."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cafe.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path
