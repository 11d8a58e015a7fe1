"""Rows that stay in their store until they are looked at, so that memory does not hold them."""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, overload

import msgspec

from testbed.study.database import explained, has_shared, open_to_read, quoted
from testbed.study.row import Row

TWIN: Final = "twin_"
"""What the column of a twin's metric begins with."""

_AT_ONCE: Final = 200
"""Replicates read in one go."""


class StoredRows(Sequence[Row]):
    """The first replicates of some arms, read from a database whenever they are looked at.

    Iterating makes one :class:`Row` after the other.  :meth:`light` is for work on one metric at
    a time: it reads single columns.

    Args:
        source: The file, opened when first needed, or a connection.
        arms: The number of each arm's world by the arm's name, in order.
        names: The metrics, in order.
        replicates: How many replicates of each arm; all must be there, and stay as they are.
    """

    def __init__(
        self,
        source: Path | sqlite3.Connection,
        arms: Mapping[str, int],
        names: Sequence[str],
        replicates: int,
    ) -> None:
        self._source = source
        self._path = source if isinstance(source, Path) else None
        self.arms = dict(arms)
        self.names = tuple(names)
        self.replicates = replicates
        # One metric of every arm, attacked and twin: what a comparison of arms looks at in turn.
        self.column = lru_cache(maxsize=min(2 * len(self.arms) + 2, 256))(self._column)

    @cached_property
    def _db(self) -> sqlite3.Connection:
        return open_to_read(self._source) if isinstance(self._source, Path) else self._source

    def __len__(self) -> int:
        return len(self.arms) * self.replicates

    def __iter__(self) -> Iterator[Row]:
        for arm in self.arms:
            yield from self._between(arm, 0, self.replicates)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        places = range(len(self))[index]
        if isinstance(places, range):
            return tuple(self[place] for place in places)
        arm, replicate = divmod(places, self.replicates)
        (row,) = self._between(list(self.arms)[arm], replicate, replicate + 1)
        return row

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"StoredRows({len(self.arms)} arms of {self.replicates} replicates)"

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (tuple(self),)

    def of(self, arm: str) -> tuple[Row, ...]:
        """Return the rows of one arm in the order of their replicates."""
        return tuple(self._between(arm, 0, self.replicates))

    def light(self, arm: str) -> tuple[LightRow, ...]:
        """Return rows of one arm that read a metric when it is asked for."""
        return tuple(LightRow(self, arm, replicate) for replicate in range(self.replicates))

    @cached_property
    def alike(self) -> Mapping[str, str]:
        """The first arm that has the same rows, by the name of every arm."""
        sources: dict[int, list[int]] = {world: [] for world in self.arms.values()}
        with explained(self._path):
            if has_shared(self._db):
                for world, source in self._db.execute(
                    "SELECT world, source FROM (SELECT world, replicate, source FROM shared"
                    " UNION ALL SELECT world, replicate, world FROM runs)"
                    " WHERE replicate < ? ORDER BY world, replicate",
                    (self.replicates,),
                ):
                    if world in sources:
                        sources[world].append(source)
        by_source: dict[tuple[int, ...], str] = {}
        by_value: dict[bytes, str] = {}
        found: dict[str, str] = {}
        for arm, world in self.arms.items():
            key = tuple(sources[world]) or (-1, world)
            if key not in by_source:
                rows = [(row.attacked, row.twin) for row in self._between(arm, 0, self.replicates)]
                digest = sha256(msgspec.json.encode(rows)).digest()
                by_source[key] = by_value.setdefault(digest, arm)
            found[arm] = by_source[key]
        return found

    @cached_property
    def patients(self) -> tuple[str, ...]:
        """The patient of each replicate, the same in every arm."""
        world = next(iter(self.arms.values()))
        names: dict[str, str] = {}
        return tuple(names.setdefault(name, name) for name in self._values("patient", world))

    def _column(self, arm: str, name: str) -> array[float]:
        """Return one column of one arm; what is not defined is NaN."""
        if name.removeprefix(TWIN) not in self.names:
            return array("d", [math.nan]) * self.replicates
        values = self._values(quoted(name), self.arms[arm])
        return array("d", (math.nan if value is None else value for value in values))

    def _values(self, column: str, world: int) -> Iterator[Any]:
        for rows in self._chunks(column, world, 0, self.replicates):
            yield from (value for (value,) in rows)

    def _between(self, arm: str, first: int, end: int) -> Iterator[Row]:
        count = len(self.names)
        columns = ", ".join(quoted(name) for name in (*self.names, *map(TWIN.__add__, self.names)))
        for rows in self._chunks(f"runs.replicate, patient, {columns}", self.arms[arm], first, end):
            for replicate, patient, *values in rows:
                yield Row(
                    arm,
                    replicate,
                    patient,
                    dict(zip(self.names, values[:count], strict=True)),
                    dict(zip(self.names, values[count:], strict=True)),
                )

    def _chunks(self, columns: str, world: int, first: int, end: int) -> Iterator[list[Any]]:
        # No statement stays open between chunks: an open one would keep writers waiting.
        for start in range(first, end, _AT_ONCE):
            wanted = {"world": world, "first": start, "end": min(start + _AT_ONCE, end)}
            with explained(self._path):
                rows = [
                    (row[0], row[1:])
                    for select in self._selects
                    for row in self._db.execute(select.format(columns=columns), wanted)
                ]
            yield [row for _, row in sorted(rows, key=itemgetter(0))]

    @cached_property
    def _selects(self) -> tuple[str, ...]:
        """The statements that read a world: its own runs, and those it shares with others."""
        own = (
            "SELECT replicate, {columns} FROM runs WHERE world = :world"
            " AND replicate >= :first AND replicate < :end"
        )
        others = (
            "SELECT s.replicate, {columns} FROM shared s CROSS JOIN runs"
            " ON runs.world = s.source AND runs.replicate = s.replicate WHERE s.world = :world"
            " AND s.replicate >= :first AND s.replicate < :end"
        )
        return (own, others) if has_shared(self._db) else (own,)


class LightRow:
    """What a :class:`Row` is, in a few bytes: it reads a metric when it is asked for.

    Args:
        rows: What it is one of.
        arm: The arm's name.
        replicate: Which replicate.
    """

    __slots__ = ("_rows", "arm", "replicate")

    def __init__(self, rows: StoredRows, arm: str, replicate: int) -> None:
        self._rows = rows
        self.arm = arm
        self.replicate = replicate

    @property
    def patient(self) -> str:
        """The virtual patient's name."""
        return self._rows.patients[self.replicate]

    @property
    def attacked(self) -> LightMeasured:
        """The metrics of the run with the attacker."""
        return LightMeasured(self._rows, self.arm, self.replicate, "")

    @property
    def twin(self) -> LightMeasured:
        """The metrics of the run without the attacker."""
        return LightMeasured(self._rows, self.arm, self.replicate, TWIN)


class LightMeasured:
    """The metrics of one run, each read when it is asked for.

    Args:
        rows: Where to read.
        arm: The arm's name.
        replicate: Which replicate.
        side: What the names of the columns begin with.
    """

    __slots__ = ("_arm", "_replicate", "_rows", "_side")

    def __init__(self, rows: StoredRows, arm: str, replicate: int, side: str) -> None:
        self._rows = rows
        self._arm = arm
        self._replicate = replicate
        self._side = side

    def get(self, name: str) -> float | None:
        """Return one metric; ``None`` where it is not defined."""
        value: float = self._rows.column(self._arm, self._side + name)[self._replicate]
        return None if math.isnan(value) else value


Light = Row | LightRow
"""A row, wherever it is."""
