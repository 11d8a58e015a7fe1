"""The linter, the formatter, the type checker and the import contracts are part of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent

TOOLS = {
    "ruff check": (SCRIPTS / "ruff", "check", "."),
    "ruff format": (SCRIPTS / "ruff", "format", "--check", "."),
    "mypy": (SCRIPTS / "mypy",),
    "import-linter": (SCRIPTS / "lint-imports",),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_tool_has_nothing_to_say(tool: str) -> None:
    """The tool, with the settings of pyproject.toml, finds nothing."""
    ended = subprocess.run(TOOLS[tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
