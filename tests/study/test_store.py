"""What a store keeps, what it does again, and what it hands out."""

from __future__ import annotations

import json
import math
import pickle
import sqlite3
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.mitigations import Arm, apply_arm, arm_of
from testbed.outcomes import METRICS
from testbed.scenario import Scenario
from testbed.study import MissingExtraError, Store, StoreError, open_study, run_study
from testbed.study import keys as keys_of
from testbed.study.database import DATABASE
from testbed.study.executor import Done, InProcess, Task
from testbed.study.frames import write_csv, write_parquet
from testbed.study.keys import study_key, world_key
from testbed.study.manifest import MANIFEST, write_whole
from testbed.study.results import Study
from testbed.study.row import Row
from testbed.study.sharing import Ran

from .conftest import WRITTEN

SHORT = Scenario.from_written(WRITTEN, "short")


class Counting(InProcess):
    """Does the work, and keeps count of the runs that were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task with its rows."""

        def counted() -> Iterator[Task]:
            for task in tasks:
                names = list(json.loads(task.written)["study"]["arms"])
                self.asked += [(names[arm], each) for each in task.replicates for arm in task.arms]
                yield task

        return super().run(counted())


def asked(scenario: Scenario, folder: Path) -> list[tuple[str, int]]:
    """Run a study into a folder and return the runs that had to be done."""
    executor = Counting()
    run_study(scenario, store=folder, executor=executor)
    return executor.asked


def test_only_what_is_missing_is_done(tmp_path: Path) -> None:
    """The same study again does nothing; more replicates and arms do what they add."""
    assert len(asked(SHORT, tmp_path)) == 6
    assert asked(SHORT, tmp_path) == []
    more = SHORT.patched({"study.replicates": 4})
    assert sorted(asked(more, tmp_path)) == [("as-shipped", 3), ("remote-bolus-off", 3)]
    wider = more.patched({"study.arms.private": ["pair-in-private"]})
    assert asked(wider, tmp_path) == [("private", replicate) for replicate in range(4)]
    assert asked(SHORT, tmp_path) == []


def test_grown_study_is_the_study_run_at_once(tmp_path: Path) -> None:
    """However a study grew, its rows and its summary are those of one run, to the last digit."""
    whole = SHORT.patched({"study.replicates": 5, "study.arms.all": ["@advice"]})
    asked(SHORT.patched({"study.replicates": 1}), tmp_path)
    asked(whole.patched({"study.replicates": 2}), tmp_path)
    grown, once = run_study(whole, store=tmp_path), run_study(whole)
    assert grown.rows == once.rows
    assert json.dumps(grown.as_json()) == json.dumps(once.as_json())
    assert grown.as_csv() == once.as_csv()


def test_gaps_are_filled(tmp_path: Path) -> None:
    """Runs that are missing between others are done, and no others."""
    asked(SHORT, tmp_path)
    db = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    db.execute("DELETE FROM runs WHERE world = 1 AND replicate = 1")
    db.close()
    assert asked(SHORT, tmp_path) == [("as-shipped", 1)]
    assert run_study(SHORT, store=tmp_path) == run_study(SHORT)


def test_arms_of_the_same_settings_need_one_run(tmp_path: Path) -> None:
    """An arm whose mitigations change nothing has the rows of the arm that it equals."""
    scenario = SHORT.patched({"study.arms": {"as-shipped": [], "again": []}})
    assert asked(scenario, tmp_path) == [("as-shipped", replicate) for replicate in range(3)]
    study = open_study(tmp_path)
    assert [row.arm for row in study.rows] == ["as-shipped"] * 3 + ["again"] * 3
    assert [row.attacked for row in study.of("again")] == [
        row.attacked for row in study.of("as-shipped")
    ]
    told: list[tuple[int, int]] = []
    run_study(scenario, progress=lambda *how_far: told.append(how_far))
    assert told == [(0, 6), (6, 6)]


def test_changed_scenario_is_a_study_beside_the_other(tmp_path: Path) -> None:
    """A changed setting does what it may move anew, is named, and nothing is lost."""
    asked(SHORT, tmp_path)
    changed = SHORT.patched({"pump.max_bolus_U": 2.0, "title": "Another title"})
    with Store(tmp_path) as store:
        begun = store.begin(changed)
        assert (begun.there, begun.others) == (0, 1)
        assert begun.changed == ("pump.max_bolus_U",)
    anew = asked(changed, tmp_path)
    assert {replicate for _, replicate in anew} == {0, 1, 2}  # each has a bolus that it limits
    assert len(anew) == 5  # but for one whose only bolus is refused before
    assert asked(SHORT, tmp_path) == []
    keys = [study_key(each) for each in (SHORT, changed)]
    first, second = (open_study(tmp_path, key[:10]) for key in keys)
    assert first.rows == run_study(SHORT).rows
    assert second.rows == run_study(changed).rows
    with pytest.raises(
        StoreError, match=f"{keys[0][:12]} .short., {keys[1][:12]}|expected a study"
    ):
        open_study(tmp_path, "zzz")


def test_another_result_version_is_another_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of a version with other results are never mixed with this one's."""
    asked(SHORT, tmp_path)
    monkeypatch.setattr(keys_of, "RESULT_VERSION", keys_of.RESULT_VERSION + 1)
    with Store(tmp_path) as store:
        begun = store.begin(SHORT)
    assert (begun.there, begun.others, begun.changed) == (0, 1, ("program",))


DECIDING = {
    "time.duration": "3h",
    "patient.cohort": ["adult#001"],
    "patient.model": "hovorka",
    "patient.behaviour": {"carb_error_cv": 0.1},
    "meal": [{"at": "12:30", "carbs_g": 61}],
    "stay": [],
    "pump.max_bolus_U": 9.5,
    "cgm.error_model": "none",
    "meter.error_sd_mgdl": 3.0,
    "usb.place": "work",
    "radio.slope_dB": 1.0,
    "link.channel": "plaintext",
    "pairing": [],
    "attacker.distance_m": 3.0,
    "study.seed": 4,
}


def of_settings(scenario: Scenario) -> str:
    """Return the key of an arm that takes nothing, of a scenario."""
    return world_key(Arm(scenario, ()))


def test_everything_that_decides_is_in_the_key() -> None:
    """A change in any section of a scenario, and in any key of an attack's step, is another key."""
    found = {"": of_settings(SHORT)}
    for key, value in DECIDING.items():
        written = {**WRITTEN}
        if key == "patient.model":
            written["patient"] = {}
        found[key] = of_settings(Scenario.from_written(written, "short").patched({key: value}))
    steps = WRITTEN["attacker"]["step"]
    for number, changed in enumerate(
        ({"units": 3.5}, {"wait_for_reply": "9s"}, {"after": "51min"})
    ):
        others = [steps[0], {**steps[1], **changed}]
        found[str(number)] = of_settings(SHORT.patched({"attacker.step": others}))
    assert len(set(found.values())) == len(found)


def test_what_decides_nothing_is_not_in_the_key() -> None:
    """Words for people, the plan of the study and the name of an arm change no run."""
    changes: dict[str, Any] = {
        "title": "t",
        "about": "a",
        "sources": ["s"],
        "study.replicates": 9,
        "study.arms": {"x": []},
        "study.baseline": "x",
        "expect": [{"arm": "x", "metric": "unauthorised_U", "at_most": 1}],
    }
    assert of_settings(SHORT.patched(changes)) == of_settings(SHORT)
    defaults = {"pump.remote_bolus": SHORT.pump.remote_bolus, "attacker.gain_dB": 0.0}
    assert of_settings(SHORT.patched(defaults)) == of_settings(SHORT)
    assert of_settings(apply_arm(SHORT, "remote-bolus-off")) == of_settings(
        SHORT.patched({"pump.remote_bolus": False})
    )


def test_adherence_decides() -> None:
    """An arm that only some wearers follow is neither that of all nor that of none, nor another."""
    given = [{"name": "remote-bolus-off", "adherence": share} for share in (0.0, 0.4, 0.6, 1.0)]
    scenario = SHORT.patched({"study.arms": {str(n): [each] for n, each in enumerate(given)}})
    keys = [world_key(arm_of(scenario, arm)) for arm in scenario.study.arms]
    assert len(set(keys)) == len(keys)
    assert keys[0] == of_settings(SHORT)
    assert keys[-1] == of_settings(SHORT.patched({"pump.remote_bolus": False}))


VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8))
def test_numbers_come_back_to_the_last_bit(values: list[tuple[float | None, float | None]]) -> None:
    """Every finite number and every absence is read back as it was stored, row by row and light."""
    rows = [
        Row(
            "as-shipped",
            replicate,
            f"p{replicate % 3}",
            dict.fromkeys(METRICS, attacked),
            dict.fromkeys(METRICS, twin),
        )
        for replicate, (attacked, twin) in enumerate(values)
    ]
    scenario = SHORT.patched({"study.arms": {"as-shipped": []}})
    with Store() as store:
        begun = store.begin(scenario)
        store.add(begun.arms["as-shipped"], rows)
        stored = store.rows(begun.arms, len(rows))
        assert list(stored) == rows
        assert stored[-1] == rows[-1]
        assert stored[1:] == tuple(rows[1:])
        assert pickle.loads(pickle.dumps(stored)) == tuple(rows)
        for light, row in zip(stored.light("as-shipped"), rows, strict=True):
            assert (light.arm, light.replicate, light.patient) == (
                row.arm,
                row.replicate,
                row.patient,
            )
            for name in METRICS:
                assert light.attacked.get(name) == row.attacked[name]
                assert light.twin.get(name) == row.twin[name]
        zeros = [each for row in stored for each in row.attacked.values() if each == 0]
        assert all(math.copysign(1, zero) == 1 for zero in zeros)


def test_stored_rows_give_the_tables_of_rows_in_memory() -> None:
    """Estimates, frame and metrics are the same whether rows are in a store or in a tuple."""
    stored = run_study(SHORT)
    held = Study(
        title=stored.title,
        scenario=stored.scenario,
        baseline=stored.baseline,
        arms=stored.arms,
        rows=tuple(stored.rows),
        seed=stored.seed,
        replicates=stored.replicates,
    )
    assert json.dumps(stored.as_json()) == json.dumps(held.as_json())
    assert stored.frame().equals(held.frame())


def test_batch_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    """A batch with a row that cannot be stored leaves nothing of itself."""
    rows = list(run_study(SHORT).of("as-shipped"))
    rows.append(Row("as-shipped", 2**70, "p", {}, {}))
    with Store(tmp_path) as store:
        begun = store.begin(SHORT)
        with pytest.raises(OverflowError):
            store.add(begun.arms["as-shipped"], rows)
        assert store.missing(begun.arms["as-shipped"], range(3)) == (0, 1, 2)
        store.add(begun.arms["as-shipped"], rows[:3])
        assert store.missing(begun.arms["as-shipped"], range(4)) == (3,)


def test_study_is_readable_while_it_runs(tmp_path: Path) -> None:
    """Who opens the folder meanwhile gets the study of the replicates that every arm has."""
    seen: list[Study] = []

    def look(done: int, _: int) -> None:
        study = open_study(tmp_path)
        seen.append(study)
        assert study.replicates == done // 2
        assert len(study.rows) == 2 * study.replicates
        if study.replicates:
            assert study.summary()["as-shipped"].metrics["unauthorised_U"].n == study.replicates

    whole = run_study(SHORT, replicates=40, store=tmp_path, progress=look)
    assert [study.notes for study in seen[-3:-1]] == [
        (f"{done} of 40 replicates are done",) for done in (20, 30)
    ]
    assert seen[-1].notes == ()
    assert seen[-1].as_json() == whole.as_json()
    assert seen[-2].rows == whole.rows[:30] + whole.rows[40:70]


def test_notebook_that_looks_on_does_not_stand_in_the_way(tmp_path: Path) -> None:
    """A study that somebody holds open can be run on, again and again."""
    run_study(SHORT, store=tmp_path)
    looking = open_study(tmp_path)
    assert looking.rows[0].replicate == 0
    run_study(SHORT, replicates=5, store=tmp_path)
    assert len(looking.rows) == 6
    assert looking.rows == run_study(SHORT).rows
    assert open_study(tmp_path).rows == run_study(SHORT, replicates=5).rows


def test_manifest_says_what_the_study_was_and_no_time(tmp_path: Path) -> None:
    """Scenario, every setting of every arm, seed, versions and command; the same each time."""
    with Store(tmp_path, ("testbed", "run", "short.toml")) as store:
        run_study(SHORT, store=store)
    first = (tmp_path / MANIFEST).read_bytes()
    told = json.loads(first)
    assert told["written"] == WRITTEN
    assert told["command"] == ["testbed", "run", "short.toml"]
    assert (told["seed"], told["replicates"]) == (3, 3)
    assert told["result_version"] == keys_of.RESULT_VERSION
    assert told["arms"]["remote-bolus-off"]["pump"]["remote_bolus"] is False
    assert told["arms"]["as-shipped"]["attacker"]["step"][1]["units"] == 3.0
    assert {"pump-link-testbed", "python"} <= set(told["versions"])
    with Store(tmp_path, ("testbed", "run", "short.toml")) as store:
        run_study(SHORT, store=store, workers=2)
    assert (tmp_path / MANIFEST).read_bytes() == first
    assert Scenario.from_written(told["written"], told["scenario"]) == SHORT


def test_every_run_says_which_versions_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that were done with another library are told apart in the database."""
    run_study(SHORT, store=tmp_path)
    monkeypatch.setattr("testbed.study.store.versions", lambda: {"numpy": "99"})
    run_study(SHORT, replicates=4, store=tmp_path)
    db = sqlite3.connect(tmp_path / DATABASE)
    found = db.execute(
        "SELECT versions, count(*) FROM runs JOIN programs ON program = programs.id"
        " GROUP BY program ORDER BY program"
    ).fetchall()
    db.close()
    assert [count for _, count in found] == [6, 2]
    assert found[1][0] == '{"numpy":"99"}'


def test_csv_in_pieces_is_the_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is written piece by piece is what pandas writes of the whole."""
    study = run_study(SHORT)
    monkeypatch.setattr("testbed.study.frames._AT_ONCE", 4)
    write_csv(study, tmp_path / "runs.csv")
    assert (tmp_path / "runs.csv").read_text("utf-8") == study.frame().to_csv(index=False)


def test_parquet_has_the_rows_of_the_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet gives back every value; what is not defined is null."""
    pq = pytest.importorskip("pyarrow.parquet")
    study = run_study(SHORT)
    monkeypatch.setattr("testbed.study.frames._AT_ONCE", 4)
    write_parquet(study, tmp_path / "runs.parquet")
    table = pq.read_table(tmp_path / "runs.parquet")
    assert table.column_names == list(study.frame().columns)
    expected = [
        {
            "arm": row.arm,
            "replicate": row.replicate,
            "patient": row.patient,
            **row.attacked,
            **{f"twin_{name}": value for name, value in row.twin.items()},
        }
        for row in study.rows
    ]
    assert table.to_pylist() == expected
    assert table["time_to_notice_min"].null_count > 0


def test_missing_library_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without pyarrow the error says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pyarrow[\s\S]*pump-link-testbed\[parquet\]"):
        write_parquet(run_study(SHORT, replicates=1), tmp_path / "runs.parquet")
    assert list(tmp_path.iterdir()) == []


def test_file_is_written_whole_or_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails at the last moment leaves the old file and no part of the new one."""
    path = tmp_path / "study.json"
    write_whole(path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "new")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_that_has_no_study_says_so(tmp_path: Path) -> None:
    """Opening a folder that holds no store, or an empty one, is an error with its name."""
    with pytest.raises(StoreError, match="found no such file"):
        open_study(tmp_path)
    (tmp_path / DATABASE).touch()
    with pytest.raises(StoreError, match="expected a study, found none"):
        open_study(tmp_path)


class MadeUp(InProcess):
    """Makes rows up instead of simulating them."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task with rows of whatever numbers."""
        for task in tasks:
            yield (
                task,
                [
                    Ran(_made_up(str(arm), replicate), (arm,), b"[]", 2)
                    for replicate in task.replicates
                    for arm in task.arms
                ],
            )


def _made_up(arm: str, replicate: int) -> Row:
    values: dict[str, float | None] = {
        name: float(replicate % 2) if metric.is_share else replicate / 7
        for name, metric in METRICS.items()
    }
    return Row(arm, replicate, f"p{replicate % 3}", values, dict(values))


def test_more_replicates_need_no_more_memory(tmp_path: Path) -> None:
    """While a study runs and its rows are read, what Python holds does not grow with them."""
    peaks = []
    for replicates in (200, 300, 2300):  # the first one fills caches
        tracemalloc.start()
        folder = tmp_path / str(replicates)
        study = run_study(SHORT, replicates=replicates, store=folder, executor=MadeUp())
        assert sum(1 for _ in study.rows) == 2 * replicates
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    numbers_of_the_rows = 2 * 2000 * 2 * len(METRICS) * 8
    assert peaks[2] - peaks[1] < numbers_of_the_rows / 2
