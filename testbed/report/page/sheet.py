"""A table of the report, once for the page, once for a spreadsheet and once for a text file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from testbed.study.estimate import Effect, Estimate

_FORMULA: Final = re.compile(r"\s*[=@+\-]|[\t\r]")
"""How a cell begins that a spreadsheet may run instead of show."""
_AMOUNT: Final = re.compile(r"[+-][0-9.]+( \([-0-9.a-z ]*\))?")
"""What begins so and is a number with its limits."""
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")


class Cell(NamedTuple):
    """What stands in a cell.

    Attributes:
        text: What a reader reads.
        sort: What the column is sorted by; the text where it is None.
        strong: Whether it stands out.
    """

    text: str
    sort: float | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        name: Its name in files and in the page, in letters, digits and dashes.
        title: What it is, in a line.
        heads: The heads of its columns.
        rows: Its rows, with a cell for each column.
        foot: What a reader must know to read it.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[str, ...] = ()

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column is sorted by numbers."""
        columns = range(len(self.heads))
        return tuple(any(row[at].sort is not None for row in self.rows) for at in columns)

    def as_csv(self) -> str:
        """Return the table as CSV; a cell that a spreadsheet would run is quoted by ``'``."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(map(_harmless, self.heads))
        writer.writerows([_harmless(cell.text) for cell in row] for row in self.rows)
        return out.getvalue()

    def as_markdown(self) -> str:
        """Return the table, with its title above and its foot below, as Markdown."""
        lines = [
            f"## {plain(self.title)}",
            "",
            _line(map(plain, self.heads)),
            _line("--:" if number else ":--" for number in self.numeric),
        ]
        for row in self.rows:
            cells = (plain(cell.text) for cell in row)
            bold = zip(cells, row, strict=True)
            lines.append(
                _line(f"**{text}**" if cell.strong and text else text for text, cell in bold)
            )
        lines += [part for line in self.foot for part in ("", plain(line))]
        return "\n".join(lines) + "\n"


def sheet(
    name: str,
    title: str,
    heads: Iterable[str],
    rows: Iterable[Sequence[Cell | str]],
    foot: Iterable[str] = (),
) -> Sheet:
    """Return a table of cells and plain texts.

    Raises:
        ValueError: If a row has not a cell for each column.
    """
    heads = tuple(heads)
    made = tuple(
        tuple(each if isinstance(each, Cell) else Cell(each) for each in row) for row in rows
    )
    for row in made:
        if len(row) != len(heads):
            raise ValueError(f"{name}: expected {len(heads)} cells a row, found {len(row)}")
    return Sheet(name, title, heads, made, tuple(foot))


def number_cell(estimate: Estimate, decimals: int, *, signed: bool = False) -> Cell:
    """Return a number with its limits in brackets, to be sorted by the number.

    It stands out where it is an effect that is nothing neither by chance nor as printed.
    """
    if estimate.mean is None:
        return Cell("in no run")
    mean = estimate.mean_text(decimals, signed=signed)
    limits = estimate.limits_text(decimals)
    if signed and estimate.is_exact:
        limits = "in every pair"
    stands_out = (
        isinstance(estimate, Effect)
        and estimate.p_adjusted is not None
        and estimate.p_adjusted < _SIGNIFICANT
        and float(f"{estimate.mean:.{decimals}f}") != 0
    )
    return Cell(f"{mean} ({limits})", estimate.mean, stands_out)


_SIGNIFICANT: Final = 0.05


def _harmless(text: str) -> str:
    runs = _FORMULA.match(text) and not _AMOUNT.fullmatch(text)
    return f"'{text}" if runs else text


def plain(text: str) -> str:
    """Return a text on one line whose characters mean nothing to Markdown, nor to HTML."""
    return _MARKS.sub(r"\\\1", " ".join(text.split())).replace("\\<", "&lt;").replace("\\>", "&gt;")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
