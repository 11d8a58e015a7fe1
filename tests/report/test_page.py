"""The report of a study, as the text that it is written as."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from testbed.outcomes import METRICS
from testbed.outcomes.severity import SEVERITIES
from testbed.report.page import (
    Evidence,
    Sheet,
    document_of,
    html_page,
    html_report,
    sheets_of,
)
from testbed.report.page.bundle import write_html, write_tables
from testbed.report.page.hearing import distance_heard_m, share_heard
from testbed.report.page.numbers import price_metric
from testbed.report.page.risks import HAZARDS
from testbed.report.page.sheet import Cell, sheet
from testbed.report.page.story import story
from testbed.scenario import Scenario
from testbed.scenario.judging import SCALES

from .stories import FORMULA, IMAGE, MATH, SCRIPT, hostile, lived, usual

VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}


class Reader(HTMLParser):
    """Reads a page: its tags, ids, texts, and whether every tag is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text = ""
        self.feed(text)
        self.wrong += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note that a tag is closed."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        """Note text, but for style and script."""
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the usual story."""
    return lived(usual(), "cafe", tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="module")
def evidence(folder: Path) -> Evidence:
    """What the usual report is made of."""
    return Evidence.read(folder)


@pytest.fixture(scope="module")
def page(evidence: Evidence) -> str:
    """The usual report."""
    return html_report(evidence)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What the report of the hostile story is made of."""
    return Evidence.read(lived(hostile(), "bad", tmp_path_factory.mktemp("bad")))


@pytest.fixture(scope="module")
def bad_page(bad: Evidence) -> str:
    """The report of the hostile story."""
    return html_report(bad)


def _sheet(evidence: Evidence, name: str) -> Sheet:
    return next(each for each in sheets_of(evidence) if each.name == name)


def _texts(found: Sheet) -> list[list[str]]:
    return [[cell.text for cell in row] for row in found.rows]


def test_calm_day_has_no_attempts(tmp_path: Path) -> None:
    """Of a scenario that nobody attacks no threat, funnel, hazard or residual risk is told."""
    written = usual()
    del written["attacker"], written["expect"]
    evidence = Evidence.read(lived(written, "calm", tmp_path))
    document = document_of(evidence)
    assert document.findings[0].startswith("Nobody attacks in this scenario")
    names = {section.name for _, sections in document.parts for section in sections}
    assert {"threats", "run", "price", "assumptions"} <= names
    assert not {"funnel", "glucose", "hazards", "residual"} & names
    assert "t-threats" not in html_page(document)


def test_care_partner_and_therapy_are_told(tmp_path: Path) -> None:
    """The scenario in words has who else is there, and by what the pump gives basal insulin."""
    written = usual()
    written["patient"] = {"cohort": "children", "profile": "child-with-care-partner"}
    written["exercise"] = [{"at": "13:00", "lasts": "30min"}]
    told = " ".join(story(Scenario.from_written(written, "child")))
    assert "10 virtual patients (children)" in told
    assert "A care partner is near from 17:00 until 08:00, where the wearer is: home." in told
    assert "Exercise: 30min at 13:00." in told
    assert "Basal insulin is by the therapy open-loop." in told


def test_price_is_told_by_a_metric_that_can_be_seen_to_move(evidence: Evidence) -> None:
    """Where one metric of price moves by less than is printed and another by more, it is that."""
    name = price_metric(evidence)
    assert name is not None
    decimals = evidence.study.metrics[name].decimals
    found = [each.prices[name].mean for each in evidence.study.summary().values()]
    assert any(round(each or 0.0, decimals) for each in found)


def test_same_study_gives_the_same_bytes(
    folder: Path, evidence: Evidence, page: str, tmp_path: Path
) -> None:
    """A report read and written again is the same to the byte, page and tables."""
    again = Evidence.read(folder)
    written = write_html(document_of(again), tmp_path / "deep" / "report.html")
    assert written.read_bytes() == page.encode()
    for form in ("csv", "md"):
        one = write_tables(document_of(evidence, drawn=False), tmp_path / "one", form)
        two = write_tables(document_of(again, drawn=False), tmp_path / "two", form)
        assert [path.name for path in one] == [path.name for path in two]
        assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_page_needs_nothing_from_outside(page: str) -> None:
    """No tag of the page names another resource, and no style does."""
    read = Reader(page)
    for tag, attributes in read.tags:
        for key in ("src", "href", "xlink:href", "data", "action", "poster", "srcset"):
            value = attributes.get(key)
            assert value is None or value.startswith("#") or value == "data:,", (tag, value)
    assert "@import" not in page
    assert not re.findall(r"url\((?!#)", page)


@pytest.mark.parametrize("which", ["page", "bad_page"])
def test_page_is_well_formed_with_ids_of_its_own(
    which: str, request: pytest.FixtureRequest
) -> None:
    """Every tag is closed in its turn, no id is there twice, and each link leads to one."""
    read = Reader(request.getfixturevalue(which))
    assert not read.wrong
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = {str(a["href"])[1:] for tag, a in read.tags if tag == "a"}
    links |= {str(a["xlink:href"])[1:] for tag, a in read.tags if "xlink:href" in a}
    assert links <= set(ids)


def test_what_a_scenario_says_is_never_markup(bad_page: str) -> None:
    """Texts of a hostile scenario make no tag and no attribute, and are there to be read."""
    read = Reader(bad_page)
    assert [tag for tag, _ in read.tags].count("script") == 1
    assert not [tag for tag, _ in read.tags if tag in ("img", "iframe", "object", "embed")]
    assert not [key for _, a in read.tags for key in a if key.startswith("on")]
    for text in (SCRIPT, IMAGE, MATH, FORMULA):
        assert text in read.text


def test_every_picture_has_words(page: str, bad_page: str) -> None:
    """A picture says what it shows, and the same stands below it with numbers."""
    for text in (page, bad_page):
        read = Reader(text)
        pictures = [a for tag, a in read.tags if tag == "svg"]
        assert len(pictures) > 5
        for attributes in pictures:
            words = attributes["aria-label"]
            assert attributes["role"] == "img"
            assert words
            assert words in read.text
            assert attributes.get("viewbox") or attributes.get("viewBox")


def test_tables_have_heads_and_captions(page: str) -> None:
    """Each table has a caption, heads of columns, and a head for each row."""
    read = Reader(page)
    tags = [tag for tag, _ in read.tags]
    scopes = [a.get("scope") for tag, a in read.tags if tag == "th"]
    assert tags.count("table") == tags.count("caption") == len(re.findall("<table", page))
    assert set(scopes) == {"row", "col"}


def test_report_says_what_it_is_not(page: str) -> None:
    """It is said at the top that results are conditional, and at the end what they are not."""
    text = " ".join(Reader(page).text.split())
    assert "conditional on an attack attempt; not an incidence" in text
    assert "No medical advice" in text
    assert "no probability of harm" in text


def test_hostile_cells_run_in_no_spreadsheet(bad: Evidence, tmp_path: Path) -> None:
    """No cell of a CSV file begins as a formula does, unless it is a number."""
    for path in write_tables(document_of(bad, drawn=False), tmp_path, "csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8"))):
            for cell in row:
                number = re.fullmatch(r"[+-][0-9.]+( \([-0-9.a-z ]*\))?", cell)
                assert cell[:1] not in ("=", "@", "+", "-", "\t") or number, (path.name, cell)


def test_markdown_has_the_tables_and_no_markup_of_the_scenario(
    bad: Evidence, tmp_path: Path
) -> None:
    """Every row of the Markdown has as many cells as its head, and texts stay texts."""
    (path,) = write_tables(document_of(bad, drawn=False), tmp_path, "md")
    text = path.read_text("utf-8")
    assert "<" not in text
    assert "javascript" in text
    width = None
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line))
        if not line.startswith("|"):
            width = None
        elif width is None:
            width = cells
        assert width is None or cells == width, line


def test_threats_follow_the_steps(evidence: Evidence) -> None:
    """There is a row for each step, with its letters, preconditions, gates and precautions."""
    found = _sheet(evidence, "threats")
    assert evidence.scenario is not None
    assert evidence.scenario.attacker is not None
    steps = evidence.scenario.attacker.step
    assert [row[1] for row in _texts(found)] == [step.do for step in steps]
    for row, step in zip(_texts(found), steps, strict=True):
        assert {each[0] for each in row[3].split(", ")} == set(step.stride)
        assert row[5] == " ".join(step.preconditions)
        assert row[6] == " > ".join(step.gates)
    assert "remote-bolus-off" in _texts(found)[1][7]


def test_row_without_effect_is_kept_and_says_so(evidence: Evidence) -> None:
    """An arm that changes nothing has its row of residual risk, which says exactly that."""
    rows = {row[0]: row for row in _texts(_sheet(evidence, "residual"))}
    assert list(rows) == list(evidence.study.arms)
    assert rows["nothing-more"][-1] == "no effect: exactly 0 in every metric and pair"
    assert rows["remote-bolus-off"][-1].startswith("moves unauthorised_U")
    assert rows["nothing-more"][3:-1] == rows["as-shipped"][3:-1]


def test_severity_rule_is_stated_with_its_thresholds(evidence: Evidence) -> None:
    """Below the residual risk stand all thresholds by which it is judged, and their source."""
    foot = " ".join(_sheet(evidence, "residual").foot)
    for metric, words in evidence.steps.items():
        assert metric in METRICS
        for word, threshold in words.items():
            assert word in SEVERITIES
            assert f"{word} from {threshold:g}" in foot
    assert SCALES[evidence.severity.scale].source in foot


def test_run_counts_only_where_it_is_more_severe_than_its_twin(evidence: Evidence) -> None:
    """Runs that are no worse than their twins count as no harm, however bad the day is."""
    for row in evidence.study.of("as-shipped"):
        assert row.twin["lbgi"] is not None
    rows = tuple(
        msgspec.structs.replace(row, attacked={**row.attacked, "lbgi": 99.0}, twin=row.twin)
        for row in evidence.study.rows
    )
    worse = Evidence(replace(evidence.study, rows=rows), evidence.manifest, evidence.key)
    same = tuple(msgspec.structs.replace(row, twin={**row.twin, "lbgi": 99.0}) for row in rows)
    alike = Evidence(replace(evidence.study, rows=same), evidence.manifest, evidence.key)
    minor = [row[3].sort for row in _sheet(worse, "residual").rows]
    assert minor == [1.0] * len(minor)
    minor = [row[3].sort for row in _sheet(alike, "residual").rows]
    assert minor == [0.0] * len(minor)


def test_severity_that_is_not_known_is_not_negligible(evidence: Evidence) -> None:
    """Where a metric of the scale is missing, no share is given."""
    rows = tuple(
        msgspec.structs.replace(
            row, attacked={k: v for k, v in row.attacked.items() if k != "lbgi"}
        )
        for row in evidence.study.rows
    )
    old = Evidence(replace(evidence.study, rows=rows), evidence.manifest, evidence.key)
    for row in _texts(_sheet(old, "residual")):
        assert row[3:7] == ["in no run"] * 4
        assert row[7] == "not known"


def test_factorial_has_its_shares(tmp_path: Path) -> None:
    """A study of factors has a table of shares that add up, and a picture of them."""
    written = usual()
    del written["expect"]
    names = ["remote-bolus-off", "cancel-unexpected-bolus"]
    written["study"] = {"seed": 7, "replicates": 4, "factors": {"mitigations": names}}
    found = Evidence.read(lived(written, "factors", tmp_path))
    assert found.study.attributions
    rows = {
        row[0].text: row for row in _sheet(found, "attribution").rows if row[1].text == "effect"
    }
    *shares, total = (cell.sort or 0.0 for cell in rows["unauthorised_U"][3:])
    assert sum(shares) == pytest.approx(total)
    assert 'id="attribution"' in html_report(found)


def test_hazard_names_a_run_that_shows_it(evidence: Evidence) -> None:
    """The run of a row is of its arm and shows the hazard, and where none is named none does."""
    measures = {f"{each.id} {each.name}": each for each in HAZARDS}
    seen = set()
    for name, _, _, _, arm, run, share, _ in _texts(_sheet(evidence, "hazards")):
        hazard = measures[name]
        if hazard.measure is None:
            assert run == share == "not measured"
            continue
        values = [hazard.measure(row.attacked, row.twin) or 0.0 for row in evidence.study.of(arm)]
        if run.startswith("none"):
            assert max(values) < hazard.least
            assert share.startswith("0 ")
            continue
        key, named, replicate = run.split("/")
        assert evidence.key.startswith(key)
        assert named == arm
        assert values[int(replicate)] == max(values) >= hazard.least
        seen.add(name)
    assert seen


def test_funnel_narrows_among_devices(evidence: Evidence) -> None:
    """No stage of the baseline has more runs than the attempt, and insulin comes before harm."""
    rows = _sheet(evidence, "funnel").rows
    shares = [row[1].sort for row in rows]
    assert shares[0] == 1
    assert all(share is not None and 0 <= share <= 1 for share in shares)


def test_verdicts_are_those_of_the_check(evidence: Evidence) -> None:
    """An expectation that fails is there, and stands out."""
    rows = _sheet(evidence, "checks").rows
    assert [row[-1].text for row in rows] == ["pass", "FAIL"]
    assert rows[1][-1].strong


def test_assumptions_have_the_scenarios_values(evidence: Evidence) -> None:
    """Each assumption of the scenario has a row with its value, range and source."""
    rows = {row[0]: row for row in _texts(_sheet(evidence, "assumptions"))}
    assert rows["attacker.distance_m"][1] == "4"
    assert rows["radio.margin_at_1m_dB"][3]
    assert all(row[-1] for row in rows.values())
    assert len(rows) > 30


def test_run_that_is_lived_again_is_the_one_stored(evidence: Evidence) -> None:
    """The run shown comes to the stored numbers; where it does not, none is shown."""
    run = evidence.example
    assert run is not None
    assert evidence.study.of(run.arm)[run.replicate].attacked["unauthorised_U"] == pytest.approx(
        run.outcome["unauthorised_U"]
    )
    rows = tuple(
        msgspec.structs.replace(row, attacked={**row.attacked, "lowest_mgdl": 1.0})
        for row in evidence.study.rows
    )
    moved = Evidence(replace(evidence.study, rows=rows), evidence.manifest, evidence.key)
    assert moved.example is None
    assert moved.many is None
    assert "No run is shown" in html_report(moved)


def test_scenario_of_another_version_still_has_its_numbers(evidence: Evidence) -> None:
    """Settings that this version does not know leave out what needs them, and nothing else."""
    written = {**evidence.manifest.written, "pump": {"a_setting_of_old": 1}}
    manifest = msgspec.structs.replace(evidence.manifest, written=written)
    old = Evidence(evidence.study, manifest, evidence.key)
    assert old.scenario is None
    text = Reader(html_report(old)).text
    assert "does not know this scenario's settings" in text
    assert "unauthorised_U" in text


def test_who_is_heard_falls_with_distance(evidence: Evidence) -> None:
    """The share of frames that arrive falls with distance, and the rings are where it says."""
    scenario = evidence.scenario
    assert isinstance(scenario, Scenario)
    radio, place = scenario.radio, scenario.places["cafe"]
    shares = [share_heard(radio, place, metres, worn=1) for metres in (0.1, 1, 4, 16, 64, 256)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99 > shares[-1]
    for share in (0.9, 0.5, 0.1):
        metres = distance_heard_m(radio, place, share, worn=1)
        assert share_heard(radio, place, metres, worn=1) == pytest.approx(share, abs=1e-6)


def test_row_has_a_cell_for_each_column() -> None:
    """A row of another length is refused, and a cell is sorted by its number."""
    with pytest.raises(ValueError, match="expected 2 cells a row, found 1"):
        sheet("s", "t", ("a", "b"), [("only",)])
    made = sheet("s", "t", ("a", "b"), [("x", Cell("1 (0 to 2)", 1.0))])
    assert made.numeric == (False, True)
