"""What the runs of a store consulted, so that a run that cannot differ is not done later either.

Most runs of an arm consult the same settings and find the same: each fact is kept once, and each
set of facts as the numbers of its facts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
import numpy as np

from testbed.study.arms import Fact

_KEPT: Final = 4096
_NUMBERS: Final = "<u4"


class Source(NamedTuple):
    """A run that is there.

    Attributes:
        world: The number of its world.
        consulted: The number of the set of facts that determined it.
    """

    world: int
    consulted: int


class Consulted:
    """The facts in a database.

    Args:
        db: The database, open for writing.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.facts = lru_cache(maxsize=_KEPT)(self._read)
        self._numbers: dict[bytes, int] = {}
        self._fact_numbers: dict[bytes, int] = {}

    def forget(self) -> None:
        """Forget numbers that may not have been stored, as what gave them was taken back."""
        self._numbers.clear()
        self._fact_numbers.clear()

    def number(self, facts: bytes) -> int:
        """Return the number of a set of facts, which is stored if it is new.

        Args:
            facts: The facts, as :meth:`testbed.study.arms.Arms.facts` writes them.
        """
        if facts not in self._numbers:
            if len(self._numbers) > _KEPT:
                self._numbers.clear()
            each = [bytes(fact) for fact in msgspec.json.decode(facts, type=list[msgspec.Raw])]
            numbers = sorted(map(self._fact_number, each))
            packed = np.array(numbers, dtype=_NUMBERS).tobytes()
            self._numbers[facts] = self._numbered("consulted", "facts", packed)
        return self._numbers[facts]

    def _fact_number(self, fact: bytes) -> int:
        if fact not in self._fact_numbers:
            self._fact_numbers[fact] = self._numbered("facts", "fact", fact.decode())
        return self._fact_numbers[fact]

    def _numbered(self, table: str, column: str, value: str | bytes) -> int:
        self._db.execute(
            f"INSERT INTO {table} ({column}) VALUES (?) ON CONFLICT ({column}) DO NOTHING", (value,)
        )
        (number,) = self._db.execute(
            f"SELECT id FROM {table} WHERE {column} = ?", (value,)
        ).fetchone()
        return int(number)

    def _read(self, number: int) -> tuple[Fact, ...]:
        """Return a set of facts by its number."""
        (packed,) = self._db.execute(
            "SELECT facts FROM consulted WHERE id = ?", (number,)
        ).fetchone()
        numbers = np.frombuffer(packed, dtype=_NUMBERS).tolist()
        texts = (
            self._db.execute("SELECT fact FROM facts WHERE id = ?", (each,)).fetchone()[0]
            for each in numbers
        )
        return tuple(msgspec.json.decode(text, type=Fact) for text in texts)

    def at(self, replicate: int, worlds: Iterable[int]) -> list[Source]:
        """Return the runs of a replicate that some worlds have, in the order of the worlds."""
        found = []
        for world in worlds:
            row = self._db.execute(
                "SELECT consulted FROM runs WHERE world = ? AND replicate = ?", (world, replicate)
            ).fetchone()
            if row is not None and row[0] is not None:
                found.append(Source(world, row[0]))
        return found
