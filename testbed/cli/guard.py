"""How a command ends when it cannot go on: plain lines on stderr and an exit code.

Exit codes: 0 for done, 1 for an expectation that did not hold, 2 for anything the reader can put
right (a file, a name, a folder), 130 for Ctrl-C, 141 where the reader of a pipe went away.  What
nobody foresaw keeps its traceback.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterable
from typing import Any, Final

import typer
from typer.core import TyperGroup

UNMET: Final = 1
WRONG: Final = 2
INTERRUPTED: Final = 130
UNREAD: Final = 141

_STDOUT_IS_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class CommandError(Exception):
    """A command cannot do what was asked, for a reason that the reader can put right.

    Args:
        lines: What to print, one line each.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


def complain(lines: Iterable[str]) -> None:
    """Print lines on stderr as they are: no colour, no wrapping, no markup."""
    for line in lines:
        print(line, file=sys.stderr)


def nearest_name(kind: str, found: str, names: Iterable[str]) -> CommandError:
    """Return the error for a name that is none of ``names``, with the nearest right one.

    Args:
        kind: What the names name, with its article.
        found: The name as given.
        names: The names that there are.
    """
    from testbed.scenario.errors import did_you_mean, one_of, printable, show

    listed = tuple(names)
    near = did_you_mean(found, listed)
    if near:
        says = f"expected {kind}, found {show(found)}, did you mean {near}?"
    else:
        says = f"expected {kind}: {one_of(listed)}; found {show(found)}"
    return CommandError(printable(says))


class GuardedGroup(TyperGroup):
    """The commands, with every foreseen error turned into lines and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal that knows no "─" gets an escape
                stream.reconfigure(errors="backslashreplace")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except CommandError as error:
            complain(str(error).splitlines())
            raise typer.Exit(WRONG) from None
        except BrokenPipeError:
            _let_go_of_stdout()
            raise typer.Exit(UNREAD) from None
        except OSError as error:
            if error.errno not in _STDOUT_IS_FULL or error.filename is not None:
                raise
            _let_go_of_stdout()
            complain([f"stdout: {os.strerror(error.errno).lower()}"])
            raise typer.Exit(WRONG) from None
        except KeyboardInterrupt:
            complain(["interrupted"])
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            lines = _foreseen(error)
            if lines is None:
                raise
            complain(lines)
            raise typer.Exit(WRONG) from None
        return result


def _let_go_of_stdout() -> None:
    """Let nobody who reads on (``| head``) be no error, now and when Python exits."""
    # A stream without a descriptor, as in tests, has no pipe to break.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _foreseen(error: Exception) -> list[str] | None:
    # These rooms take a while to import, and an error of theirs means that they are imported.
    scenario = sys.modules.get("testbed.scenario")
    if scenario is not None and isinstance(error, scenario.ScenarioError):
        return str(error).splitlines()
    study = sys.modules.get("testbed.study")
    if study is None:
        return None
    if isinstance(error, study.UnknownArmError):
        return str(nearest_name("an arm", error.arm, error.arms)).splitlines()
    if isinstance(error, study.StoreError | study.ExecutorError | study.MissingExtraError):
        from testbed.scenario.errors import printable

        return [printable(line) for line in str(error).splitlines()]
    return None
