"""A study that is killed, interrupted or hindered loses nothing that was done."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from testbed.api import load
from testbed.scenario import Scenario
from testbed.study import ExecutorError, Store, StoreError, open_study, run_study
from testbed.study.cutting import BATCH
from testbed.study.database import DATABASE, LOCK, Lock
from testbed.study.executor import ProcessPool

from .conftest import ENVIRONMENT

TABLES = ("study.json", "summary.csv", "runs.csv", "manifest.json")
REPLICATES = 3 * BATCH
TOTAL = 2 * REPLICATES
ROOM = 448 * 1024
"""Bytes a file may have: more than the tables of an empty store, less than all the runs."""


def command(file: Path, folder: Path, *more: str) -> list[str]:
    """Return the command that runs the small study into a folder."""
    options = ("--replicates", str(REPLICATES), "--out", str(folder), "--format", "json")
    return [sys.executable, "-m", "testbed", "run", str(file), *options, *more]


def ended(arguments: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
    """Return how a command ended."""
    return subprocess.run(
        arguments,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )


def runs_in(folder: Path) -> int:
    """Return how many runs a folder's store has."""
    if not (folder / DATABASE).is_file():
        return 0
    db = sqlite3.connect(folder / DATABASE)
    try:
        return int(db.execute("SELECT count(*) FROM every_run").fetchone()[0])
    except sqlite3.OperationalError:  # killed before the tables were there
        return 0
    finally:
        db.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study as a file."""
    from .conftest import WRITTEN, as_toml

    path = tmp_path_factory.mktemp("file") / "short.toml"
    path.write_text(as_toml(WRITTEN), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the study run at once, and what it printed."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    done = ended(command(file, folder))
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def assert_same(folder: Path, printed: str, whole: tuple[Path, str]) -> None:
    """Fail unless a folder and what was printed are those of the study run at once."""
    assert printed == whole[1]
    for name in TABLES:
        assert (folder / name).read_bytes() == (whole[0] / name).read_bytes(), name
    assert runs_in(folder) == TOTAL


def test_killed_at_many_moments_and_resumed_it_ends_as_if_never_killed(
    file: Path, whole: tuple[Path, str], tmp_path: Path
) -> None:
    """After SIGKILL at random moments the table is that of an uninterrupted run, bit for bit."""
    dice = random.Random("kill 1")
    folder = tmp_path / "out"
    # A process that has loaded everything, of which each study is a copy: to start costs nothing.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["testbed.study", "testbed.world"])
    study = {"replicates": REPLICATES, "store": folder}
    kept = [0]
    for moment in range(15):
        running = context.Process(target=run_study, args=(load(file),), kwargs=study)
        running.start()
        # From before the first table on, each time a batch or two further, and then any instant.
        wanted = min(TOTAL, kept[-1] + (0, 0, 1, BATCH + 1)[moment % 4])
        while running.is_alive() and runs_in_quietly(folder) < wanted:
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.3))
        running.kill()
        running.join()
        kept.append(runs_in(folder))
        assert kept[-1] >= kept[-2]
    assert kept[-1] > 0
    done = ended(command(file, folder))
    assert done.returncode == 0, done.stderr
    assert_same(folder, done.stdout, whole)


def test_command_with_workers_that_is_killed_goes_on(
    file: Path, whole: tuple[Path, str], tmp_path: Path
) -> None:
    """So does the command with a pool of workers, killed before its first run and after."""
    dice = random.Random("kill 2")
    folder = tmp_path / "out"
    arguments = command(file, folder, "--workers", "2")
    for wanted in (0, 1, BATCH + 1):
        running = subprocess.Popen(
            arguments, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while running.poll() is None and runs_in_quietly(folder) < wanted:
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.1))
        running.kill()
        running.wait()
        assert wanted <= runs_in(folder)
    done = ended(arguments)
    assert done.returncode == 0, done.stderr
    assert_same(folder, done.stdout, whole)


def runs_in_quietly(folder: Path) -> int:
    """Return how many runs there are without taking part: a reader must not disturb."""
    if not (folder / DATABASE).is_file():
        return 0
    try:
        db = sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)
        try:
            return int(db.execute("SELECT count(*) FROM every_run").fetchone()[0])
        finally:
            db.close()
    except sqlite3.Error:
        return 0


def test_workers_end_with_the_program_that_is_killed(file: Path, tmp_path: Path) -> None:
    """A program that is killed leaves no worker behind."""
    folder = tmp_path / "out"
    more = ("--replicates", "5000", "--workers", "2")
    read, write = os.pipe()
    running = subprocess.Popen(
        command(file, folder, *more),
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=write,  # held by the program and by its workers
    )
    os.close(write)
    while runs_in_quietly(folder) < 1:
        time.sleep(0.01)
    running.kill()
    running.wait()
    with os.fdopen(read) as stream:  # ends when the last of them has ended
        stream.read()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_says_what_is_kept(
    file: Path, whole: tuple[Path, str], tmp_path: Path, workers: str
) -> None:
    """An interrupted study tells how far it came, ends with 130, and goes on from there."""
    folder = tmp_path / "out"
    arguments = command(file, folder, "--workers", workers)
    running = subprocess.Popen(
        [*arguments, "--replicates", "5000"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while runs_in_quietly(folder) < 1:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does, to every process
    out, err = running.communicate()
    assert (running.returncode, out) == (130, "")
    kept = runs_in(folder)
    assert err == (
        f"{folder}: {kept} of 10000 runs are kept; the same command does the rest\ninterrupted\n"
    )
    done = ended(arguments)
    assert done.returncode == 0, done.stderr
    for name in TABLES:
        assert (folder / name).read_bytes() == (whole[0] / name).read_bytes(), name


def test_full_disk_keeps_what_is_done(file: Path, whole: tuple[Path, str], tmp_path: Path) -> None:
    """A store that can grow no more says so in two lines; with room the study goes on."""
    folder = tmp_path / "out"

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))

    done = ended(command(file, folder), preexec_fn=small_files)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{folder / DATABASE}: could not be written: ")
    assert second == "(finished runs are kept; make room, and the same command does the rest)"
    assert 0 < runs_in(folder) < TOTAL
    done = ended(command(file, folder))
    assert done.returncode == 0, done.stderr
    assert_same(folder, done.stdout, whole)


def test_database_that_may_not_grow_keeps_what_is_done(short: Scenario, tmp_path: Path) -> None:
    """SQLite's own word for a full disk is a StoreError, and no batch is stored in part."""
    with Store(tmp_path) as store:
        store.begin(short)
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 4}")
        with pytest.raises(StoreError, match="full"):
            run_study(short, replicates=REPLICATES, store=store)
        kept = store.kept
    assert runs_in(tmp_path) == kept > 0
    assert kept % BATCH == 0
    assert run_study(short, store=tmp_path, replicates=REPLICATES) == run_study(
        short, replicates=REPLICATES
    )


DAMAGES = {
    "cut in half": lambda whole: whole[: len(whole) // 2],
    "cut in the first page": lambda whole: whole[:50],
    "written over": lambda whole: whole[:8192] + b"\xa5" * 8192 + whole[16384:],
    "something else": lambda _: b"not a database at all, but long enough to be taken for one" * 99,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("what", ["run", "export"])
def test_damaged_database_is_left_as_it_is(
    file: Path, whole: tuple[Path, str], tmp_path: Path, damage: str, what: str
) -> None:
    """A store that is damaged ends the command with a message, and is not touched."""
    folder = tmp_path / "out"
    folder.mkdir()
    damaged = DAMAGES[damage]((whole[0] / DATABASE).read_bytes())
    (folder / DATABASE).write_bytes(damaged)
    if what == "run":
        done = ended(command(file, folder))
    else:
        done = ended([sys.executable, "-m", "testbed", "export", str(folder)])
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"{folder / DATABASE}: expected the runs of earlier studies, found")
    assert second.startswith("(it is left as it is")
    assert (folder / DATABASE).read_bytes() == damaged


def test_half_written_log_costs_only_the_half_written_batch(
    short: Scenario, tmp_path: Path
) -> None:
    """A write-ahead log that ends in the middle of a batch gives the batches before it."""
    with Store(tmp_path / "was") as store:
        begun = store.begin(short.patched({"study.replicates": REPLICATES}))
        rows = run_study(short, replicates=REPLICATES).of("as-shipped")
        for first in range(0, REPLICATES, BATCH):
            store.add(begun.arms["as-shipped"], rows[first : first + BATCH])
        (tmp_path / "cut").mkdir()
        for ending in ("", "-wal"):
            shutil.copy(tmp_path / "was" / f"{DATABASE}{ending}", tmp_path / "cut")
    log = tmp_path / "cut" / f"{DATABASE}-wal"
    log.write_bytes(log.read_bytes()[:-5000])
    assert runs_in(tmp_path / "cut") == REPLICATES - BATCH
    again = run_study(short, replicates=REPLICATES, store=tmp_path / "cut")
    assert again == run_study(short, replicates=REPLICATES)


def test_file_of_another_program_is_refused(short: Scenario, tmp_path: Path) -> None:
    """A database that is not a store is told apart from a damaged one, and is not touched."""
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("CREATE TABLE theirs (x)")
    db.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(StoreError, match="found another program's file"):
        run_study(short, store=tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_store_of_a_later_version_is_refused(short: Scenario, tmp_path: Path) -> None:
    """A store of another version of the tables says which one it is."""
    run_study(short, store=tmp_path)
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="found version 99"):
        open_study(tmp_path)


def test_second_program_in_the_folder_is_refused(file: Path, tmp_path: Path) -> None:
    """While a study runs into a folder another one is refused, and afterwards it is not."""
    folder = tmp_path / "out"
    with Store(folder):
        done = ended(command(file, folder))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            f"{folder}: another study is being run into this folder\n"
            "(wait for it, or choose another folder with --out)\n"
        )
    Lock(folder).release()


def test_lock_of_a_killed_program_is_no_lock(tmp_path: Path) -> None:
    """A program that is killed lets go of its folder."""
    code = (
        "import sys, time; from pathlib import Path; from testbed.study.store import Store\n"
        f"store = Store(Path({str(tmp_path)!r})); print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreError, match="another study is being run"):
        Store(tmp_path)
    holder.kill()
    holder.communicate()
    Store(tmp_path).close()
    assert (tmp_path / LOCK).exists()


def _without_privileges() -> list[str]:
    """Return what to put before a command so that root, too, is refused by a read-only folder."""
    if os.geteuid():
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may write everywhere here")
    return [setpriv, "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


def test_read_only_folder_can_be_read_and_is_refused_for_writing(
    file: Path, whole: tuple[Path, str], tmp_path: Path
) -> None:
    """A folder without write permission gives its study, and one message to who runs one."""
    folder = tmp_path / "out"
    shutil.copytree(whole[0], folder)
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = _without_privileges()
    done = ended([*before, *command(file, folder)])
    export = [sys.executable, "-m", "testbed", "export", str(folder)]
    read = ended([*before, *export, "--out", str(tmp_path / "runs.csv")])
    folder.chmod(0o755)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--out: expected a folder to write to, found ")
    assert "permission denied" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert read.returncode == 0, read.stderr
    assert (tmp_path / "runs.csv").read_bytes() == (whole[0] / "runs.csv").read_bytes()


def test_worker_that_is_killed_costs_no_finished_run(short: Scenario, tmp_path: Path) -> None:
    """A worker process that dies ends the study with an error; what was stored is there."""

    def kill_one(done: int, _: int) -> None:
        if done:
            for worker in multiprocessing.active_children():
                worker.kill()

    with pytest.raises(ExecutorError, match="a worker process ended"):
        run_study(
            short,
            replicates=50 * BATCH,
            store=tmp_path,
            executor=ProcessPool(2),
            progress=kill_one,
        )
    assert runs_in(tmp_path) > 0
    resumed = run_study(short, replicates=2 * BATCH, store=tmp_path)
    assert json.dumps(resumed.as_json()) == json.dumps(
        run_study(short, replicates=2 * BATCH).as_json()
    )
