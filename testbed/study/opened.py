"""Studies found in a folder of results: read, and never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from testbed.study.database import DATABASE, StoreError, explained, has_shared, open_to_read
from testbed.study.manifest import Manifest
from testbed.study.stored import StoredRows


class StoredStudy(msgspec.Struct, frozen=True):
    """A study of a folder, as far as it has come.

    Attributes:
        key: The study's key.
        replicates: How many replicates an arm were asked for.
        done: How many, counted from the first, every arm has.
        manifest: What the study was begun with.
        rows: Those ``done`` replicates of every arm.
    """

    key: str
    replicates: int
    done: int
    manifest: Manifest
    rows: StoredRows


def read_stored(folder: Path, key: str | None = None) -> StoredStudy:
    """Return a study of a folder without changing anything, also while it is being run.

    Args:
        folder: The folder of results.
        key: The beginning of the study's key; the study that was begun last if left out.

    Raises:
        StoreError: If there is no such study or its file cannot be read.
    """
    path = folder / DATABASE
    db = open_to_read(path)
    try:
        with explained(path):
            found = list(_studies(db))
            chosen = [each for each in found if key is None or each[0].startswith(key)]
            if not chosen or (not key and key is not None):
                raise StoreError(
                    f"{path}: expected a study{'' if key is None else f' of key {key!r}'}, "
                    f"found {', '.join(f'{k[:12]} ({name})' for k, name, *_ in found) or 'none'}"
                )
            if key is not None and len(chosen) > 1:
                raise StoreError(f"{path}: expected the key of one study, found {len(chosen)}")
            full_key, _, replicates, arms, manifest = chosen[-1]
            worlds: dict[str, int] = dict(msgspec.json.decode(arms))
            done = min(_done(db, world, replicates) for world in set(worlds.values()))
            (names,) = db.execute(
                "SELECT metrics FROM worlds WHERE id = ?", (next(iter(worlds.values())),)
            ).fetchone()
    finally:
        db.close()
    rows = StoredRows(path, worlds, msgspec.json.decode(names), done)
    return StoredStudy(full_key, replicates, done, Manifest.read(manifest), rows)


def _studies(db: sqlite3.Connection) -> Iterator[tuple[str, str, int, str, str]]:
    if not db.execute("PRAGMA user_version").fetchone()[0]:
        return
    yield from db.execute(
        "SELECT key, name, replicates, arms, manifest FROM studies ORDER BY begun"
    ).fetchall()


def _done(db: sqlite3.Connection, world: int, replicates: int) -> int:
    """Return how many replicates a world has without a gap, from 0 up to ``replicates``."""
    there = "SELECT replicate FROM runs WHERE world = :world"
    if has_shared(db):
        there += " UNION ALL SELECT replicate FROM shared WHERE world = :world"
    # Each replicate less its place among them is 0 for as long as there is no gap.
    (done,) = db.execute(
        "SELECT count(*) FROM (SELECT replicate - row_number() OVER (ORDER BY replicate) AS ahead"
        f" FROM ({there})) WHERE ahead = -1",
        {"world": world},
    ).fetchone()
    return min(int(done), replicates)
