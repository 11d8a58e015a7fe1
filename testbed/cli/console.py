"""The console that tables go to, and the formats a command can answer in."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

from rich.console import Console


class Format(Enum):
    """How a command answers."""

    TABLE = "table"
    JSON = "json"


class StudyFormat(Enum):
    """How a study is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class _PipeConsole(Console):
    def on_broken_pipe(self) -> None:
        """Leave a reader who went away to the guard, instead of ending the program here."""
        raise BrokenPipeError


def console() -> Console:
    """Return a console on stdout that prints text as it is: no markup, no highlighting."""
    return _PipeConsole(markup=False, highlight=False, emoji=False)


def print_json(data: Any) -> None:
    """Print data as strict JSON, in characters that every terminal knows."""
    print(json.dumps(data, indent=2, allow_nan=False))
