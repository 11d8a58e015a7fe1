"""Two studies beside each other, for a terminal and for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import msgspec
from rich import box
from rich.table import Table

from testbed.outcomes import METRICS
from testbed.report.tables import CONDITIONAL
from testbed.study import methods
from testbed.study.comparison import CORRECTED, Change, Comparison

_SIDES = {"attacked": "attacked runs", "twin": "runs nobody attacked"}


def comparison_lines(found: Comparison) -> Iterator[str]:
    """Yield what is to be known before the numbers are read."""
    one, two = found.replicates
    yield f"{one} and {two} replicates an arm: {found.why}."
    for arms, which in zip(found.only, ("first", "second"), strict=True):
        if arms:
            yield f"Only in the {which} study: {', '.join(arms)}."
    yield "Versions: " + (
        ", ".join(f"{name} {was} -> {now}" for name, (was, now) in found.versions.items())
        or "the same"
    )
    if not found.settings:
        yield "Settings: the same"
    for each in found.settings:
        where = f"{each.arm}: " if each.arm else ""
        yield f"Setting: {where}{each.key}: {_value(each.before)} -> {_value(each.after)}"


def comparison_table(found: Comparison, width: int) -> Table:
    """Return the changes as a table; what is exactly the same is left out.

    Args:
        found: The comparison.
        width: Columns of the terminal.
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, width=min(width, 110))
    table.add_column("")
    for head in ("before", "after", "difference", "p", "verdict"):
        table.add_column(head, justify="right")
    before: tuple[str, str] | None = None
    for each in found.changes:
        if each.verdict == "the same":
            continue
        if (each.arm, each.side) != before:
            before = each.arm, each.side
            table.add_row(f"{each.arm}, {_SIDES[each.side]}", style="underline")
        metric, difference = METRICS[each.metric], each.difference
        table.add_row(
            metric.name,
            each.before.mean_text(metric.decimals),
            each.after.mean_text(metric.decimals),
            f"{difference.mean_text(metric.decimals, signed=True)}\n"
            f"{difference.limits_text(metric.decimals)}",
            "-" if difference.p_adjusted is None else f"{difference.p_adjusted:.2g}",
            each.verdict,
            style="bold" if each.verdict == "moved" else "",
        )
    return table


def comparison_foot(found: Comparison) -> Iterator[str]:
    """Yield how many changes there are of each kind, and the methods."""
    counts: dict[str, int] = {}
    for each in found.changes:
        counts[each.verdict] = counts.get(each.verdict, 0) + 1
    total = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    yield f"{len(found.changes)} numbers compared: {total or 'none'}."
    yield f'"moved" is p below 0.05 after {methods.HOLM}\'s correction {CORRECTED}.'
    for name in found.methods:
        yield f"Method: {name}."
    yield f"Attacked runs are {CONDITIONAL}."


def as_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data that strict JSON can hold."""
    return {
        "paired": found.paired,
        "why": found.why,
        "replicates": list(found.replicates),
        "settings": [msgspec.to_builtins(each) for each in found.settings],
        "versions": {name: list(each) for name, each in found.versions.items()},
        "only": [list(each) for each in found.only],
        "changes": [_plain(each) for each in found.changes],
        "p_values": {"adjusted_by": methods.HOLM, "over": CORRECTED},
        "methods": found.methods,
    }


def as_csv(found: Comparison) -> str:
    """Return every change as a line; what is missing is empty."""
    out = io.StringIO()
    names = ("arm", "runs", "metric", "unit", "before", "after", "difference", "low", "high")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*names, "n", "p", "p_adjusted", "verdict"))
    for each in found.changes:
        found_ = each.difference
        writer.writerow(
            (
                *(each.arm, each.side, each.metric, METRICS[each.metric].unit),
                *(each.before.mean, each.after.mean, found_.mean, found_.low, found_.high),
                *(found_.n, found_.p, found_.p_adjusted, each.verdict),
            )
        )
    return out.getvalue()


def _plain(change: Change) -> dict[str, Any]:
    return {**msgspec.to_builtins(change), "verdict": change.verdict}


def _value(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
