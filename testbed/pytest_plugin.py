"""The pytest plugin: scenario files as tests, and fixtures for mitigations written in Python.

With the package installed, ``pytest scenarios/`` makes a test of every ``[[expect]]`` row of
every scenario file there.  The rows of a file share one study, also where pytest-xdist gives
them to different workers.  This module is loaded with every run of pytest, so it imports
nothing that takes time until a scenario is found.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from testbed.mitigations import Mitigation
    from testbed.scenario import Expectation, Scenario
    from testbed.study import Run, Study

_LONGEST_WAIT_S: Final = 86_400.0
_SHARED = pytest.StashKey[str]()
_SHARED_NAME: Final = "testbed_shared_runs"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("testbed", "scenarios of the pump-link testbed")
    group.addoption(
        "--testbed-replicates",
        metavar="N",
        type=_whole_number,
        default=None,
        help="How many times each arm of a scenario file is run; the file's number if left out.",
    )


def _whole_number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 10_000_000:
        raise ValueError(text)
    return number


def pytest_configure(config: pytest.Config) -> None:
    """Find the folder that workers share, where this process is one of several."""
    if given := getattr(config, "workerinput", {}).get(_SHARED_NAME):
        config.stash[_SHARED] = given


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the workers of this run keep what they share."""
    config: pytest.Config = node.config
    if _SHARED not in config.stash:
        config.stash[_SHARED] = folder = tempfile.mkdtemp(prefix="testbed-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    node.workerinput[_SHARED_NAME] = config.stash[_SHARED]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a TOML file if it is a scenario with expectations."""
    if file_path.suffix != ".toml" or not _is_scenario(file_path):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)


def _is_scenario(path: Path) -> bool:
    """Return whether a file has a title and expectations at its top, however wrong it is."""
    if path.name == "pyproject.toml":
        return False
    try:
        with path.open("rb") as file:
            data = file.read(1024 * 1024)
    except OSError:
        return False
    if b"title" not in data or b"expect" not in data:
        return False
    from testbed.scenario.positions import find_positions  # noqa: PLC0415

    keys = find_positions(data.decode("utf-8", "replace")).lines
    return ("title",) in keys and ("expect",) in keys


class ScenarioFile(pytest.File):
    """A scenario file; its tests are its expectations."""

    def collect(self) -> Iterator[ExpectationItem]:
        """Yield a test for each ``[[expect]]`` row.

        Raises:
            CollectError: If something is wrong with the file, as ``testbed check`` tells it.
        """
        from testbed.scenario import ScenarioError  # noqa: PLC0415
        from testbed.scenario.document import read_document  # noqa: PLC0415
        from testbed.study.expectations import name_of  # noqa: PLC0415

        try:
            rows = self.scenario.expect
            document = read_document(self.shown)
        except ScenarioError as error:
            raise self.CollectError(str(error)) from None
        names: dict[str, int] = {}
        for index, row in enumerate(rows):
            name = name_of(row)
            names[name] = again = names.get(name, 0) + 1
            yield ExpectationItem.from_parent(
                self,
                file=self,
                name=name if again == 1 else f"{name} ({again})",
                row=row,
                line=document.line(("expect", index)),
            )

    @property
    def shown(self) -> str:
        """The file as the person who started pytest would name it."""
        try:
            return os.path.relpath(self.path)
        except ValueError:  # on another drive
            return str(self.path)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, with as many replicates as asked for."""
        from testbed.api import load  # noqa: PLC0415

        return _with_replicates(load(self.shown), None, self.config)

    @cached_property
    def study(self) -> Study:
        """The study of the file, run once for all of its rows and for all workers."""
        from testbed.api import run_study  # noqa: PLC0415

        shared = self.config.stash.get(_SHARED, None)
        if shared is None:
            return run_study(self.scenario)
        folder = Path(shared, hashlib.sha256(self.nodeid.encode()).hexdigest()[:16])
        folder.mkdir(exist_ok=True)
        with _alone(folder / "turn"):
            return run_study(self.scenario, store=folder)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process is in the block with this file, however that one ends."""
    lock = sqlite3.connect(path, timeout=_LONGEST_WAIT_S, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()


class UnmetError(AssertionError):
    """An expectation does not hold; the text is what a person is told."""


class ExpectationItem(pytest.Item):
    """One ``[[expect]]`` row."""

    def __init__(self, *, file: ScenarioFile, row: Expectation, line: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._file, self._row, self._line = file, row, line

    def runtest(self) -> None:
        """Run the study, if no other row has, and judge the row.

        Raises:
            UnmetError: If the expectation does not hold.
        """
        from testbed.scenario.errors import printable  # noqa: PLC0415
        from testbed.study.expectations import check  # noqa: PLC0415

        (verdict,) = check(self._file.study, [self._row])
        self.user_properties.append(("expected", verdict.expected))
        self.user_properties.append(("measured", verdict.message))
        if not verdict.passed:
            lines = [*verdict.lines(), *verdict.closer(self._file.shown)]
            raise UnmetError("\n".join(map(printable, lines)))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | Any:
        """Return what is wrong in the words of ``testbed run --check``."""
        if isinstance(excinfo.value, UnmetError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the file, the line of the row counted from 0, and the test's name."""
        return self.path, self._line - 1, self.name


def _with_replicates(scenario: Scenario, replicates: int | None, config: pytest.Config) -> Scenario:
    """Return the scenario with the replicates asked for in the call, else by the option."""
    wanted = config.getoption("testbed_replicates") if replicates is None else replicates
    return scenario if wanted is None else scenario.patched({"study.replicates": wanted})


Arms = Mapping[str, Sequence[Any] | Mapping[str, Any]]
"""Arms as a scenario file has them by name: mitigations, or a table with settings too."""


@contextmanager
def _with(mitigations: Iterable[Mitigation]) -> Iterator[None]:
    """Let arms use mitigations that are not installed, while the block runs."""
    import testbed.mitigations  # noqa: F401, PLC0415 - makes the registry
    from testbed.registry import also  # noqa: PLC0415
    from testbed.study.arms import forget_arms  # noqa: PLC0415

    forget_arms()
    try:
        with also("testbed.mitigations", mitigations):
            yield
    finally:
        forget_arms()


@pytest.fixture(scope="session")
def testbed_scenario(pytestconfig: pytest.Config) -> Callable[..., Scenario]:
    """Load a scenario: ``testbed_scenario("cafe.toml")``.

    The function takes ``path``, from pytest's root folder if it is relative; ``arms``, more arms
    for the study, by name; and ``replicates``, else those of ``--testbed-replicates`` or the file.

    It raises ``ScenarioError`` with everything that is wrong with the file.
    """

    def load(
        path: str | os.PathLike[str], *, arms: Arms | None = None, replicates: int | None = None
    ) -> Scenario:
        from testbed.api import load as loaded  # noqa: PLC0415

        scenario = _with_arms(loaded(pytestconfig.rootpath / path), arms)
        return _with_replicates(scenario, replicates, pytestconfig)

    return load


@pytest.fixture(scope="session")
def testbed_simulate(testbed_scenario: Callable[..., Scenario]) -> Callable[..., Run]:
    """Simulate one run: ``testbed_simulate("cafe.toml", arm="remote-bolus-off", replicate=3)``.

    The function takes a path or a scenario, ``arm`` (the baseline if left out), ``replicate``,
    ``attack``, ``mitigations`` that are not installed, and ``arms`` that use them.  It returns a
    run with ``.trace``, ``.glucose``, ``.outcome`` and ``.twin``.
    """

    def simulate(
        scenario: Scenario | str | os.PathLike[str],
        arm: str | None = None,
        replicate: int = 0,
        *,
        attack: bool = True,
        mitigations: Iterable[Mitigation] = (),
        arms: Arms | None = None,
    ) -> Run:
        from testbed.api import simulate as simulated  # noqa: PLC0415

        with _with(mitigations):
            run = simulated(_scenario_of(testbed_scenario, scenario, arms), arm, replicate, attack)
            _ = run.outcome  # now, while the mitigations are known
        return run

    return simulate


@pytest.fixture(scope="session")
def testbed_study(
    testbed_scenario: Callable[..., Scenario], pytestconfig: pytest.Config
) -> Callable[..., Study]:
    """Run a study: ``testbed_study("cafe.toml", arms={"mine": ["mine"]}, mitigations=[MINE])``.

    The function takes a path or a scenario, ``replicates``, ``seed``, ``mitigations`` that are not
    installed, and ``arms`` that use them.  It returns the study, in this process.
    """

    def study(
        scenario: Scenario | str | os.PathLike[str],
        *,
        replicates: int | None = None,
        seed: int | None = None,
        mitigations: Iterable[Mitigation] = (),
        arms: Arms | None = None,
    ) -> Study:
        from testbed.api import run_study  # noqa: PLC0415

        with _with(mitigations):
            told = _scenario_of(testbed_scenario, scenario, arms)
            told = _with_replicates(told, replicates, pytestconfig)
            return run_study(told, seed=seed)

    return study


def _scenario_of(
    load: Callable[..., Scenario],
    scenario: Scenario | str | os.PathLike[str],
    arms: Arms | None,
) -> Scenario:
    if isinstance(scenario, str | os.PathLike):
        scenario = load(scenario)
    return _with_arms(scenario, arms)


def _with_arms(scenario: Scenario, arms: Arms | None) -> Scenario:
    """Return the scenario with more arms in its study."""
    if not arms:
        return scenario
    written = scenario.written.get("study", {}).get("arms", {"as-shipped": []})
    return scenario.patched({"study.arms": {**written, **arms}})
