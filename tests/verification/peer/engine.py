"""Asks Maude whether an attack on a pairing method exists, in theories written by hand.

The theories beside this file (``terms.maude``, ``pairing.maude``, ``methods.maude``) were
written from ``docs/protocol.md`` and share no code with ``testbed``: what they find is a second
opinion on it.  What they restrict, and why, stands in their headers.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import maude

Method = Literal["serial-derived", "just-works", "passkey", "numeric-comparison", "pake", "oob"]
Ability = Literal["passive", "serial", "active", "code-seen", "touch"]
Goal = Literal["key", "agreement", "replay", "any"]
Change = tuple[str, str]
"""A line of the theories, and what to put in its place."""

_FILES = ("terms.maude", "pairing.maude", "methods.maude")
_MODULE = re.compile(r"\b(?:TERM-SET|TERM|INTRUDER|RUN|PAIRING|METHODS)\b")


@cache
def _maude() -> None:
    """Start Maude, which a process may do once."""
    maude.init(advise=False)


@cache
def theory(change: Change | None = None) -> Any:
    """Return the Maude module of all methods, with one line changed if asked.

    Raises:
        ValueError: If the line to change is not there exactly once, or Maude cannot read the
            theory.  Maude reports what it cannot read on the standard error output.
    """
    _maude()
    here = Path(__file__).parent
    text = "\n".join((here / name).read_text("utf-8") for name in _FILES)
    name = "METHODS"
    if change is not None:
        before, after = change
        if text.count(before) != 1:
            raise ValueError(f"expected {before!r} once, found it {text.count(before)} times")
        # Maude keeps modules by name, one space a process: a changed theory needs its own.
        version = theory.cache_info().currsize
        text = _MODULE.sub(lambda found: f"{found[0]}-{version}", text.replace(before, after))
        name = f"METHODS-{version}"
    maude.input(text)
    module = maude.getModule(name)
    if module is None:
        raise ValueError(f"Maude cannot read the module {name}")
    return module


def _term(module: Any, text: str) -> Any:
    term = module.parseTerm(text)
    if term is None:
        raise ValueError(f"the theory has no term {text}")
    return term


def _goes_beyond(start: Any, world: Any, depth: int) -> bool:
    """Return whether some state lies more than ``depth`` choices from the start."""
    states = start.search(maude.ANY_STEPS, world, depth=depth + 1)
    away = {-1: -1}  # Maude's number of a state, and its distance; the start's parent is -1
    for _ in states:
        number = states.getStateNr()
        away[number] = away[states.getStateParent(number)] + 1
        if away[number] > depth:
            return True
    return False


def attack(
    method: Method,
    ability: Ability,
    goal: Goal,
    *,
    reused: bool = False,
    careless: bool = False,
    depth: int | None = None,
    change: Change | None = None,
) -> bool | None:
    """Return whether the search finds an attack.

    Args:
        method: The pairing method.
        ability: What the stranger can do while devices pair: ``passive`` hears; ``serial``
            hears nothing and knows both serial numbers; ``active`` hears, drops, changes, makes
            up; ``code-seen`` also knows the codes shown; ``touch`` is active and also answers
            what a device asks of the person.
        goal: ``key``: an honest run ended with a link key that the stranger can derive;
            ``agreement``: one ended with a key that no run of the other side holds; ``replay``:
            two runs of one side ended with the same key; ``any``: one of these.
        reused: Whether the pump shows the same code in both of its runs.
        careless: Whether the person says that digits agree without looking.
        depth: The most choices in a row to follow; all if None.
        change: A line of the theories to change before.

    Returns:
        True with an attack found, False with all there is searched and none found, None if
        the search was cut off at ``depth`` before that.
    """
    module = theory(change)
    care, flag = "careless" if careless else "careful", str(reused).lower()
    start = _term(module, f"start({method}, {ability}, {care}, {flag})")
    world = _term(module, "W:World")
    reached = maude.EqualityCondition(
        _term(module, f"attacked({goal}, W:World)"), _term(module, "true")
    )
    limit = -1 if depth is None else depth
    found = start.search(maude.ANY_STEPS, world, condition=[reached], depth=limit)
    if next(found, None) is not None:
        return True
    if depth is None:
        return False
    return None if _goes_beyond(start, world, depth) else False


def completes(method: Method, ability: Ability) -> bool:
    """Return whether all four honest runs can end, each two of a session with one key."""
    module = theory()
    start = _term(module, f"start({method}, {ability}, careful, false)")
    runs = " ".join(
        f"< {side} @ {number} : done({key}:Schedule) >"
        for number, key in ((1, "A"), (2, "B"))
        for side in "ir"
    )
    ended = _term(module, f"world(M:Method, P:Ability, W:Care, AIR:Air, K:TermSet, {runs})")
    return next(start.search(maude.ANY_STEPS, ended), None) is not None
