"""What objects show of themselves in a notebook."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import testbed as program
from testbed.markup import html_table
from testbed.mitigations import MITIGATIONS
from testbed.scenario import Scenario
from testbed.study.estimate import Estimate
from testbed.study.results import Study

from .stories import IMAGE, MATH, SCRIPT, hostile, usual


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


ALLOWED = {"table", "caption", "thead", "tbody", "tr", "th", "td", "br"}


def _is_harmless(text: str) -> _Tags:
    read = _Tags(text)
    assert set(read.names) <= ALLOWED
    assert read.attributes <= {"scope", "title"}
    return read


def test_texts_are_never_markup() -> None:
    """Every text of a table is escaped: caption, heads, names, cells and titles."""
    texts = (SCRIPT, IMAGE, MATH, "' onmouseover='x", "&lt;b&gt;")
    read = _is_harmless(html_table(IMAGE, [texts], texts, [IMAGE]))
    for text in texts:
        assert text in read.text


def test_scenario_shows_its_story() -> None:
    """A scenario shows its title, its steps and its arms, and nothing of it is markup."""
    scenario = Scenario.from_written(usual(), "cafe")
    read = _is_harmless(scenario._repr_html_())
    for words in ("An hour in a cafe", "overhear-pairing", "remote-bolus", "nothing-more: nothing"):
        assert words in read.text
    bad = _is_harmless(Scenario.from_written(hostile(), "bad")._repr_html_())
    assert SCRIPT in bad.text


def test_run_shows_its_numbers_beside_its_twins() -> None:
    """A run shows each usual metric as it is in ``outcome``, and its twin's."""
    scenario = Scenario.from_written(usual(), "cafe")
    run = program.simulate(scenario, replicate=1)
    read = _is_harmless(run._repr_html_())
    assert f"replicate 1 of as-shipped ({run.patient})" in read.text
    lowest = rf"lowest_mgdl \(mg/dL\){run.outcome['lowest_mgdl']:.1f}"
    assert re.search(lowest + f"{run.twin.outcome['lowest_mgdl']:.1f}", read.text)


@pytest.mark.parametrize("name", MITIGATIONS)
def test_mitigation_shows_what_it_is(name: str) -> None:
    """A mitigation shows its advice, its bearer, its source and what it changes."""
    mitigation = MITIGATIONS[name]
    read = _is_harmless(mitigation._repr_html_())
    for words in (name, mitigation.advice, mitigation.bearer, mitigation.source):
        assert words in read.text
    assert all(key in read.text for key in (*mitigation.changes, *mitigation.shares))


def test_study_and_summary_show_their_estimates(study: Study) -> None:
    """A study shows its arms, an arm's summary its three tables, an estimate its method."""
    named = replace(study, title=SCRIPT)
    read = _is_harmless(named._repr_html_())
    assert SCRIPT in read.text
    assert all(arm in read.text for arm in study.arms)
    summary = study.summary()["remote-bolus-off"]
    text = _is_harmless(summary._repr_html_()).text
    effect = summary.effects["unauthorised_U"]
    assert effect.mean_text(2, signed=True) in text
    told = _is_harmless(effect._repr_html_()).text
    assert effect.test in told
    assert effect.method in told
    assert "no interval" in Estimate(1.0, None, None, 1, "m")._repr_html_()
