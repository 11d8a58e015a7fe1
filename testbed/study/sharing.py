"""One replicate of many arms, with only those runs done that can differ.

Arms are gone through in order.  The first that is not decided is run, and with it all are decided
that agree with it in every setting that the run consulted: a run is the same computation until it
first asks something that differs.  A run and its twin are looked at apart, so arms that only
differ once there is an attacker share the twin.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from testbed.outcomes import measure_both
from testbed.scenario.model import Scenario
from testbed.study.arms import Arms, Mask
from testbed.study.context import context_of
from testbed.study.row import Row
from testbed.study.watched import Path, watch
from testbed.trace import Trace
from testbed.world import live, patient_of

_KEPT_TRACES: Final = 64
"""Attacked runs of a replicate that are kept for arms whose twins are others."""

_ATTACKER: Final[Path] = ("attacker",)


class Ran(msgspec.Struct, frozen=True):
    """A row that was simulated, and the arms that have it.

    Attributes:
        row: The row, of the first of the arms.
        arms: The numbers of the arms, rising.
        facts: What the run and its twin consulted and found, as JSON; empty if not watched.
        simulated: How many simulations it took, 0 to 2: a twin may have been there.
    """

    row: Row
    arms: tuple[int, ...]
    facts: bytes
    simulated: int


@dataclass(frozen=True, slots=True)
class _Lived:
    trace: Trace
    consulted: frozenset[Path]
    arms: Mask


def each_by_itself(arms: Arms, replicate: int, wanted: Sequence[int]) -> Iterator[Ran]:
    """Yield one row for each arm, all of them simulated.

    Args:
        arms: The arms of the study.
        replicate: Which replicate.
        wanted: The numbers of the arms that are wanted.
    """
    for number in wanted:
        scenario = arms.of(number, replicate)
        twin = live(scenario, replicate, attack=False)
        # Without an attacker in the scenario the run is its own twin.
        calm = scenario.attacker is None
        attacked = twin if calm else live(scenario, replicate, attack=True)
        row = _row(arms.names[number], scenario, replicate, attacked, twin)
        yield Ran(row, (number,), b"", 1 if calm else 2)


def shared(arms: Arms, replicate: int, wanted: Sequence[int]) -> Iterator[Ran]:
    """Yield the rows of some arms, each simulated once for all arms that cannot differ in it.

    The rows are those of :func:`each_by_itself`.

    Args:
        arms: The arms of the study.
        replicate: Which replicate.
        wanted: The numbers of the arms that are wanted.
    """
    left = np.zeros(len(arms.names), dtype=np.bool_)
    left[list(wanted)] = True
    kept: deque[_Lived] = deque(maxlen=_KEPT_TRACES)
    while left.any():
        number = int(left.argmax())
        twin = _live(arms, number, replicate, attack=False)
        of_twin = left & twin.arms
        left &= ~of_twin
        fresh = 1
        while of_twin.any():
            number = int(of_twin.argmax())
            scenario = arms.of(number, replicate)
            calm = scenario.attacker is None
            attacked = _calm(arms, twin, number, replicate) if calm else _found(kept, number)
            if attacked is None:
                attacked = _live(arms, number, replicate, attack=True)
                kept.append(attacked)
                fresh += 1
            same = of_twin & attacked.arms
            of_twin &= ~same
            consulted = twin.consulted | attacked.consulted
            yield Ran(
                _row(arms.names[number], scenario, replicate, attacked.trace, twin.trace),
                tuple(np.flatnonzero(same).tolist()),
                arms.facts(consulted, number, replicate),
                fresh,
            )
            fresh = 0


def _live(arms: Arms, number: int, replicate: int, *, attack: bool) -> _Lived:
    consulted: set[Path] = set()
    trace = live(watch(arms.of(number, replicate), consulted), replicate, attack=attack)
    frozen = frozenset(consulted)
    return _Lived(trace, frozen, arms.alike(frozen, number, replicate))


def _calm(arms: Arms, twin: _Lived, number: int, replicate: int) -> _Lived:
    """Return the attacked run where nobody attacks: the twin, if for a reason of its own."""
    consulted = twin.consulted | {_ATTACKER}
    return _Lived(twin.trace, consulted, arms.alike(consulted, number, replicate))


def _found(kept: deque[_Lived], number: int) -> _Lived | None:
    return next((each for each in kept if each.arms[number]), None)


def _row(arm: str, scenario: Scenario, replicate: int, attacked: Trace, twin: Trace) -> Row:
    patient = patient_of(scenario, replicate).name
    return Row(arm, replicate, patient, *measure_both(attacked, twin, context_of(scenario)))
