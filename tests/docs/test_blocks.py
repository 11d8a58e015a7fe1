"""Every command and block of code in the README and the documentation does what it is there for."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import testbed.api
from testbed.cli import matrix
from testbed.cli.app import app
from testbed.mitigations import MITIGATIONS
from testbed.outcomes import METRICS
from testbed.scenario import parse_scenario
from testbed.scenario.reference import reference
from testbed.scenario.starter import toml_value

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.M
)
MOST_REPLICATES = 2
"""A study is run with no more than this, so that a page takes seconds."""

RUN_ELSEWHERE = {
    r"python3 -m venv \.venv && ": "the install lines, which .ci/run runs on a clean machine",
    r"\.venv/bin/(ruff|pytest) ": "the linter and the tests themselves; tests/quality",
    r"pytest (scenarios/|my_story.toml)": "tests/pytest_plugin",
    r"python -m (testbed|tests)\.": "write files of the repository; each has a test of its own",
    r"testbed verify": "takes minutes; tests/verification/test_page.py",
    r"(pip install|dask (scheduler|worker)) ": "needs a network; tests/study/test_cluster.py",
    r"testbed run .* --dask ": "tests/study/test_cluster.py",
}
"""Commands that are not run here, and where they are."""
FEWER = {
    "matrix": "--replicates 2 --sweep-replicates 2 --workers 1 --mitigations remote-bolus-off",
    "sensitivity": "--replicates 1 --size 2 --top 1 --workers 1 --assumptions pump.max_bolus_U",
}
"""What commands that take minutes to hours are given besides, so that they take seconds."""
MOST_PATHS = 2
NOT_RUN = {"text", "mermaid", "json", "csv", ""}
"""Kinds of blocks that show output or pictures."""


class Block(NamedTuple):
    """A fenced block: the marker comment above it, its kind, its text and its line."""

    mark: str
    kind: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page in order."""
    text = page.read_text("utf-8")
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("text"))
        yield Block(found["mark"] or "", found["kind"], found["text"], line)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what the commands read, as the working directory, and small studies."""
    for name in ("scenarios", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    run_study = testbed.api.run_study

    def small(scenario: Any, *, replicates: int | None = None, **options: Any) -> Any:
        wanted = scenario.study.replicates if replicates is None else replicates
        scenario = (
            scenario.patched({"study.precision": None}) if scenario.study.precision else scenario
        )
        return run_study(scenario, replicates=min(wanted, MOST_REPLICATES), **options)

    monkeypatch.setattr(testbed.api, "run_study", small)
    every_path = matrix._scenarios
    monkeypatch.setattr(matrix, "_scenarios", lambda paths: every_path(paths)[:MOST_PATHS])
    return tmp_path


def shell(text: str) -> None:
    """Run the commands of a block; only what is known to be run elsewhere is left out."""
    for line in text.replace("\\\n", " ").splitlines():
        command = line.strip()
        if not command or command.startswith("#"):
            continue
        if any(re.match(pattern, command) for pattern in RUN_ELSEWHERE):
            continue
        program, *arguments = shlex.split(command.partition(" > ")[0], comments=True)
        if program == "testbed":
            arguments += FEWER.get(arguments[0], "").split()
            with pytest.raises(SystemExit) as ended:
                app(arguments, prog_name="testbed")
            # Expectations are written for more replicates than are run here.
            allowed = (0, 1) if "--check" in arguments else (0,)
            assert ended.value.code in allowed, command
        elif program == "tshark":
            if shutil.which("tshark"):
                subprocess.run([program, *arguments], check=True, capture_output=True)
        else:
            pytest.fail(f"{command}: no way to run this here, and no word on where it is run")


def toml(text: str) -> None:
    """Check a piece of a scenario: with a title it is a whole one, and says nothing wrong.

    Choices of which one is to be taken stand under ``# or`` and are checked each by itself.  A
    piece that has no arms may speak of those of the shipped stories, and of mitigations as arms.
    """
    arms = "".join(f"{name} = []\n" for name in ("as-shipped", "all-three", *MITIGATIONS))
    for choice in re.split(r"(?m)^# or\b.*\n", text):
        whole = choice if re.search(r"(?m)^title\s*=", choice) else f'title = "x"\n{choice}'
        if "[study.arms]" not in whole and "[study.factors" not in whole:
            whole += f"\n[study.arms]\n{arms}"
        elif not re.search(r"(?m)^(as-shipped|baseline)\b", whole):
            whole = whole.replace("[study.arms]\n", "[study.arms]\nas-shipped = []\n")
        if '"attacker.' in whole and "[attacker]" not in whole:
            whole += '\n[attacker]\nplace = "home"\n[[attacker.step]]\ndo = "overhear-pairing"\n'
        parse_scenario(whole, "block", MITIGATIONS, METRICS)


def edit(path: Path, text: str) -> None:
    """Put tables into a scenario in place of those of the same name, and check what comes out."""
    written = tomllib.loads(path.read_text("utf-8")) | tomllib.loads(text)
    if "study" in tomllib.loads(text):
        before = tomllib.loads(path.read_text("utf-8"))["study"]
        written["study"] = before | tomllib.loads(text)["study"]
    lines = [f"{key} = {toml_value(value)}" for key, value in written.items()]
    path.write_text("\n".join(lines), "utf-8")
    testbed.api.load(path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_of_a_page_run(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of the page, in one folder, each block runs; what is only shown says so."""
    names: dict[str, Any] = {"__name__": page.stem}
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        if block.mark.startswith("file: "):
            path = folder / block.mark.removeprefix("file: ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif block.mark.startswith("edit: "):
            edit(folder / block.mark.removeprefix("edit: "), block.text)
        elif block.mark.startswith("shown only: ") or block.kind in NOT_RUN:
            continue
        elif block.kind == "sh":
            shell(block.text)
        elif block.kind == "python":
            # Lines of the page stand in the traceback of what fails.
            code = compile("\n" * block.line + block.text, where, "exec")
            exec(code, names)
        elif block.kind == "toml":
            toml(block.text)
        else:
            pytest.fail(f"{where}: a block of {block.kind}, which nobody knows how to run")


def test_what_is_only_shown_is_little() -> None:
    """Few blocks are shown without being run, and each says why."""
    marked = [b for page in PAGES for b in blocks(page) if b.mark.startswith("shown only")]
    assert len(marked) <= 6
    assert all(len(block.mark) > len("shown only: ") + 10 for block in marked)


def test_reference_is_that_of_the_settings() -> None:
    """The page of every key is what the settings say now."""
    page = (ROOT / "docs" / "reference.md").read_text("utf-8")
    assert page == reference(), (
        "if this is meant: testbed schema --format md --out docs/reference.md"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is to a file that exists."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target
