"""The runs that have been done: each kept under a hash of what determines it, in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from testbed.outcomes import METRICS
from testbed.scenario.model import Scenario
from testbed.study.arms import side_by_side
from testbed.study.database import (
    DATABASE,
    Lock,
    StoreError,
    Transaction,
    close_written,
    explained,
    make_columns,
    number_of,
    open_to_write,
)
from testbed.study.keys import dice_key, key_of, study_key
from testbed.study.manifest import MANIFEST, Manifest, versions
from testbed.study.runs import Runs
from testbed.study.stored import TWIN, StoredRows


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


class Store(Runs):
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
        super().__init__(self._db, self.path)

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
        arms = side_by_side(scenario)
        if len(arms.patients()) > 1:
            raise ValueError("expected the same patients in every arm, found different ones")
        settings = {name: arms.settings(number) for number, name in enumerate(arms.names)}
        manifest = Manifest.of(scenario, settings, self._command)
        key, count = study_key(scenario), scenario.study.replicates
        with explained(self.path), Transaction(self._db):
            make_columns(self._db, (*METRICS, *map(TWIN.__add__, METRICS)))
            self._program = number_of(self._db, "programs", {"versions": _text(versions())})
            worlds = self._worlds(scenario, settings, manifest)
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
                (key, scenario.name, count, _text(list(worlds.items())), manifest.text()),
            )
            have = dict(
                self._db.execute(
                    "SELECT world, count(*) FROM (SELECT world, replicate FROM runs"
                    " UNION ALL SELECT world, replicate FROM shared)"
                    " WHERE replicate < ? GROUP BY world",
                    (count,),
                ).fetchall()
            )
            self._sources = tuple(
                world
                for (world,) in self._db.execute(
                    "SELECT id FROM worlds WHERE dice = ? AND EXISTS"
                    " (SELECT 1 FROM runs WHERE world = id) ORDER BY id",
                    (dice_key(scenario),),
                )
            )
        self._begun_with = frozenset(have)
        self._worlds_of_study = frozenset(worlds.values())
        if self.folder is not None:
            try:
                manifest.write(self.folder)
            except OSError as error:
                raise _refused(self.folder / MANIFEST, error) from None
        there = sum(have.get(world, 0) for world in worlds.values())
        return Begun(worlds, count * len(worlds), there, others, changed)

    def _worlds(
        self, scenario: Scenario, settings: Mapping[str, Mapping[str, Any]], manifest: Manifest
    ) -> dict[str, int]:
        """Return the number of each arm's world, registered if it is new.

        The first of them has all of its settings, and the others what differs from it.
        """
        baseline, dice, metrics = manifest.baseline, dice_key(scenario), _text(list(METRICS))
        numbers: dict[str, int] = {}
        for arm in (baseline, *(each for each in settings if each != baseline)):
            told: Mapping[str, Any] = manifest.arms[arm]
            if arm != baseline:
                told = {"as_world": numbers[baseline], "but": told}
            world = {"key": key_of(settings[arm]), "resolved": _text(told)}
            numbers[arm] = number_of(
                self._db, "worlds", {**world, "metrics": metrics, "dice": dice}
            )
        return {arm: numbers[arm] for arm in settings}

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

    def rows(self, arms: Mapping[str, int], replicates: int) -> StoredRows:
        """Return the first replicates of some arms, read when they are looked at.

        Args:
            arms: The number of each arm's world by the arm's name, in the order wanted.
            replicates: How many replicates of each, all of which must be there.
        """
        source = self._db if self.path is None else self.path
        return StoredRows(source, arms, list(METRICS), replicates)


def _text(value: Any) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


def _refused(path: Path, error: OSError) -> StoreError:
    why = (error.strerror or str(error)).lower()
    return StoreError(f"{path}: expected a folder to write to, found {path}: {why}")
