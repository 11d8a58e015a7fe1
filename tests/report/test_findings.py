"""The page of findings against the program."""

from __future__ import annotations

import pytest
import typer
from testbed.api import load
from testbed.cli.app import app
from testbed.report.matrix import limits, mean
from testbed.study.matrix_run import run_matrix
from tests.findings import (
    BEGIN,
    END,
    PAGE,
    ROOT,
    SHORT,
    cells_of,
    command,
    replicates_of,
    written,
)

PATH = "cafe_pairing"
TRIED = ("remote-bolus-off", "cancel-unexpected-bolus")
WORDS = """\
text
`scenarios/one.toml`. As shipped: `missed_U` 3.00 U.

| mitigation | effect (U) | 95 % limits | p |
|---|---:|---|---|
| `a` | **-2.50** | -3.00 to -2.00 | < 0.001 |
| `b` | +0.10 | -0.10 to 0.20 | 0.600 |

Exactly 0, no run differs: `c`, `d`.

### Another

`scenarios/two.toml`. As shipped: `missed_U` 0.00 U.

Exactly 0, in every run: `a`.
* 12 replicates an arm, seed 7
"""


def test_a_page_is_read_cell_by_cell() -> None:
    """Effects, limits and zeros of each path are found in the text."""
    assert cells_of(WORDS, "one") == {
        "a": ("-2.50", "-3.00 to -2.00"),
        "b": ("+0.10", "-0.10 to 0.20"),
        "c": ("0", "no run differs"),
        "d": ("0", "no run differs"),
    }
    assert cells_of(WORDS, "two") == {"a": ("0", "in every run")}
    assert replicates_of(WORDS) == 12


def test_results_are_put_between_the_marks() -> None:
    """The text around the results stays, and a page without marks is refused."""
    page = f"before\n{BEGIN}old\n{END}after\n"
    assert written(page, "new") == f"before\n{BEGIN}\nnew\n{END}after\n"
    with pytest.raises(ValueError, match="expected"):
        written("before", "new")


def test_the_answer_stands_before_everything_else() -> None:
    """A reader meets the short answer, then what it assumes, then the tables."""
    page = PAGE.read_text("utf-8")
    places = [page.index(each) for each in (SHORT, "## Under which assumptions", BEGIN)]
    assert places == sorted(places)
    assert page[: places[0]].count("\n") < 20


def test_the_command_on_the_page_is_one() -> None:
    """The program takes the command that stands on the page, with its options."""
    _, name, *given = command(20, 30).split()
    known = typer.main.get_command(app)
    matrix = known.get_command(typer.Context(known), name)  # type: ignore[attr-defined]
    options = matrix.make_context(name, given).params
    assert (options["paths"], options["replicates"]) == (["scenarios"], 20)
    assert (options["sweep"], options["sweep_replicates"]) == (True, 30)
    assert "--sweep" not in command(20, 0)


def test_the_page_has_what_the_program_finds() -> None:
    """Some cells of one path are what the command gives with as many replicates."""
    page = PAGE.read_text("utf-8")
    told = cells_of(page, PATH)
    zero = next((name for name, (effect, _) in told.items() if effect == "0"), None)
    chosen = (*TRIED, *([zero] if zero else []))
    scenario = load(ROOT / "scenarios" / f"{PATH}.toml")
    matrix = run_matrix([scenario], chosen, replicates=replicates_of(page))
    found = {cell.mitigation: cell for cell in matrix.of(PATH)}
    for name in chosen:
        cell = found[name]
        if cell.why_zero:
            assert told[name] == ("0", cell.why_zero)
        else:
            exact = "every run" if cell.effect.is_exact else limits(cell.effect, cell.metric)
            assert told[name] == (mean(cell.effect, cell.metric), exact)
