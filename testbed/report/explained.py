"""A run with the means to explain itself, and its story laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from testbed.report.story import Moment, Story, tell
from testbed.scenario.errors import printable
from testbed.study.run import Run as BareRun
from testbed.units import format_clock, format_duration

_DEEPEST: Final = 6
"""Levels of indentation; what is further down a chain stands at this one."""


@dataclass(frozen=True, slots=True)
class ToldRun:
    """A story with which run it is of, laid out for people and programs.

    Attributes:
        heading: The scenario's title, arm and replicate, and the person.
        about: What the scenario says of the attacker, in sentences.
        run: Scenario, arm, replicate, patient and whether the attacker is there, as plain data.
        story: What happened.
    """

    heading: str
    about: tuple[str, ...]
    run: dict[str, Any]
    story: Story

    def text(self) -> str:
        """Return the story as lines for a terminal, each effect indented under its cause."""
        lines = [self.heading, *self.about, ""]
        for depth, moment in self.story.walk():
            lines.append(f"{moment.clock:<6}{'  ' * min(depth, _DEEPEST)} {_line(moment)}")
        for head, said in self._parts():
            lines += ["", head, *(f"  {each}" for each in said)]
        return "\n".join(map(printable, lines)) + "\n"

    def markdown(self) -> str:
        """Return the story as nested lists in Markdown."""
        lines = [f"# {self.heading}", "", *self.about, ""]
        for depth, moment in self.story.walk():
            lines.append(f"{'  ' * depth}* **{moment.clock}** {_line(moment)}")
        for head, said in self._parts():
            lines += ["", f"## {head}", "", *(f"* {each}" for each in said)]
        return "\n".join(map(printable, lines)) + "\n"

    def as_json(self) -> dict[str, Any]:
        """Return the story as plain data that strict JSON can hold."""
        return {
            "run": self.run,
            "moments": [each.as_json() for each in self.story.moments],
            "meanwhile": list(self.story.meanwhile),
            "ending": list(self.story.ending),
            "numbers": self.story.numbers,
        }

    def _parts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self.story.meanwhile:
            yield "Meanwhile", self.story.meanwhile
        yield "In the end", self.story.ending

    def __repr__(self) -> str:
        return self.text()

    def _repr_markdown_(self) -> str:
        return self.markdown()


def _line(moment: Moment) -> str:
    if moment.times == 1:
        return moment.text
    return f"{moment.text} ({moment.times} times, until {moment.until})"


class Run(BareRun):
    """One replicate of one arm, simulated when it is first looked at.

    Args:
        scenario: The scenario, as loaded.
        arm: Name of one of its arms.
        replicate: Which person and which dice, from 0.
        attack: Whether the attacker is there; without it the run is the twin.

    Raises:
        UnknownArmError: If the scenario has no such arm.
        ValueError: If ``replicate`` is negative.
    """

    def explain(self) -> ToldRun:
        """Return the run as a story, cause by cause; ``print`` it, or see ``.story``."""
        scenario = self.scenario
        start = format_clock(scenario.time.start)[:5]
        said = [
            f"{self.patient}, {format_duration(scenario.time.duration)} from {start}; "
            f"arm {self.arm}, replicate {self.replicate}."
        ]
        attacker = scenario.attacker if self.attack else None
        if attacker is None:
            said.append("No attacker is there.")
        else:
            steps = ", ".join(each.do for each in attacker.step)
            said.append(
                f"The attacker waits at: {attacker.place}, {attacker.distance_m:g} m from the "
                f"wearer while both are there; it is to {steps}."
            )
        nobody = scenario.attacker is None or not self.attack
        return ToldRun(
            heading=printable(scenario.title),
            about=tuple(map(printable, said)),
            run={
                "scenario": scenario.name,
                "title": scenario.title,
                "arm": self.arm,
                "replicate": self.replicate,
                "patient": self.patient,
                "attack": not nobody,
            },
            story=tell(self.trace, self.trace if nobody else self.twin.trace),
        )
