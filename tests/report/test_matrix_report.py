"""The matrix as tables for terminals and files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from testbed.mitigations import MITIGATIONS as KNOWN
from testbed.report.matrix import matrix_report, price_lines, removed_pct
from testbed.report.matrix_files import matrix_csv, matrix_json, matrix_markdown, overview
from testbed.report.matrix_map import heat_map, matrix_figure
from testbed.report.matrix_sweep import (
    conclusion_words,
    flip_words,
    in_short,
    sweep_lines,
    sweep_report,
)
from testbed.report.matrix_words import VERDICTS, summary_lines, verdict
from testbed.report.page import KeptMatrix, html_page, matrix_document
from testbed.study.estimate import Effect, Estimate
from testbed.study.matrix import (
    ALL_ADVICE,
    EVERY_RUN,
    NO_RUN,
    Cell,
    Matrix,
    PathOfAttack,
    Price,
)
from testbed.study.matrix_conclusions import Concluded, Conclusion, Flip

MITIGATIONS = ("remote-bolus-off", "pair-in-private", "cancel-unexpected-bolus", ALL_ADVICE)
WEARERS = {name for name in MITIGATIONS[:-1] if KNOWN[name].bearer == "wearer"}
PATHS = tuple(f"a_path_of_attack_number_{number}" for number in range(7))


def effect(mean: float, p: float | None) -> Effect:
    """Return an effect with limits half a unit to each side, none where it is 0."""
    half = 0.5 if mean else 0.0
    return Effect(mean, mean - half, mean + half, 60, "m", p, "t", p)


def cell(path: str, mitigation: str, number: int) -> Cell:
    """Return a cell: 8.25 U less, 0 in every run, or 0 because no run differs."""
    mean = -8.25 if mitigation in ("remote-bolus-off", ALL_ADVICE) else 0.0
    if mitigation == "pair-in-private" and number == 1:
        mean = -0.25
    why = "" if mean else NO_RUN if mitigation == "pair-in-private" else EVERY_RUN
    level = Estimate(10.0 + mean, 9.0 + mean, 11.0 + mean, 60, "m")
    p = (0.001 if mean < -1 else 0.6) if mean else None
    return Cell(path, mitigation, "unauthorised_U", level, effect(mean, p), why, True)


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    """Seven paths against four mitigations."""
    level = Estimate(10.0, 9.0, 11.0, 60, "m")
    names = enumerate(PATHS)
    return Matrix(
        paths=tuple(
            PathOfAttack(
                name, f"Story {name}", ("replay",), ("unauthorised_U",), {"unauthorised_U": level}
            )
            for name in PATHS
        ),
        mitigations=MITIGATIONS,
        cells=tuple(cell(path, each, number) for number, path in names for each in MITIGATIONS),
        prices=(
            Price("remote-bolus-off", "own_refused", effect(0.75, 0.001), ""),
            Price("remote-bolus-off", "tir_pct", effect(-0.01, 0.9), ""),
            Price("pair-in-private", "prompts", effect(0.0, None), NO_RUN),
        ),
        replicates=60,
        seeds=dict.fromkeys(PATHS, 7),
    )


def text(renderable: RenderableType, width: int) -> str:
    """Return what a terminal shows."""
    out = io.StringIO()
    Console(file=out, width=width).print(renderable)
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_report_fits_its_width_and_names_everything(matrix: Matrix, width: int) -> None:
    """At any usual width no line is longer, and every mitigation and cell is there."""
    shown = text(matrix_report(matrix), width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    assert shown.count("-8.25") == 2 * len(PATHS)
    assert shown.count("-8.75 to -7.75") == 2 * len(PATHS)
    for name in MITIGATIONS:
        assert name in shown


def test_a_row_of_zeros_is_told_with_its_reason(matrix: Matrix) -> None:
    """Rows of zeros stand below a block by their reason, a zero beside others in its cell."""
    shown = text(matrix_report(matrix), 240)
    assert "0, in every run: cancel-unexpected-bolus" in shown
    row = next(line for line in shown.splitlines() if line.startswith("pair-in-private"))
    assert row.split()[1:] == ["0", "-0.25", "0", "0", "0", "0", "0"]
    assert NO_RUN in shown


def test_a_price_too_small_to_print_is_not_called_nothing(matrix: Matrix) -> None:
    """A line of prices has what can be seen, names what cannot, and is 'nothing' at exactly 0."""
    lines = dict(price_lines(matrix))
    told = "own_refused +0.75* (0.25 to 1.25); next to nothing of tir_pct"
    assert lines["remote-bolus-off"] == told
    assert lines["pair-in-private"] == "nothing"
    assert "tir_pct" in matrix_csv(matrix)


def test_the_foot_says_over_how_many_p_values_are_corrected(matrix: Matrix) -> None:
    """The reader is told of the correction, and that no incidence is meant."""
    shown = " ".join(text(matrix_report(matrix), 100).split())
    assert f"Holm's correction, over all {2 * len(PATHS) + 1} effects, or all 2 prices" in shown
    assert "not an incidence" in shown


def test_csv_has_a_line_for_each_cell_and_price(matrix: Matrix) -> None:
    """Each effect has its path and level as shipped, and zeros their reason."""
    rows = list(csv.DictReader(io.StringIO(matrix_csv(matrix))))
    assert [row["kind"] for row in rows] == ["effect"] * len(matrix.cells) + ["price"] * 3
    first = rows[0]
    assert (first["path"], first["shipped"], first["mean"]) == (PATHS[0], "10.0", "-8.25")
    assert {row["why_zero"] for row in rows if float(row["mean"]) == 0} == {NO_RUN, EVERY_RUN}


def test_json_is_strict_and_has_every_cell(matrix: Matrix) -> None:
    """What is printed can be read by any program."""
    told = json.loads(json.dumps(matrix_json(matrix), allow_nan=False))
    assert len(told["cells"]) == len(matrix.cells)
    assert told["p_values"]["over_effects"] == matrix.tested
    assert told["not_as_claimed"] == []


def test_markdown_says_how_much_of_the_harm_goes(matrix: Matrix) -> None:
    """The overview is in % of the harm as shipped, bold where it is sure, a bare 0 for nothing."""
    rows = [line for line in overview(matrix, MITIGATIONS, "") if line.startswith("| `")]
    assert [row.split(" | ")[1] for row in rows] == ["10.00"] * len(PATHS)
    assert [row.split(" | ")[2] for row in rows] == ["**82**"] * len(PATHS)
    assert [row.split(" | ")[3] for row in rows[:2]] == ["0", "2"]
    page = matrix_markdown(matrix)
    for name in PATHS:
        assert f"`scenarios/{name}.toml`" in page
    assert f"Exactly 0, {NO_RUN}: `pair-in-private`." in page


@pytest.mark.parametrize("shipped", [None, 0.0])
def test_of_no_harm_no_share_can_go(matrix: Matrix, shipped: float | None) -> None:
    """A share of nothing is not told."""
    level = Estimate(shipped, shipped, shipped, 60, "m")
    path = PathOfAttack("p", "t", (), ("unauthorised_U",), {"unauthorised_U": level})
    assert removed_pct(matrix.cells[0], path) is None


def test_a_sweep_says_whether_the_best_stays_the_best() -> None:
    """The values of a setting are told one by one, and whether the conclusion depends on it."""

    def at(path: str, value: float, *best: str) -> Conclusion:
        change = -1.0 if best else 0.0
        return Conclusion(path, "a.setting", value, "missed_U", 2.0, best, change, True, best)

    found = [at("one", 0.0, "x"), at("one", 0.8, "x"), at("two", 0.0, "x"), at("two", 0.8)]
    shown = text(sweep_report(Concluded(tuple(found))), 100)
    first, second = shown.split("two\n")
    assert "the same best at every value" in first
    assert "the best depends on it" in second
    assert "none removes harm" in second
    assert conclusion_words(found[0]) == "x: -1.00"
    rows = [line for line in sweep_lines(Concluded(tuple(found))) if line.startswith("| `")]
    assert rows == [
        "| `one` | 0 | `missed_U` 2.00 | `x` | -1.00 | `x` |",
        "| `one` | 0.8 | `missed_U` 2.00 | `x` | -1.00 | `x` |",
        "| `two` | 0 | `missed_U` 2.00 | `x` | -1.00 | `x` |",
        "| `two` | 0.8 | `missed_U` 2.00 | none removes harm |  | none |",
    ]
    (short,) = in_short(Concluded(tuple(found)))
    assert "the harm of 2 of 2 paths differs at all" in short
    assert "not the same at every value on `two`; the intervals bear that on none" in short


def test_a_sweep_that_bears_on_nothing_is_told_in_a_line() -> None:
    """A path whose runs are the same at every value has no row, and is named."""
    found = tuple(
        Conclusion("one", "a.setting", value, "missed_U", 2.0, ("x",), -1.0, True, ("x",), False)
        for value in (0.0, 0.8)
    )
    lines = sweep_lines(Concluded(found))
    assert "The harm of every run is the same at every value: `one`." in lines
    assert not any(line.startswith("|") for line in lines)
    assert "the harm of 0 of 1 paths differs at all" in in_short(Concluded(found))[0]


@pytest.mark.parametrize(("second", "borne"), [((0.5, 1.5), True), ((-0.5, 1.5), False)])
def test_that_an_order_changes_is_borne_only_where_no_interval_holds_0(
    second: tuple[float, float], borne: bool
) -> None:
    """A difference that one interval does not tell from none is not called another order."""
    there = Effect(-1.0, -1.5, -0.5, 60, "m")
    then = Effect(1.0, *second, 60, "m")
    flip = Flip("one", "a.setting", "missed_U", (0.0, 0.8), ("x", "y"), (there, then))
    assert flip.is_borne is borne
    assert ("the intervals bear it" in flip_words(flip)) is borne


def test_the_summary_claims_what_limits_bear(matrix: Matrix) -> None:
    """Of each mitigation it counts the paths by what their own limits say, and which are sure."""
    rows = [line for line in summary_lines(matrix, Concluded()) if line.startswith("| `")]
    counts = {
        name: {
            said: sum(
                cell.mitigation == name and verdict(cell, none=False) == said
                for cell in matrix.cells
            )
            for said in VERDICTS
        }
        for name in MITIGATIONS
    }
    assert [row.split(" | ")[0].strip("|` ") for row in rows] == [
        name for name in matrix.mitigations if name == "all-advice" or name in WEARERS
    ]
    for row in rows:
        name, *told = row.strip("| ").split(" | ")
        own = counts[name.strip("`")]
        assert int(told[1].split()[0]) == own["leaves part of"]
        assert int(told[4]) == own["changes exactly nothing of"]


@pytest.mark.parametrize(
    ("low", "high", "left", "said"),
    [
        (-9.0, -1.0, 5.0, "leaves part of"),
        (1.0, 9.0, 15.0, "makes worse"),
        (-9.0, 1.0, 6.0, "is not shown to change"),
        (-9.0, -1.0, 0.0, "leaves nothing of"),
        (-9.0, 1.0, 0.0, "leaves nothing in these runs, too few of them harmed to show it, of"),
    ],
)
def test_a_verdict_goes_by_the_limits(low: float, high: float, left: float, said: str) -> None:
    """Nothing is said to be removed or made worse where the limits hold 0."""
    mean = (low + high) / 2
    found = Cell(
        "p",
        "m",
        "unauthorised_U",
        Estimate(left, left, left, 60, "m"),
        Effect(mean, low, high, 60, "m", 0.5, "t", 0.5),
        "",
        True,
    )
    assert verdict(found, none=False) == said


def test_page_of_a_matrix_has_every_number(matrix: Matrix, tmp_path: Path) -> None:
    """What was saved is read as it was, and every effect, path and mitigation is on the page."""
    (tmp_path / "matrix.json").write_text(json.dumps(matrix_json(matrix)), encoding="utf-8")
    kept = KeptMatrix.read(tmp_path)
    assert kept is not None
    assert kept == KeptMatrix(matrix, ())
    document = matrix_document(kept)
    tables = {each.name: each for each in document.sheets}
    assert len(tables["effects"].rows) == len(matrix.cells)
    assert [row[0].text for row in tables["paths"].rows] == list(PATHS)
    counts = {row[0].text: [each.sort for each in row[3:]] for row in tables["mitigations"].rows}
    assert all(sum(filter(None, each)) == len(PATHS) for each in counts.values())
    page = html_page(document)
    assert page.count("-8.25") >= 2 * len(PATHS)
    assert page == html_page(matrix_document(kept))


def test_heat_map_says_what_is_sure_and_what_is_nothing(matrix: Matrix) -> None:
    """A share of the harm as shipped, 0 only where it is exactly so, and chance marked as such."""
    found = heat_map(matrix)
    assert found.changes[0] == [-82.5] * len(PATHS)
    assert found.changes[1] == [0, -2.5, 0, 0, 0, 0, 0]
    assert found.doubtful[0] == [False] * len(PATHS)
    assert found.doubtful[1] == [False, True, *[False] * 5]
    shown = {text.get_text() for text in matrix_figure(matrix).axes[0].texts}
    assert shown == {"-82", "0", "(-2)"}
