"""Sequence charts of runs, in characters, for Mermaid and as SVG."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from testbed.api import Run, load, simulate
from testbed.report.run_chart import Chart, addresses, chart_of
from testbed.report.sequence import mermaid_chart, svg_chart, text_chart
from testbed.trace import FrameSent
from testbed.verification.story import Line

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def run() -> Run:
    """A run in which a linking is overheard and a command sent."""
    return simulate(load(SCENARIOS / "cafe_pairing.toml"), None, 3)


@pytest.fixture(scope="module")
def chart(run: Run) -> Chart:
    """Its chart."""
    return chart_of(run.trace)


def test_frames_of_a_linking_are_arrows_between_the_two(chart: Chart) -> None:
    """Each message of the linking goes from its sender to its addressee, and was overheard."""
    arrows = [line for line in chart.lines if "serial-derived: " in line.text and line.to]
    assert [(line.at, line.to) for line in arrows] == [("meter", "pump"), ("pump", "meter")] * 2
    assert all(line.text.endswith("overheard") for line in arrows)


def test_arrow_starts_at_who_truly_sent_and_says_what_is_claimed(chart: Chart) -> None:
    """The attacker's command starts at the attacker, though it claims to be the meter's."""
    (arrow,) = (line for line in chart.lines if line.at == "attacker" and line.to)
    assert arrow.to == "pump"
    assert "claims to be the meter" in arrow.text


def test_frames_are_shown_or_counted(run: Run, chart: Chart) -> None:
    """Arrows and frames left out are all the frames that were sent."""
    sent = sum(1 for _ in run.trace.of(FrameSent))
    (left_out,) = (
        int(found[1]) for line in chart.lines if (found := re.match(r"(\d+) frames? ", line.text))
    )
    assert sum(line.to is not None for line in chart.lines) + left_out == sent


def test_addresses_are_those_of_the_devices(run: Run) -> None:
    """Every device that sends is known by its address; the attacker's claims tell nothing."""
    found = addresses(run.trace)
    assert sorted(found.values()) == ["cgm", "meter", "pump", "usb"]


def test_mermaid_has_a_statement_for_each_line(chart: Chart) -> None:
    """Each lifeline is declared and each line is one arrow or note between those declared."""
    head, *lines = mermaid_chart(chart.lines, chart.lifelines).splitlines()
    assert head == "sequenceDiagram"
    names = [line.split()[1] for line in lines if line.startswith("    participant ")]
    assert names == [name.capitalize() for name in chart.lifelines]
    known = "|".join(names)
    statement = re.compile(rf"    (?:Note over (?:{known})|(?:{known})->>(?:{known})): [^;]+")
    statements = lines[len(names) :]
    assert len(statements) == len(chart.lines)
    assert all(statement.fullmatch(each) for each in statements)


def test_svg_is_whole_and_says_every_word(chart: Chart) -> None:
    """The picture is well-formed XML that needs nothing from elsewhere and has every text."""
    root = ElementTree.fromstring(svg_chart(chart.lines, chart.lifelines, "A <title> & more"))
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == "A <title> & more"
    words = "".join(each.text or "" for each in root.iter(f"{space}text")).replace(" ", "")
    for line in chart.lines:
        assert line.text.replace(" ", "") in words
    arrows = [e for e in root.iter(f"{space}line") if e.get("class") == "arrow"]
    assert len(arrows) == sum(line.to is not None for line in chart.lines)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for each in root.iter(f"{space}text"):
        assert 0 < float(each.get("x", -1)) < width
        assert 0 < float(each.get("y", -1)) < height


def test_text_chart_has_an_arrow_head_at_the_addressee() -> None:
    """An arrow spans from one lifeline to the other, whichever way it goes."""
    names = ("a", "b", "c")
    told = text_chart([Line("a", "c", "there"), Line("c", "b", "back")], names)
    _, _, there, _, back, _ = told.splitlines()
    assert there.index(">") == 60
    assert back.index("<") == 34


@pytest.mark.parametrize("text", ["a; b # c", "line\nbreak", "\x1b[31m", "<b>&"])
def test_no_text_breaks_a_chart(text: str) -> None:
    """Whatever a text holds, Mermaid has one statement more and SVG is well-formed."""
    story = [Line("a", None, text), Line("a", "b", text)]
    assert len(mermaid_chart(story, ("a", "b")).splitlines()) == 5
    ElementTree.fromstring(svg_chart(story, ("a", "b"), text))
    assert "\x1b" not in text_chart(story, ("a", "b")) + svg_chart(story, ("a", "b"))
