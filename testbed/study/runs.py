"""The rows of a store: runs that were done, and those that are another world's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from testbed.outcomes import METRICS
from testbed.study.arms import Fact
from testbed.study.consulted import Consulted
from testbed.study.database import StoreError, Transaction, explained, quoted
from testbed.study.row import Row
from testbed.study.sharing import Ran
from testbed.study.stored import TWIN

_OWN_COLUMNS: Final = ("world", "replicate", "program", "patient", "consulted")


class Runs:
    """The rows in a database.

    Args:
        db: The database, open for writing.
        path: Its file, for messages; ``None`` for a temporary one.

    Attributes:
        kept: How many runs have been stored since this was opened.
    """

    def __init__(self, db: sqlite3.Connection, path: Path | None) -> None:
        self._db = db
        self.path = path
        self.kept = 0
        self._consulted = Consulted(db)
        self._program = 0
        self._begun_with: frozenset[int] = frozenset()
        self._sources: tuple[int, ...] = ()
        self._worlds_of_study: frozenset[int] = frozenset()

    def missing(self, world: int, replicates: range, *, shared: bool = True) -> tuple[int, ...]:
        """Return which of some replicates of a world are not there.

        Args:
            world: The world's number.
            replicates: The replicates.
            shared: Whether one that is another world's run counts as there.
        """
        there = self._there(world, replicates, shared)
        return tuple(each for each in replicates if each not in there)

    def _there(self, world: int, replicates: range, shared: bool) -> set[int]:
        with explained(self.path):
            return {
                replicate
                for table in ("runs", "shared")[: 2 if shared else 1]
                for (replicate,) in self._db.execute(
                    f"SELECT replicate FROM {table} WHERE world = ? AND replicate BETWEEN ? AND ?",
                    (world, replicates.start, replicates.stop - 1),
                )
            }

    def simulated(self, replicates: int) -> int:
        """Return how many of a study's runs are runs of their own, and no other world's.

        Args:
            replicates: Up to which replicate.
        """
        with explained(self.path):
            return sum(
                self._db.execute(
                    "SELECT count(*) FROM runs WHERE world = ? AND replicate < ?",
                    (world, replicates),
                ).fetchone()[0]
                for world in self._worlds_of_study
            )

    def was_there(self, world: int) -> bool:
        """Return whether a world had any replicate when the study began."""
        return world in self._begun_with

    def sources(self, replicate: int) -> list[tuple[int, tuple[Fact, ...]]]:
        """Return the runs of a replicate that were there when the study began.

        Those with other dice, or whose facts nobody noted, are left out.

        Returns:
            The number of each run's world, and what determined the run.
        """
        with explained(self.path):
            return [
                (each.world, self._consulted.facts(each.consulted))
                for each in self._consulted.at(replicate, self._sources)
            ]

    def share(self, replicate: int, sources: Mapping[int, int]) -> None:
        """Store that worlds have other worlds' runs of a replicate.

        Args:
            replicate: Which replicate.
            sources: The number of the world that was run, by that of the one that need not be.
        """
        with explained(self.path), Transaction(self._db):
            self._share((world, replicate, source) for world, source in sources.items())

    def _share(self, values: Iterable[tuple[int, int, int]]) -> None:
        self._db.executemany("INSERT OR IGNORE INTO shared VALUES (?, ?, ?)", values)

    def add(self, world: int, rows: Iterable[Row]) -> None:
        """Store runs of one world, all or none of them; those that are there stay as they are.

        Args:
            world: The world's number, from :meth:`begin`.
            rows: The runs.

        Raises:
            StoreError: If they cannot be written.
        """
        self.add_ran((world,), [Ran(row, (0,), b"", 2) for row in rows])

    def add_ran(self, worlds: Sequence[int], done: Iterable[Ran]) -> None:
        """Store what was run for many arms, all or nothing; what is there stays as it is.

        Args:
            worlds: The number of each arm's world.
            done: The runs.

        Raises:
            StoreError: If they cannot be written.
        """
        names, done = list(METRICS), list(done)
        columns = [*_OWN_COLUMNS, *names, *(TWIN + name for name in names)]
        statement = (
            f"INSERT OR IGNORE INTO runs ({', '.join(map(quoted, columns))})"
            f" VALUES ({', '.join('?' * len(columns))})"
        )
        try:
            with explained(self.path), Transaction(self._db):
                for ran in done:
                    row, world = ran.row, worlds[ran.arms[0]]
                    values = (
                        *(world, row.replicate, self._program, row.patient),
                        self._consulted.number(ran.facts) if ran.facts else None,
                        *(_real(row.attacked.get(name)) for name in names),
                        *(_real(row.twin.get(name)) for name in names),
                    )
                    self._db.execute(statement, values)
                    # A run of its own goes before another's.
                    self._db.execute(
                        "DELETE FROM shared WHERE world = ? AND replicate = ?",
                        (world, row.replicate),
                    )
                    others = (worlds[arm] for arm in ran.arms[1:])
                    self._share((other, row.replicate, world) for other in others)
        except StoreError:
            self._consulted.forget()
            raise
        self.kept += sum(len(ran.arms) for ran in done)


def _real(value: float | None) -> float | None:
    # SQLite forgets the sign of zero, so it has none here from the start.
    return None if value is None else value + 0.0
