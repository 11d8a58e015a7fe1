"""The tables of a study as text."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType
from testbed.outcomes import METRICS
from testbed.report.tables import (
    CONDITIONAL,
    ArmsTable,
    Kind,
    effects_table,
    footer,
    metrics_table,
    prices_table,
    study_report,
)
from testbed.study.results import Study
from testbed.study.row import Row


def _text(renderable: RenderableType, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(renderable)
    return out.getvalue()


USUAL = [name for name, metric in METRICS.items() if not metric.on_request]


def _rows(text: str) -> list[str]:
    """Return the metrics that have a row in a printed table, each once."""
    words = (line.split() for line in text.splitlines())
    found = (line[0] for line in words if len(line) > 1 and line[0] in METRICS)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("metrics", [None, list(METRICS)], ids=["usual", "all"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_report_fits_its_width_and_loses_nothing(
    study: Study, width: int, metrics: list[str] | None
) -> None:
    """At any usual width every arm and metric is printed whole and no line is longer."""
    text = _text(study_report(study, metrics), width)
    assert max(map(len, text.splitlines())) <= width
    for name in (*study.arms, *METRICS):  # those not in a table are named at the foot
        assert name in text
    assert "…" not in text


def test_tables_show_the_usual_metrics_and_the_foot_names_the_others(study: Study) -> None:
    """What is shown on request has no row, and the foot says that it is there."""
    assert _rows(_text(metrics_table(study))) == USUAL
    assert 10 < len(USUAL) < len(METRICS)
    said = " ".join(_text(footer(study)).split())
    (told,) = [
        each.partition(".")[0].split(", ")
        for each in said.split("On request (--metrics), and in the files: ")[1:]
    ]
    assert told == [name for name in METRICS if name not in USUAL]


@pytest.mark.parametrize("metrics", [["gri"], ["dka_index_h", "tir_pct", "unauthorised_U"]])
def test_report_shows_what_is_asked_for(study: Study, metrics: list[str]) -> None:
    """The tables have the metrics asked for in their order; prices none that needs an attacker."""
    text = _text(study_report(study, metrics), 200)
    assert _rows(text) == metrics
    prices = text.partition("Price: ")[2]
    assert _rows(prices) == [name for name in metrics if not METRICS[name].needs_attacker]


def test_report_of_attackers_metrics_has_no_prices(study: Study) -> None:
    """Where every metric asked for needs an attacker, there is no table of prices."""
    assert "Price: " not in _text(study_report(study, ["unauthorised_U"]))


def test_foot_explains_the_metrics_of_the_tables(study: Study) -> None:
    """The proxy for level 3 is explained where it is shown, and not where it is not."""
    proxy = METRICS["hypo_3_proxy"].definition
    assert proxy in " ".join(_text(study_report(study, ["hypo_3_proxy"])).split())
    assert proxy not in " ".join(_text(study_report(study)).split())


@pytest.mark.parametrize("kind", ["metrics", "effects", "prices"])
def test_no_width_cuts_a_cell(study: Study, kind: Kind) -> None:
    """Whatever the width from 50 columns up, the same words and numbers are printed."""
    table = ArmsTable(study, kind)
    whole = {word for word in _text(table, 400).split() if "─" not in word}
    for width in range(50, 131):
        lines = _text(table, width).splitlines()
        assert max(map(len, lines)) <= width
        assert {word for line in lines for word in line.split() if "─" not in word} == whole


def test_arms_stand_beside_each_other_where_they_fit(study: Study) -> None:
    """Five arms are one block at 120 columns and two at 80."""
    assert _text(metrics_table(study), 120).count("metric ") == 1
    assert _text(metrics_table(study), 80).count("metric ") == 2


def test_piped_report_is_plain_text(study: Study) -> None:
    """Text written to a file has no escape sequences."""
    assert "\x1b" not in _text(study_report(study))


def test_long_arm_name_is_folded_and_not_cut(study: Study) -> None:
    """An arm's name that is wider than the terminal goes on in the next line."""
    long = "x" * 100
    text = _text(ArmsTable(replace(study, arms=(*study.arms, long)), "metrics"))
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("x") >= 100


def test_null_effects_are_printed_as_exactly_0(study: Study) -> None:
    """A precaution that changes nothing is a row of zeros that says it holds in every pair."""
    alone = replace(
        study,
        arms=("as-shipped", "pair-in-private"),
        rows=(*study.of("as-shipped"), *study.of("pair-in-private")),
    )
    lines = _text(effects_table(alone)).splitlines()
    cells = [line.split() for line in lines if line.split()[:1] and line.split()[0] in METRICS]
    assert [cell[1] for cell in cells] == ["0"] * len(USUAL)
    assert sum("in every pair" in line for line in lines) == len(USUAL)


def test_price_too_small_to_print_is_not_zero_and_not_bold(study: Study) -> None:
    """A difference below the last place shows its first digit and does not stand out."""
    arms = ("as-shipped", "off")
    rows = tuple(
        Row(arm, at, f"adult#{at % 3:03}", {}, {"lowest_mgdl": 80.0 - at * 1e-7 * (arm == "off")})
        for arm in arms
        for at in range(9)
    )
    out = io.StringIO()
    tiny = replace(study, arms=arms, rows=rows)
    Console(file=out, width=80, force_terminal=True).print(prices_table(tiny))
    (line,) = [line for line in out.getvalue().splitlines() if "lowest_mgdl" in line]
    assert "-4e-07" in line
    assert "\x1b[1m" not in line


def test_bold_goes_by_the_corrected_p(study: Study) -> None:
    """A difference that the correction over several arms does not leave is not bold."""
    values = [0.2, 1.0, 0.4, 1.6, -0.6, 0.9, 1.2, -0.1, 0.5, 0.3]

    def bold(arms: tuple[str, ...]) -> bool:
        rows = tuple(
            Row(arm, at, f"adult#{at:03}", {"lbgi": value * (arm == "some")}, {})
            for arm in ("as-shipped", *arms)
            for at, value in enumerate(values)
        )
        few = replace(study, arms=("as-shipped", *arms), rows=rows, replicates=len(values))
        effect = few.summary()["some"].effects["lbgi"]
        assert effect.low is not None
        assert effect.low > 0
        out = io.StringIO()
        Console(file=out, width=200, force_terminal=True).print(effects_table(few))
        (line,) = [line for line in out.getvalue().splitlines() if "lbgi" in line]
        return "\x1b[1m" in line

    assert bold(("some",))
    assert not bold(("some", *(f"null-{number}" for number in range(9))))


def test_footer_says_what_was_corrected_for(study: Study) -> None:
    """The foot names the correction, the tests, and over how many arms and what it was made."""
    text = " ".join(_text(footer(study)).split())
    assert "Holm's correction over the 4 arms compared with as-shipped" in text
    assert "for each metric and table by itself" in text
    assert "McNemar's exact test" in text
    assert "McNemar" not in " ".join(_text(footer(study, ["gri"])).split())
    alone = replace(study, arms=("as-shipped",), rows=study.of("as-shipped"))
    assert "Holm" not in _text(footer(alone))


def test_estimate_from_fewer_runs_says_how_many(study: Study) -> None:
    """A mean over only some of the runs carries their number; one over none says so."""
    text = _text(metrics_table(study, ["time_to_notice_min"]))
    used = study.summary()["as-shipped"].metrics["time_to_notice_min"].n
    assert f"(n {used})" in text
    assert "in no run" in text


def test_prices_leave_out_what_needs_an_attacker(study: Study) -> None:
    """What a precaution costs when nobody attacks has no unauthorised insulin in it."""
    text = _text(prices_table(study))
    assert "unauthorised_U" not in text
    assert "above_180_min" in text


def test_footer_says_what_the_numbers_are_and_are_not(study: Study) -> None:
    """The foot states the unsafe dose, the interval methods and that it is no incidence."""
    text = _text(footer(replace(study, notes=("A note.",))))
    assert CONDITIONAL in text
    assert METRICS["unsafe_dose"].definition in " ".join(text.split())
    for words in ("clustered by patient", "Wilson", "paired by replicate", "A note."):
        assert words in " ".join(text.split())


def test_footer_names_arms_that_are_not_finished(study: Study) -> None:
    """An arm with fewer replicates than the study asked for is named, others are not."""
    text = _text(footer(replace(study, rows=study.rows[1:])))
    assert "Unfinished: as-shipped has 59 of 60 replicates." in text
    assert "remote-bolus-off has" not in text


def test_effects_of_a_study_of_one_arm_say_that_there_are_none(study: Study) -> None:
    """A study of the baseline alone has no effects to show."""
    alone = replace(study, arms=("as-shipped",), rows=study.of("as-shipped"))
    assert "no arm but the baseline" in _text(effects_table(alone))


def test_metric_that_the_study_lacks_is_an_error(study: Study) -> None:
    """Asking for a metric that the study has not is refused by name."""
    with pytest.raises(ValueError, match='expected a metric of the study, found "harm"'):
        metrics_table(study, ["harm"])
