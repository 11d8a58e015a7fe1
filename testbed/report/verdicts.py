"""What the search over pairing methods and channels found, as tables, charts and plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from testbed.report.sequence import mermaid_chart, text_chart
from testbed.verification.abilities import ABILITIES, Person
from testbed.verification.channel_use import AUTHENTICITY, FRESHNESS
from testbed.verification.story import Line, story
from testbed.verification.verify import BROKEN, HOLDS, NOT_EXHAUSTED, Row, Verdict

_HEADS: Final = {
    "key secrecy": "key\nsecrecy",
    "agreement": "agreement",
    "injective agreement": "injective\nagreement",
    "key confirmation": "key con-\nfirmation",
    AUTHENTICITY: "authentic",
    FRESHNESS: "fresh",
}
_WIDEST: Final = max(len(f"{name}, {person.value}") for name in ABILITIES for person in Person)


@dataclass(slots=True)
class Told:
    """An attack, told once, and all that it breaks.

    Attributes:
        number: Its number, from 1.
        lines: What happens.
        breaks: What it breaks: the row in words, and the goal.
    """

    number: int
    lines: tuple[Line, ...]
    breaks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """The attack in a line: where it was found first, and what it breaks there."""
        where = self.breaks[0][0]
        goals = [goal for row, goal in self.breaks if row == where]
        more = len({row for row, _ in self.breaks}) - 1
        others = f" (and in {more} other row{'s' if more > 1 else ''})" if more else ""
        return f"Attack {self.number}. {where}: breaks {', '.join(goals)}{others}"


class Findings:
    """The rows of a search, with every attack numbered and told once.

    Args:
        rows: What was found.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._by_lines: dict[tuple[Line, ...], Told] = {}
        for row in rows:
            for goal, verdict in _verdicts(row):
                if verdict.how is not None:
                    lines = story(verdict.how)
                    fresh = Told(len(self._by_lines) + 1, lines)
                    attack = self._by_lines.setdefault(lines, fresh)
                    attack.breaks.append((_title(row), goal))

    @property
    def attacks(self) -> tuple[Told, ...]:
        """Every attack, in the order of its number."""
        return tuple(self._by_lines.values())

    def number(self, verdict: Verdict) -> int | None:
        """Return the number of the attack behind a verdict, if there is one."""
        return None if verdict.how is None else self._by_lines[story(verdict.how)].number

    # For people -------------------------------------------------------------------------

    def tables(self) -> RenderableType:
        """Return for each method what its pairing keeps, and what that is worth on a link."""
        parts: list[RenderableType] = []
        for head, rows in _by_method(self.rows):
            parts += [Text(head, style="bold"), self._pairings(rows), Text("")]
            parts += [self._commands(rows), Text("")]
        for name in dict.fromkeys(row.ability for row in self.rows):
            parts.append(Text(f"{name}: {ABILITIES[name].about}"))
        parts.append(
            Text(
                "A number is that of the shortest attack.  Guess a code: offline, by trying all "
                "without asking anyone; online, with a lucky guess, of which each run takes one."
            )
        )
        return Group(*parts)

    def _pairings(self, rows: Sequence[Row]) -> Table:
        goals = (_HEADS[goal] for goal in rows[0].goals)
        table = _table("while pairing", *goals, "guess\na code", "states")
        for row in rows:
            verdicts = (self._cell(verdict) for verdict in row.goals.values())
            table.add_row(_who(row), *verdicts, guessing(row), f"{row.states:,}")
        return table

    def _commands(self, rows: Sequence[Row]) -> Table:
        channels = rows[0].channels
        heads = [
            f"{f'-{chr(10)}'.join(name.rsplit('-', 1))}\n{_HEADS[goal]}"
            for name, goals in channels.items()
            for goal in goals
        ]
        table = _table("commands afterwards", *heads)
        for row in rows:
            verdicts = (each for goals in row.channels.values() for each in goals.values())
            table.add_row(_who(row), *map(self._cell, verdicts))
        return table

    def _cell(self, verdict: Verdict) -> Text:
        style = {HOLDS: "green", BROKEN: "red"}.get(verdict.says, "yellow")
        number = self.number(verdict)
        says = verdict.says if number is None else f"{verdict.says} {number}"
        return Text(says.replace(NOT_EXHAUSTED, "not\nexhausted"), style=style)

    def charts(self) -> Iterator[str]:
        """Yield a heading, a chart in characters and one for Mermaid, for every attack."""
        for attack in self.attacks:
            yield f"{attack.heading}\n\n{text_chart(attack.lines)}\n"
            yield f"```mermaid\n{mermaid_chart(attack.lines)}\n```\n"

    # For programs -----------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "rows": [self._row(row) for row in self.rows],
            "attacks": [
                {
                    "number": attack.number,
                    "breaks": [{"row": row, "goal": goal} for row, goal in attack.breaks],
                    "steps": [line._asdict() for line in attack.lines],
                    "text": text_chart(attack.lines),
                    "mermaid": mermaid_chart(attack.lines),
                }
                for attack in self.attacks
            ],
            "abilities": {name: ability.about for name, ability in ABILITIES.items()},
        }

    def _row(self, row: Row) -> dict[str, Any]:
        return {
            "method": row.method,
            "code_reused": row.reused,
            "ability": row.ability,
            "person": row.person.value if row.person else None,
            "goals": {goal: self._verdict(each) for goal, each in row.goals.items()},
            "channels": {
                channel: {goal: self._verdict(each) for goal, each in goals.items()}
                for channel, goals in row.channels.items()
            },
            "states": row.states,
            "exhausted": row.exhausted,
            "guessable_offline": row.offline,
            "guessable_online": row.online,
        }

    def _verdict(self, verdict: Verdict) -> dict[str, Any]:
        return {"verdict": verdict.says, "attack": self.number(verdict)}


def guessing(row: Row) -> str:
    """Return how a short code can be guessed: offline, or online with one guess a run.

    ``-`` where it need not be guessed.
    """
    if row.offline is None:
        return "no code"
    if row.offline:
        return "both" if row.online else "offline"
    if row.online:
        return "online"
    if not row.exhausted:
        return "?"
    return "-" if row.online is None else "no"


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=0)
    for head in heads:
        right = head == "states"
        table.add_column(
            head, justify="right" if right else "left", vertical="bottom", no_wrap=True
        )
    table.columns[0].min_width = _WIDEST
    return table


def _by_method(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    for name in dict.fromkeys(row.name for row in rows):
        yield name, [row for row in rows if row.name == name]


def _who(row: Row) -> str:
    return f"{row.ability}, {row.person.value}" if row.person else row.ability


def _title(row: Row) -> str:
    return f"{row.name}, {_who(row)}"


def _verdicts(row: Row) -> Iterator[tuple[str, Verdict]]:
    yield from row.goals.items()
    for channel, goals in row.channels.items():
        for goal, verdict in goals.items():
            yield f"{goal} over {channel}", verdict
