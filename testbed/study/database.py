"""The SQLite file that a study's runs are kept in: its tables, its lock, and what may go wrong.

It is in write-ahead mode (WAL) while a study runs, so that others can read it meanwhile, and an
ordinary file between studies, which can be read where nothing can be written.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final

DATABASE: Final = "runs.sqlite"
"""The name of the file in a folder of results."""

LOCK: Final = "runs.lock"
"""The name of the empty file by which a study keeps its folder to itself."""

_APPLICATION: Final = 0x504C5442
_SCHEMA_VERSION: Final = 1
_PATIENCE_S: Final = 30.0
"""How long to wait for a reader to let go."""
_PAGE_BYTES: Final = 8192
"""A row of up to a quarter of this stands in its page; a longer one has pages to itself."""

_TABLES: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE programs (id INTEGER PRIMARY KEY, versions TEXT NOT NULL UNIQUE);
CREATE TABLE worlds (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    resolved TEXT NOT NULL,
    metrics TEXT NOT NULL
);
CREATE TABLE studies (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    begun INTEGER NOT NULL,
    replicates INTEGER NOT NULL,
    arms TEXT NOT NULL,
    manifest TEXT NOT NULL
);
CREATE TABLE runs (
    world INTEGER NOT NULL REFERENCES worlds,
    replicate INTEGER NOT NULL,
    program INTEGER NOT NULL REFERENCES programs,
    patient TEXT NOT NULL,
    PRIMARY KEY (world, replicate)
) WITHOUT ROWID;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_SCHEMA_VERSION};
COMMIT;
"""

_ADDED: Final = """
CREATE TABLE IF NOT EXISTS facts (id INTEGER PRIMARY KEY, fact TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS consulted (id INTEGER PRIMARY KEY, facts BLOB NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS shared (
    world INTEGER NOT NULL REFERENCES worlds,
    replicate INTEGER NOT NULL,
    source INTEGER NOT NULL REFERENCES worlds,
    PRIMARY KEY (world, replicate)
) WITHOUT ROWID;
"""
"""Tables that a store of before may not have, and that a program of before passes over."""

_PLACE: Final = ("world", "replicate")
_ADDED_COLUMNS: Final = (("worlds", "dice", "TEXT"), ("runs", "consulted", "INTEGER"))


class StoreError(Exception):
    """A store cannot be used; nothing that is in it has been lost.

    Args:
        lines: What is wrong and what can be done, one line each.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))


@contextlib.contextmanager
def explained(path: Path | None) -> Iterator[None]:
    """Turn what SQLite says of a file into a :class:`StoreError` that a person understands."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(path, error) from error


def _explanation(path: Path | None, error: sqlite3.Error) -> StoreError:
    where = str(path) if path is not None else "the temporary store"
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return _damaged(where, str(error))
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return StoreError(
            f"{where}: could not be written: {error}",
            "(finished runs are kept; make room, and the same command does the rest)",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
        return StoreError(f"{where}: another program is using it: {error}")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return StoreError(f"{where}: expected a file to read and write, found: {error}")
    return StoreError(f"{where}: {error}")


def _damaged(where: str, why: str) -> StoreError:
    return StoreError(
        f"{where}: expected the runs of earlier studies, found a damaged file: {why}",
        "(it is left as it is: move it away to begin anew, or mend it with sqlite3's .recover)",
    )


class Lock:
    """Keeps a folder to one program, until it is let go or the program ends in any way.

    The lock is SQLite's own on an empty file, so every system that SQLite knows has it.

    Args:
        folder: The folder.

    Raises:
        StoreError: If another program has it.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK
        with explained(path):
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None)
            try:
                self._db.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                self._db.close()
                if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                    raise StoreError(
                        f"{folder}: another study is being run into this folder",
                        "(wait for it, or choose another folder with --out)",
                    ) from None
                raise

    def release(self) -> None:
        """Let go of the folder."""
        self._db.close()


def open_to_write(path: Path | None) -> sqlite3.Connection:
    """Return a connection to a database that may not exist yet, checked, in WAL mode.

    Args:
        path: The file, or ``None`` for one of its own that goes when it is closed, and is
            held in memory only while it is small.

    Raises:
        StoreError: If the file is damaged, not ours, or cannot be written.
    """
    with explained(path):
        db = sqlite3.connect(
            path or "", timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        try:
            # Of a database that is there already this changes nothing.
            db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            if path is not None:
                check(db, path)
                db.execute("PRAGMA journal_mode = WAL")
                # A batch that was said to be stored is on the disk, whatever happens next.
                db.execute("PRAGMA synchronous = FULL")
            if not db.execute("PRAGMA user_version").fetchone()[0]:
                db.executescript(_TABLES)
            db.executescript(_ADDED)
            for table, column, kind in _ADDED_COLUMNS:
                add_column(db, table, column, kind)
        except BaseException:
            db.close()
            raise
    return db


def add_column(db: sqlite3.Connection, table: str, column: str, kind: str) -> None:
    """Give a table a column, unless it has it."""
    if column not in {row[1] for row in db.execute(f"PRAGMA table_info({table})")}:
        db.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(column)} {kind}")


def make_columns(db: sqlite3.Connection, metrics: Iterable[str]) -> None:
    """Give the table of runs a column for each metric, and the view of every row the same."""
    there = {row[1] for row in db.execute("PRAGMA table_info(runs)")}
    for column in metrics:
        if column not in there:
            db.execute(f"ALTER TABLE runs ADD COLUMN {quoted(column)} REAL")
    names = [row[1] for row in db.execute("PRAGMA table_info(runs)") if row[1] not in _PLACE]
    columns = ", ".join(f"runs.{quoted(name)}" for name in names)
    db.execute("DROP VIEW IF EXISTS every_run")
    db.execute(
        "CREATE VIEW every_run AS"
        f" SELECT world, replicate, world AS source, {columns} FROM runs"
        f" UNION ALL SELECT shared.world, shared.replicate, shared.source, {columns}"
        " FROM shared JOIN runs ON runs.world = shared.source"
        " AND runs.replicate = shared.replicate"
    )


def has_shared(db: sqlite3.Connection) -> bool:
    """Return whether a store may have rows that are another world's run."""
    found = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'shared'")
    return found.fetchone() is not None


def open_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot change anything, also while a study runs.

    Raises:
        StoreError: If there is no such file, or it is damaged or not ours.
    """
    if not path.is_file():
        raise StoreError(f"{path}: expected the runs of a study, found no such file")
    with explained(path):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(
            uri, uri=True, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        try:
            check(db, path)
        except BaseException:
            db.close()
            raise
    return db


def check(db: sqlite3.Connection, path: Path) -> None:
    """Find out whether a file is whole and is a store of this program, or empty.

    Raises:
        StoreError: If it is not.
        sqlite3.Error: If it cannot be read at all.
    """
    (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise _damaged(str(path), found.splitlines()[-1])
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version) == (0, 0) and not tables:
        return
    if application != _APPLICATION:
        raise StoreError(f"{path}: expected the runs of a study, found another program's file")
    if version != _SCHEMA_VERSION:
        raise StoreError(
            f"{path}: expected a store of version {_SCHEMA_VERSION}, found version {version}",
            "(it is another version of this program's; use that one, or another folder)",
        )


def close_written(db: sqlite3.Connection) -> None:
    """Close a connection for writing, and leave an ordinary file if nobody else reads it."""
    with contextlib.suppress(sqlite3.Error):  # a reader, or a full disk: it stays in WAL mode
        db.execute("PRAGMA busy_timeout = 0")
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()


def quoted(name: str) -> str:
    """Return a name as SQL writes the name of a column."""
    return '"' + name.replace('"', '""') + '"'


def number_of(db: sqlite3.Connection, table: str, values: Mapping[str, str]) -> int:
    """Return the number of a row of a table, made if it is new; its first column is its key."""
    key, content = next(iter(values.items()))
    db.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
        f" ON CONFLICT ({key}) DO NOTHING",
        tuple(values.values()),
    )
    (number,) = db.execute(f"SELECT id FROM {table} WHERE {key} = ?", (content,)).fetchone()
    return int(number)


class Transaction:
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
