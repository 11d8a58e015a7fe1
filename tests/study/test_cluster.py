"""A study on a real Dask cluster of several processes, on this machine alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testbed.scenario import Scenario
from testbed.study import ExecutorError, MissingExtraError, run_study
from testbed.study.cluster import DaskCluster
from testbed.study.cutting import BATCH
from testbed.study.executor import RESULT_VERSION, Task, carry_out

from .conftest import ENVIRONMENT, WRITTEN

distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")

SHORT = Scenario.from_written(WRITTEN, "short")
WORKERS = 3


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Three worker processes and a scheduler that listen on the loopback interface only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
        with distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as started:
            yield started


def test_cluster_gives_the_study_of_one_process(cluster: Any) -> None:
    """Rows and tables of a cluster are those of this process, to the last digit."""
    alone = run_study(SHORT, replicates=2 * BATCH + 1)
    shared = run_study(
        SHORT, replicates=2 * BATCH + 1, executor=DaskCluster(cluster.scheduler_address)
    )
    assert shared.rows == alone.rows
    assert json.dumps(shared.as_json()) == json.dumps(alone.as_json())


def test_worker_that_dies_costs_nothing_but_time(cluster: Any, tmp_path: Path) -> None:
    """A worker that is killed in the middle has its tasks done by others."""
    with distributed.Client(cluster.scheduler_address) as client:
        pids = list(client.run(os.getpid).values())
    assert len(set(pids)) == WORKERS
    killed: list[int] = []

    def kill_one(done: int, total: int) -> None:
        if not killed and 0 < done < total / 2:
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)

    count = 10 * BATCH
    shared = run_study(
        SHORT,
        replicates=count,
        executor=DaskCluster(cluster.scheduler_address),
        store=tmp_path,
        progress=kill_one,
    )
    assert killed
    assert shared.rows == run_study(SHORT, replicates=count).rows


def test_command_takes_the_address_of_a_cluster(cluster: Any, short_file: Path) -> None:
    """``testbed run --dask`` prints what it prints without, and stores the runs."""
    said = []
    for more in (("--dask", cluster.scheduler_address), ("--workers", "1")):
        out = short_file.parent / more[0].strip("-")
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "testbed", "run", str(short_file), *more),
                *("--replicates", "30", "--out", str(out), "--format", "json"),
            ],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        said.append(ended.stdout)
        said.append((out / "runs.csv").read_text("utf-8"))
    assert said[:2] == said[2:]


def test_cluster_that_is_lost_keeps_what_is_done(tmp_path: Path) -> None:
    """A scheduler that ends in the middle is an error in two lines, and the study goes on."""
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as started:

        def close(done: int, _: int) -> None:
            if done:
                started.close()

        with pytest.raises(ExecutorError, match=r"was lost[\s\S]*finished runs are kept"):
            run_study(
                SHORT,
                replicates=50 * BATCH,
                executor=DaskCluster(started.scheduler_address),
                store=tmp_path,
                progress=close,
            )
    told: list[int] = []
    resumed = run_study(SHORT, store=tmp_path, progress=lambda done, _: told.append(done))
    assert told[0] > 0
    assert resumed.rows == run_study(SHORT).rows


def test_address_where_nobody_listens_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that does not answer is named in one line."""
    monkeypatch.setattr("testbed.study.cluster._PATIENCE_S", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ExecutorError, match=f"found {address}"):
            run_study(SHORT, executor=DaskCluster(address))
    with pytest.raises(ExecutorError, match="expected a Dask scheduler"):
        run_study(SHORT, executor=DaskCluster("not an address"))


def test_worker_of_another_version_refuses() -> None:
    """A worker whose program gives other results does no task."""
    task = Task("short", b"{}", (0,), (0,), True, RESULT_VERSION + 1)
    with pytest.raises(ExecutorError, match="expected result version"):
        carry_out(task)


def test_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without distributed the error says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"pump-link-testbed\[dask\]"):
        DaskCluster("tcp://127.0.0.1:1")
