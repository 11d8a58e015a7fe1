"""The tables in the documents are those that the search prints, and it is exhausted."""

from __future__ import annotations

from tests.verification_page import PAGE, found, written_anew


def test_documented_tables_are_what_is_found_and_nothing_is_left_open() -> None:
    """Every search ends within its bound, and finds what docs/verification.md says."""
    rows = found()
    assert all(row.exhausted for row in rows)
    page = PAGE.read_text(encoding="utf-8")
    assert page == written_anew(page, rows), "if this is meant: python -m tests.verification_page"
