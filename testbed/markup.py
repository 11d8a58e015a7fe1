"""Small tables in HTML for notebooks, in which nothing that anybody wrote is markup."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def html_table(
    caption: str,
    rows: Iterable[Sequence[str]],
    heads: Sequence[str] = (),
    titles: Sequence[str] = (),
) -> str:
    """Return a table whose first column names its rows; every text is escaped.

    A line break in a text is one in the cell.

    Args:
        caption: What stands above it.
        rows: A text for each cell.
        heads: The heads of the columns; no row of heads if left out.
        titles: What a row's name says when it is pointed at, a text for each row, or none.
    """
    said = [*titles]
    body = []
    for number, (name, *cells) in enumerate(rows):
        title = f' title="{_text(said[number])}"' if number < len(said) else ""
        inside = "".join(f"<td>{_text(cell)}</td>" for cell in cells)
        body.append(f'<tr><th scope="row"{title}>{_text(name)}</th>{inside}</tr>')
    above = "".join(f'<th scope="col">{_text(head)}</th>' for head in heads)
    return (
        f"<table><caption>{_text(caption)}</caption>"
        f"{f'<thead><tr>{above}</tr></thead>' if heads else ''}"
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def _text(text: str) -> str:
    return html.escape(text, quote=True).replace("\n", "<br>")
