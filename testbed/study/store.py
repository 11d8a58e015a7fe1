"""The runs that have been done: each kept under a hash of what determines it, in a folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from testbed.mitigations import arm_of
from testbed.outcomes import METRICS
from testbed.scenario.model import Scenario
from testbed.study.database import (
    DATABASE,
    Lock,
    StoreError,
    close_written,
    explained,
    open_to_write,
    quoted,
)
from testbed.study.keys import settings_of, study_key, world_key
from testbed.study.manifest import MANIFEST, Manifest, versions
from testbed.study.row import Row
from testbed.study.stored import TWIN, StoredRows

_OWN_COLUMNS: Final = ("world", "replicate", "program", "patient")


@dataclass(frozen=True, slots=True)
class Begun:
    """What a store had when a study began.

    Attributes:
        arms: The number of each arm's world in the store, by the arm's name.
        total: How many runs the study is, one a replicate and arm.
        there: How many of them were there.
        others: How many studies the folder has besides this one.
        changed: If this study is new to the folder and the one before had the same name, the
            dotted keys of the scenario that differ, or ``program`` if none does.
    """

    arms: Mapping[str, int]
    total: int
    there: int
    others: int
    changed: tuple[str, ...] = ()


class Store:
    """Keeps runs in a folder, and takes one study at a time.

    A batch of runs is stored as a whole or not at all, and what is stored stays.

    Args:
        folder: The folder, made if need be; ``None`` keeps runs for as long as they are used,
            on disk once they are many.
        command: The command that began the study, for the manifest.

    Raises:
        StoreError: If the folder cannot be written to, is in use by another program, or has a
            damaged database.
    """

    def __init__(self, folder: Path | None = None, command: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.path = None if folder is None else folder / DATABASE
        self.kept = 0
        """How many runs have been stored since this was opened."""
        self._command = command
        self._lock: Lock | None = None
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _refused(folder, error) from None
            self._lock = Lock(folder)
        try:
            self._db = open_to_write(self.path)
        except BaseException:
            self._let_go()
            raise
        self._columns: set[str] = set()
        self._program = 0

    def __enter__(self) -> Store:
        """Return the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Let go of the folder.  Runs without a folder stay as long as a study reads them."""
        if self.path is not None:
            close_written(self._db)
            self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def begin(self, scenario: Scenario) -> Begun:
        """Register a study and its worlds, and find out what there is of it.

        Writes the manifest.

        Args:
            scenario: The scenario as loaded, with the seed and replicates that are wanted.

        Raises:
            StoreError: If it cannot be written.
            ValueError: If an arm has other patients than another.
        """
        patched = {arm: arm_of(scenario, arm) for arm in scenario.study.arms}
        if len({each.base.patient.names for each in patched.values()}) > 1:
            raise ValueError("expected the same patients in every arm, found different ones")
        manifest = Manifest.of(scenario, patched, self._command)
        key, count = study_key(scenario), scenario.study.replicates
        with explained(self.path), self._transaction():
            self._make_columns(METRICS)
            self._program = self._number("programs", {"versions": _text(versions())})
            arms = {
                arm: self._number(
                    "worlds",
                    {
                        "key": world_key(each),
                        "resolved": _text(settings_of(each)),
                        "metrics": _text(list(METRICS)),
                    },
                )
                for arm, each in patched.items()
            }
            (others,) = self._db.execute(
                "SELECT count(*) FROM studies WHERE key <> ?", (key,)
            ).fetchone()
            changed = self._changes(key, manifest)
            self._db.execute(
                "INSERT INTO studies (key, name, begun, replicates, arms, manifest)"
                " SELECT ?, ?, coalesce(max(begun), 0) + 1, ?, ?, ? FROM studies WHERE true"
                " ON CONFLICT (key) DO UPDATE SET begun = excluded.begun,"
                " replicates = excluded.replicates, arms = excluded.arms,"
                " manifest = excluded.manifest",
                (key, scenario.name, count, _text(list(arms.items())), manifest.text()),
            )
            there = sum(
                self._db.execute(
                    "SELECT count(*) FROM runs WHERE world = ? AND replicate < ?", (world, count)
                ).fetchone()[0]
                for world in arms.values()
            )
        if self.folder is not None:
            try:
                manifest.write(self.folder)
            except OSError as error:
                raise _refused(self.folder / MANIFEST, error) from None
        return Begun(arms, count * len(arms), there, others, changed)

    def _changes(self, key: str, manifest: Manifest) -> tuple[str, ...]:
        """Return what makes a study another one than that of its name before; see `Begun`."""
        known = self._db.execute("SELECT 1 FROM studies WHERE key = ?", (key,)).fetchone()
        before = self._db.execute(
            "SELECT manifest FROM studies WHERE name = ? ORDER BY begun DESC LIMIT 1",
            (manifest.scenario,),
        ).fetchone()
        if known or before is None:
            return ()
        return manifest.differences(Manifest.read(before[0])) or ("program",)

    def missing(self, world: int, replicates: range) -> tuple[int, ...]:
        """Return which of some replicates of a world have not been done."""
        with explained(self.path):
            done = self._db.execute(
                "SELECT replicate FROM runs WHERE world = ? AND replicate BETWEEN ? AND ?",
                (world, replicates.start, replicates.stop - 1),
            ).fetchall()
        there = {replicate for (replicate,) in done}
        return tuple(each for each in replicates if each not in there)

    def add(self, world: int, rows: Iterable[Row]) -> None:
        """Store runs of one world, all or none of them; those that are there stay as they are.

        Args:
            world: The world's number, from :meth:`begin`.
            rows: The runs.

        Raises:
            StoreError: If they cannot be written.
        """
        names = list(METRICS)
        columns = [*_OWN_COLUMNS, *names, *(TWIN + name for name in names)]
        statement = (
            f"INSERT OR IGNORE INTO runs ({', '.join(map(quoted, columns))})"
            f" VALUES ({', '.join('?' * len(columns))})"
        )
        values = [
            (
                world,
                row.replicate,
                self._program,
                row.patient,
                *(_real(row.attacked.get(name)) for name in names),
                *(_real(row.twin.get(name)) for name in names),
            )
            for row in rows
        ]
        with explained(self.path), self._transaction():
            self._db.executemany(statement, values)
        self.kept += len(values)

    def rows(self, arms: Mapping[str, int], replicates: int) -> StoredRows:
        """Return the first replicates of some arms, read when they are looked at.

        Args:
            arms: The number of each arm's world by the arm's name, in the order wanted.
            replicates: How many replicates of each, all of which must be there.
        """
        source = self._db if self.path is None else self.path
        return StoredRows(source, arms, list(METRICS), replicates)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)

    def _number(self, table: str, values: Mapping[str, str]) -> int:
        """Return the number of a row of a table, made if it is new; its first column is its key."""
        key, content = next(iter(values.items()))
        self._db.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
            f" ON CONFLICT ({key}) DO NOTHING",
            tuple(values.values()),
        )
        (number,) = self._db.execute(
            f"SELECT id FROM {table} WHERE {key} = ?", (content,)
        ).fetchone()
        return int(number)

    def _make_columns(self, names: Iterable[str]) -> None:
        there = {row[1] for row in self._db.execute("PRAGMA table_info(runs)")}
        names = list(names)
        for column in (*names, *(TWIN + name for name in names)):
            if column not in there:
                self._db.execute(f"ALTER TABLE runs ADD COLUMN {quoted(column)} REAL")


class _Transaction:
    """Everything inside is stored together, or nothing is."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if kind is None:
            try:
                self._db.execute("COMMIT")
                return
            except sqlite3.Error:
                self._roll_back()
                raise
        self._roll_back()

    def _roll_back(self) -> None:
        if self._db.in_transaction:  # SQLite itself has rolled back after some errors
            self._db.execute("ROLLBACK")


def _real(value: float | None) -> float | None:
    # SQLite forgets the sign of zero, so it has none here from the start.
    return None if value is None else value + 0.0


def _text(value: Any) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def _refused(path: Path, error: OSError) -> StoreError:
    why = (error.strerror or str(error)).lower()
    return StoreError(f"{path}: expected a folder to write to, found {path}: {why}")
