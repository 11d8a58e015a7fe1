"""Who does the work stays for the studies that follow, and what an arm is, is worked out once."""

from __future__ import annotations

import json
import multiprocessing

import pytest
from testbed.scenario import Scenario
from testbed.study import arms, run_study
from testbed.study.executor import InProcess, ProcessPool, working
from testbed.study.matrix_run import run_matrix


class StopStudyError(Exception):
    """Breaks a study off."""


def workers() -> set[int | None]:
    """Return the worker processes that there are."""
    return {each.pid for each in multiprocessing.active_children()}


def test_workers_stay_for_the_studies_that_follow(short: Scenario) -> None:
    """Studies one after the other have the same workers and the numbers of this process."""
    studies = [short, short.patched({"study.seed": 4}), short.patched({"study.replicates": 5})]
    seen = []
    with working(2) as pool:
        for each in studies:
            found = run_study(each, executor=pool)
            seen.append(workers())
            assert json.dumps(found.as_json()) == json.dumps(run_study(each).as_json())
    assert seen[0]
    assert seen[0] == seen[1] == seen[2]
    assert not workers()


def test_study_that_looks_several_times_has_one_set_of_workers(
    short: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looks at declared points start no other workers, and neither do the paths of a matrix."""
    started = []
    real = ProcessPool._started

    def counted(pool: ProcessPool) -> object:
        started.append(pool)
        return real(pool)

    monkeypatch.setattr(ProcessPool, "_started", counted)
    precision = {"arm": "as-shipped", "metric": "extra_U", "half_width": 1e-6, "look_every": 3}
    run_study(short.patched({"study.precision": precision, "study.replicates": 9}), workers=2)
    assert len(started) == 1
    run_matrix(
        [short, Scenario.from_written(short.written, "again")],
        ["remote-bolus-off"],
        replicates=2,
        workers=2,
    )
    assert len(started) == 2


def test_study_that_is_broken_off_leaves_no_work_to_the_next(short: Scenario) -> None:
    """After an error in the middle of a study the next one has workers of its own."""

    def stop(done: int, _: int) -> None:
        if done:
            raise StopStudyError

    with working(2) as pool:
        with pytest.raises(StopStudyError) as held:  # and with it, whatever the study had
            run_study(short, replicates=40, executor=pool, progress=stop)
        found = run_study(short, executor=pool)
    assert not workers()
    assert held
    assert json.dumps(found.as_json()) == json.dumps(run_study(short).as_json())


def test_arms_are_worked_out_once(short: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning, storing and running a study in one process all have the same arms."""
    made = []
    real = arms.Arms.__init__

    def counted(self: arms.Arms, scenario: Scenario) -> None:
        made.append(scenario)
        real(self, scenario)

    monkeypatch.setattr(arms.Arms, "__init__", counted)
    run_study(short, replicates=25)
    assert len(made) == 1


def test_another_process_has_the_arms_of_this_one(short: Scenario) -> None:
    """Arms that are written and read are those they were, and other names are other arms."""
    here = arms.side_by_side(short)
    assert arms.arms_written("short", here.written) is here
    assert arms.arms_written("other", here.written) is not here
    arms.forget_arms()
    there = arms.arms_written("short", here.written)
    assert there is not here
    assert there.names == here.names
    assert [there.settings(each) for each in range(2)] == [here.settings(each) for each in range(2)]


def test_fewer_workers_than_one_are_refused() -> None:
    """No worker is a mistake, and one is this process."""
    with pytest.raises(ValueError, match="expected 1 or more, found 0"), working(0):
        pass
    with working(1) as executor:
        assert isinstance(executor, InProcess)
