"""Cuts a study into tasks: what is missing of it, less what cannot differ from what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from testbed.scenario.model import Scenario
from testbed.study.arms import side_by_side
from testbed.study.executor import Task
from testbed.study.store import Store

BATCH: Final = 20
"""Runs in a task: few enough to share out evenly, enough to be worth it.

Arms of one replicate are one task, however many there are: they share runs.
"""


class Cutter:
    """The tasks of one study.

    Args:
        scenario: The scenario as loaded, with the seed and replicates that are wanted.
        store: Where its runs are, the study begun.
        worlds: The number of each arm's world, in the order of the arms.
        share: Whether arms go without runs that cannot differ.

    Attributes:
        worlds: The number of each arm's world.
    """

    def __init__(
        self, scenario: Scenario, store: Store, worlds: Mapping[str, int], *, share: bool
    ) -> None:
        self.worlds = tuple(worlds.values())
        self._name = scenario.name
        self._store = store
        self._share = share
        self._arms = side_by_side(scenario)
        self._counts = dict[int, int]()
        for world in self.worlds:
            self._counts[world] = self._counts.get(world, 0) + 1
        # Arms that come to the same settings have one world, and the first of them is run.
        firsts = {world: number for number, world in reversed(list(enumerate(self.worlds)))}
        self._firsts = tuple(sorted(firsts.values()))

    def standing_for(self, arms: tuple[int, ...]) -> int:
        """Return how many arms some are, those counted that come to the same settings."""
        return sum(self._counts[self.worlds[arm]] for arm in arms)

    def tasks(self, since: int, upto: int, found: Callable[[int], None]) -> Iterator[Task]:
        """Yield tasks for what is missing of some replicates.

        Args:
            since: The first replicate.
            upto: The replicate after the last.
            found: Told of runs that need no task, because runs that are there are the same.
        """
        size = max(1, BATCH // len(self._firsts))
        for first in range(since, upto, size):
            batch = range(first, min(first + size, upto))
            missing: dict[tuple[int, ...], list[int]] = {}
            for replicate, arms in self._missing(batch).items():
                left = self._without_known(replicate, arms, found)
                if left:
                    missing.setdefault(left, []).append(replicate)
            for arms, replicates in missing.items():
                yield Task(self._name, self._arms.written, arms, tuple(replicates), self._share)

    def _missing(self, batch: range) -> dict[int, tuple[int, ...]]:
        """Return the arms that have no run yet, by replicate."""
        store = self._store
        there = {
            number: set(batch).difference(
                store.missing(self.worlds[number], batch, shared=self._share)
            )
            for number in self._firsts
            if store.was_there(self.worlds[number])
        }
        return {
            replicate: tuple(
                number for number in self._firsts if replicate not in there.get(number, ())
            )
            for replicate in batch
        }

    def _without_known(
        self, replicate: int, arms: tuple[int, ...], found: Callable[[int], None]
    ) -> tuple[int, ...]:
        """Return the arms that cannot do with a run that was there; note those that can."""
        if not self._share or not arms:
            return arms
        left = np.zeros(len(self.worlds), dtype=np.bool_)
        left[list(arms)] = True
        same: dict[int, int] = {}
        for source, facts in self._store.sources(replicate):
            agree = left & self._arms.agreeing(facts, replicate)
            same.update((self.worlds[number], source) for number in np.flatnonzero(agree).tolist())
            left &= ~agree
            if not left.any():
                break
        if same:
            self._store.share(replicate, same)
            found(sum(self._counts[world] for world in same))
        return tuple(np.flatnonzero(left).tolist())
