"""The report in a real browser: it works, fits and can be read on any screen and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from testbed.report.page import Evidence, html_report

from . import browser
from .browser import Page
from .stories import IMAGE, SCRIPT, hostile, lived, usual

PHONE, DESKTOP = (360, 740), (1280, 900)
SIZES = (PHONE, DESKTOP)
TAB = 9
ENTER = 13
SPACE = 32
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of usual size."""

pytestmark = pytest.mark.skipif(
    browser.found() is None, reason=f"no browser: none of {', '.join(browser.NAMES)} is there"
)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of the usual story and that of the hostile one."""
    found = {}
    for name, written in (("usual", usual()), ("hostile", hostile())):
        folder = lived(written, name, tmp_path_factory.mktemp(name))
        found[name] = folder / "report.html"
        found[name].write_text(html_report(Evidence.read(folder)), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A browser with one tab."""
    with Page(str(browser.found())) as opened:
        yield opened


@pytest.mark.parametrize("which", ["usual", "hostile"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
def test_page_complains_of_nothing_and_asks_for_nothing(
    page: Page, reports: dict[str, Path], which: str, size: tuple[int, int], dark: bool
) -> None:
    """The console has no error, and the page itself is all that is asked for."""
    page.open(reports[which], *size, dark=dark)
    assert page.problems() == []
    asked = [url for url in page.asked_for() if not url.startswith("data:")]
    assert asked == [reports[which].resolve().as_uri()]


@pytest.mark.parametrize("which", ["usual", "hostile"])
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
def test_nothing_runs_over_the_edge(
    page: Page, reports: dict[str, Path], which: str, size: tuple[int, int]
) -> None:
    """The page is as wide as the screen; what is wider scrolls in a frame of its own."""
    page.open(reports[which], *size)
    assert page.value("document.documentElement.scrollWidth") == size[0]
    wide = page.value(
        "Array.from(document.querySelectorAll('body *')).filter(function (e) {"
        " return !e.closest('.scroll, .frame, .skip')"
        "  && e.getBoundingClientRect().right > innerWidth + 0.5;"
        "}).map(function (e) { return e.tagName + ' ' + e.className; })"
    )
    assert wide == []


@pytest.mark.parametrize("which", ["usual", "hostile"])
def test_pictures_labels_stay_inside(page: Page, reports: dict[str, Path], which: str) -> None:
    """No text of a picture is cut off at the picture's edge."""
    page.open(reports[which], *DESKTOP)
    outside = page.value(
        "Array.from(document.querySelectorAll('figure svg')).flatMap(function (svg) {"
        " var box = svg.getBoundingClientRect();"
        " return Array.from(svg.querySelectorAll('text')).filter(function (text) {"
        "  var own = text.getBoundingClientRect();"
        "  return own.left < box.left - 3 || own.right > box.right + 3"
        "   || own.top < box.top - 3 || own.bottom > box.bottom + 3;"
        " }).map(function (text) { return svg.parentNode.getAttribute('aria-label') + ': '"
        "  + text.textContent; }); })"
    )
    assert outside == []


def test_scenario_cannot_run_anything(page: Page, reports: dict[str, Path]) -> None:
    """Scripts that a hostile scenario brings do not run, and are shown as what they are."""
    page.open(reports["hostile"], *DESKTOP)
    assert page.value("typeof window.pwned") == "undefined"
    assert page.value("document.querySelectorAll('script').length") == 1
    assert page.value("document.querySelectorAll('img, iframe').length") == 0
    shown = page.value("document.querySelector('h1').textContent")
    assert SCRIPT in shown
    assert IMAGE in shown
    assert SCRIPT in page.value("document.title")


def test_page_forbids_scripts_that_are_not_its_own(page: Page, reports: dict[str, Path]) -> None:
    """Even a script that got into the page would not run."""
    page.open(reports["usual"], *DESKTOP)
    page.value(
        "var s = document.createElement('script'); s.textContent = 'window.pwned = 3';"
        "document.body.appendChild(s); 0"
    )
    assert page.value("typeof window.pwned") == "undefined"
    assert page.problems() != []


def _column(page: Page, table: str, column: int) -> list[str]:
    found: list[str] = page.value(
        f"Array.from(document.querySelectorAll('#{table} tbody tr')).map("
        f"function (row) {{ return row.cells[{column}].textContent.trim(); }})"
    )
    return found


def test_tables_are_sorted_by_number_and_by_name(page: Page, reports: dict[str, Path]) -> None:
    """A click sorts by a column, another the other way; numbers go by value, gaps last."""
    page.open(reports["usual"], *DESKTOP)
    button = "document.querySelectorAll('#t-attacked thead button')"
    state = "document.querySelectorAll('#t-attacked thead th')[{}].getAttribute('aria-sort')"
    before = _column(page, "t-attacked", 3)
    page.value(f"{button}[3].click()")
    rising = _column(page, "t-attacked", 3)
    assert sorted(before) == sorted(rising)
    numbers = [float(text.split(" ")[0]) for text in rising if text != "in no run"]
    assert numbers == sorted(numbers)
    assert all(text == "in no run" for text in rising[len(numbers) :])
    assert page.value(state.format(3)) == "ascending"
    page.value(f"{button}[3].click()")
    falling = _column(page, "t-attacked", 3)
    numbers = [float(text.split(" ")[0]) for text in falling if text != "in no run"]
    assert numbers == sorted(numbers, reverse=True)
    assert page.value(state.format(3)) == "descending"
    page.value(f"{button}[0].click()")
    names = _column(page, "t-attacked", 0)
    assert names == page.value(
        f"{names!r}.sort(function (a, b) {{ return a.localeCompare(b, 'en'); }})"
    )
    assert page.value(state.format(3)) is None


def test_everything_works_by_keyboard(page: Page, reports: dict[str, Path]) -> None:
    """The tab key comes to folds, heads and frames in order; enter sorts and space folds."""
    page.open(reports["usual"], *DESKTOP)
    seen = []
    for _ in range(45):
        page.press("Tab", TAB)
        seen.append(
            page.value("document.activeElement.tagName + ' ' + document.activeElement.className")
        )
    assert seen[0] == "A skip"
    assert {"SUMMARY ", "BUTTON ", "A "} <= set(seen)
    assert any(each.startswith("DIV") for each in seen)
    assert page.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.value("document.querySelectorAll('#t-flows thead button')[4].focus()")
    page.press("Enter", ENTER)
    heads = "document.querySelectorAll('#t-flows thead th')"
    assert page.value(f"{heads}[4].getAttribute('aria-sort')") == "ascending"
    page.value("document.querySelector('#threats summary').focus()")
    page.press("Enter", ENTER)
    assert page.value("document.getElementById('threats').open") is False


def test_sections_fold_and_unfold(page: Page, reports: dict[str, Path]) -> None:
    """One button folds all sections, the other unfolds them, and a link opens what it leads to."""
    page.open(reports["usual"], *DESKTOP)
    count = "document.querySelectorAll('main details').length"
    folded = "document.querySelectorAll('main details:not([open])').length"
    tools = "document.querySelectorAll('.tools button')"
    assert 0 < page.value(folded) < page.value(count)
    page.value(f"{tools}[1].click()")
    assert page.value(folded) == page.value(count)
    page.value("document.querySelector('nav a[href=\"#manifest\"]').click()")
    page.value("new Promise(function (done) { setTimeout(done, 50); })")
    assert page.value("document.getElementById('manifest').open") is True
    page.value(f"{tools}[0].click()")
    assert page.value(folded) == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read_in_both_themes(page: Page, reports: dict[str, Path], dark: bool) -> None:
    """Text of the page and of its pictures stands out from what is behind it."""
    page.open(reports["usual"], *DESKTOP, dark=dark)
    colours = page.value(
        "(function () { var s = getComputedStyle(document.documentElement);"
        " var names = ['ink', 'text', 'grey', 'link', 'paper', 'raised', 'warn'];"
        " return Object.fromEntries(names.map(function (n) {"
        "  return [n, s.getPropertyValue('--' + n).trim()]; })); })()"
    )
    assert (_luminance(colours["paper"]) < 0.1) is dark
    for ink in ("ink", "text", "grey", "link"):
        for paper in ("paper", "raised"):
            assert _contrast(colours[ink], colours[paper]) >= LEAST_CONTRAST, (ink, paper)
    assert _contrast(colours["ink"], colours["warn"]) >= LEAST_CONTRAST
    shown = page.value("getComputedStyle(document.querySelector('figure svg text')).fill")
    drawn = "#" + "".join(f"{int(each):02x}" for each in re.findall(r"\d+", shown)[:3])
    assert drawn in (colours["text"], colours["ink"])


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_page_prints_unfolded(page: Page, reports: dict[str, Path]) -> None:
    """On paper all sections are there, those that were folded too, and folded again after it."""
    page.open(reports["usual"], *DESKTOP, dark=True)
    page.value("document.querySelectorAll('.tools button')[1].click()")
    short = len(re.findall(rb"/Type\s*/Page\b", page.pdf()))
    page.value(
        "window.seen = []; window.addEventListener('beforeprint', function () {"
        " window.seen.push(document.querySelectorAll('main details:not([open])').length); }); 0"
    )
    page.pdf()
    assert page.value("window.seen") == [0]
    assert page.value("document.querySelectorAll('main details[open]').length") == 0
    assert short > 5


def test_page_without_script_has_everything(page: Page, reports: dict[str, Path]) -> None:
    """Where scripts are off sections still fold, and all tables and pictures are there."""
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(reports["usual"], *DESKTOP)
        assert page.problems() == []
        assert page.value("document.querySelectorAll('table').length") > 10
        assert page.value("document.querySelectorAll('thead button').length") == 0
        page.value("document.querySelector('#manifest summary').click()")
        assert page.value("document.getElementById('manifest').open") is True
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
