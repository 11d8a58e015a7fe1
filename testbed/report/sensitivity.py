"""A sensitivity sweep for people: what moves a conclusion, and where it turns."""

from __future__ import annotations

from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from testbed.study.swept import SOURCES, Sensitivity

_SHOWN: Final = 20


def sensitivity_report(found: Sensitivity, title: str) -> RenderableType:
    """Return the verdict, the ranking, and where the conclusion turns.

    Args:
        found: What the sweep found.
        title: The scenario's title.
    """
    morris = found.method == "morris"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0))
    table.add_column("assumption", no_wrap=True)
    heads = ("moves it by", "+-", "with sign", "spread") if morris else ("total", "+-", "alone")
    for head in heads:
        table.add_column(head, justify="right")
    moving = [each for each in found.influences if each.effect > 0]
    for each in moving[:_SHOWN]:
        numbers = (each.effect, each.plus_minus, each.direct, each.spread)[: len(heads)]
        table.add_row(each.name, *(f"{number or 0.0:.3g}" for number in numbers))
    return Group(
        Text(title, style="bold underline"),
        Text(""),
        *map(Text, verdict(found)),
        Text(""),
        Text("What moves the difference", style="bold"),
        Padding(table, (0, 0, 0, 2), expand=False),
        Text(_left_out(found, len(moving)), style="dim"),
        Text(""),
        Text("Where it turns, all else as the scenario has it", style="bold"),
        *(Text(f"  {line}") for line in turns(found)),
        Text(""),
        Text(
            f"Difference of means over {found.replicates} replicates, {found.points} points, the "
            "same dice at every point: points differ by assumptions and not by luck, but another "
            f"seed would move them all. Method: {SOURCES[found.method]}. Ranges are those of "
            "`testbed list assumptions`. Conditional on an attack attempt; not an incidence.",
            style="dim",
        ),
    )


def verdict(found: Sensitivity) -> list[str]:
    """Return whether the conclusion survives, where it held, and the difference as it is."""
    here = found.as_it_is
    at = "no run defines it" if here.mean is None else f"{here.mean:.4g}"
    if here.mean is not None and here.low is not None and not here.is_exact:
        at += f" ({here.low:.4g} to {here.high:.4g})"
    known = found.points - found.undefined
    lines = [
        f"{found.conclusion}: {'survives' if found.survives else 'does not survive'} the ranges",
        f"held at {found.held} of {known} points, both arms equal at {found.equal}, reversed at "
        f"{known - found.held - found.equal}",
        f"difference as the scenario has it: {at}",
    ]
    if found.undefined:
        lines.append(f"{found.undefined} more points have no run that defines the metric")
    return lines


def _left_out(found: Sensitivity, moving: int) -> str:
    still = len(found.influences) - moving
    more = f"{moving - _SHOWN} more move it less. " if moving > _SHOWN else ""
    return f"{more}{still} of {len(found.influences)} assumptions do not move it at all."


def turns(found: Sensitivity) -> list[str]:
    """Return a line for each turn of each assumption that was walked along."""
    lines = []
    for walk in found.walks:
        low, high = walk.values[0], walk.values[-1]
        over = f"{walk.name} from {low:g} to {high:g} {walk.unit}"
        if walk.flips:
            lines += [
                f"{over}: holds at {flip.holds_at:.4g}, no longer at {flip.fails_at:.4g}"
                for flip in walk.flips
            ]
        else:
            holds = [each < 0 for each in walk.differences if each is not None]
            says = "holds all along" if all(holds) else "holds nowhere"
            lines.append(f"{over}: {says if holds else 'not defined'}")
    return lines or ["none of them moves it"]
