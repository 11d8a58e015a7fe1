"""Kinds of arms: those that make the same of some settings are one."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from testbed.mitigations import Adopted

Numbers = NDArray[np.intp]
"""A number for each arm of a study, or for some."""


class Kinds:
    """Arms put together that make the same of some settings.

    Args:
        keys: The dotted keys of those settings.
        adopted: Each thing that arms take, of whatever arm.
        arms: What each arm takes, as numbers of ``adopted``.

    Attributes:
        of_arms: The number of the kind of each arm.
        examples: The number of the first arm of each kind.
    """

    def __init__(
        self, keys: frozenset[str], adopted: Sequence[Adopted], arms: Sequence[tuple[int, ...]]
    ) -> None:
        made = [_made(each, keys) for each in adopted]
        kinds: dict[tuple[str, ...], int] = {}
        self.examples: list[int] = []
        of_arms = []
        for number, arm in enumerate(arms):
            key = tuple([found for each in arm if (found := made[each])])
            kind = kinds.setdefault(key, len(kinds))
            if kind == len(self.examples):
                self.examples.append(number)
            of_arms.append(kind)
        self.of_arms: Numbers = np.array(of_arms, dtype=np.intp)


def _made(adopted: Adopted, keys: frozenset[str]) -> str:
    """Return what is made of some settings by whoever takes something, nothing as empty."""
    mitigation, adherence = adopted
    own = {
        key: value
        for changes in (mitigation.changes, mitigation.shares)
        for key, value in changes.items()
        if key in keys
    }
    if not own:
        return ""
    # The dice that decide whether a wearer takes it go by its name.
    thrown = mitigation.name if mitigation.changes and adherence != 1.0 else ""
    return json.dumps([list(own.items()), adherence, thrown])
