"""The table of attribution: how much of what all mitigations do together each of them has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from testbed.study.attribution import Attribution, Side
from testbed.study.estimate import number_text
from testbed.study.results import Study

_TITLES: Final = {
    "effect": "Attribution of the effect of all mitigations together, attacked runs",
    "price": "Attribution of the price of all mitigations together, when nobody attacks",
}
_COLUMN: Final = 21


def sides_of(study: Study) -> tuple[Side, ...]:
    """Return of which tables a study has attributions."""
    found = {each.of for each in study.attributions if _matters(each)}
    sides: tuple[Side, ...] = ("effect", "price")
    return tuple(side for side in sides if side in found)


def _matters(each: Attribution) -> bool:
    return each.total.mean is not None and any(share.mean for share in each.shares.values())


class AttributionTable:
    """Shapley shares as a rich renderable, a few metrics a block.

    Metrics of which no mitigation has any share are left out; mitigations that have none of any
    metric are named below the table.

    Args:
        study: A study with a full factorial.
        of: Whether the effect or the price is divided.
        metrics: Names of the metrics to show, if not the usual ones.
    """

    __slots__ = ("_decimals", "_of", "_shown")

    def __init__(self, study: Study, of: Side, metrics: Sequence[str] | None = None) -> None:
        self._of = of
        self._shown = [
            each
            for each in study.attributions
            if each.of == of and _matters(each) and (metrics is None or each.metric in metrics)
        ]
        self._decimals = {name: metric.decimals for name, metric in study.metrics.items()}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the tables out for ``options.max_width`` columns."""
        if not self._shown:
            return
        yield Text(_TITLES[self._of], style="bold")
        every = list(self._shown[0].shares)
        names = [name for name in every if any(each.shares[name].mean for each in self._shown)]
        label = max(map(len, (*names, "mitigation", "all of them")))
        fit = max(1, (options.max_width - label - 2) // _COLUMN)
        for first in range(0, len(self._shown), fit):
            block = self._shown[first : first + fit]
            table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 0, 0, 0))
            table.add_column("mitigation", no_wrap=True, min_width=label)
            for each in block:
                table.add_column(each.metric, justify="right", min_width=_COLUMN - 1)
            for name in names:
                table.add_row(name, *(self._cell(each, name) for each in block))
            table.add_section()
            table.add_row("all of them", *(self._total(each) for each in block))
            yield Padding(table, (0, 0, 0, 2), expand=False)
            yield Text("")
        if len(names) < len(every):
            none = ", ".join(name for name in every if name not in names)
            yield Text(f"Exactly 0 of each of these metrics: {none}.")
        yield Text(
            "Shapley shares: what each adds, over every order of taking them. They add up to the "
            "total in every replicate; printed means are rounded so that they do, too.",
            style="dim",
        )
        yield Text("")

    def _cell(self, each: Attribution, name: str) -> Text:
        decimals, share = self._decimals[each.metric], each.shares[name]
        if not share.mean:
            return Text("0")
        text = Text(number_text(each.printed(decimals)[name], decimals, signed=True))
        if share.low is not None and not share.is_exact:
            text.append(f"\n{share.limits_text(decimals)}", style="dim")
        return text

    def _total(self, each: Attribution) -> Text:
        decimals = self._decimals[each.metric]
        text = Text(each.total.mean_text(decimals, signed=True))
        if each.total.low is not None and not each.total.is_exact:
            text.append(f"\n{each.total.limits_text(decimals)}", style="dim")
        return text
