"""The matrix as tables for terminals and files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from testbed.report.matrix import (
    conclusion_words,
    matrix_report,
    price_lines,
    removed_pct,
    sweep_report,
)
from testbed.report.matrix_files import (
    matrix_csv,
    matrix_json,
    matrix_markdown,
    overview,
    sweep_lines,
)
from testbed.report.matrix_map import heat_map, matrix_figure
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
from testbed.study.matrix_sweep import Conclusion

MITIGATIONS = ("remote-bolus-off", "pair-in-private", "cancel-unexpected-bolus", ALL_ADVICE)
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
    rows = [line for line in overview(matrix) if line.startswith("| `")]
    assert rows[0].split(" | ")[1] == "**82**"
    assert rows[1].split(" | ")[1:3] == ["0", "2"]
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
    shown = text(sweep_report(found), 100)
    first, second = shown.split("two\n")
    assert "the same best at every value" in first
    assert "the best depends on it" in second
    assert "none removes harm" in second
    assert conclusion_words(found[0]) == "x (-1.00)"
    rows = [line for line in sweep_lines(found) if line.startswith("| `")]
    assert rows == [
        "| `one` | -1.00 of 2.00 | -1.00 of 2.00 | the same: x |",
        "| `two` | x (-1.00) | none removes harm | **depends on the value** |",
    ]


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
