"""A scenario in a few rows, as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testbed.markup import html_table
from testbed.units import format_clock, format_duration

if TYPE_CHECKING:
    from testbed.scenario.model import Scenario


class Shown:
    """What a scenario is to a notebook."""

    def _repr_html_(self: Scenario) -> str:  # type: ignore[misc]
        """Return the scenario in a few rows as an HTML table."""
        return as_html(self)


def as_html(scenario: Scenario) -> str:
    """Return who, when, how linked, attacked by whom and how, and compared with what."""
    who, attacker, study = scenario.patient, scenario.attacker, scenario.study
    steps = () if attacker is None else attacker.step
    arms = (
        f"{arm}: {', '.join(str(getattr(each, 'name', each)) for each in takes) or 'nothing'}"
        for arm, adopted in study.arms.items()
        for takes in (getattr(adopted, "takes", adopted),)
    )
    start, length = scenario.time.start, scenario.time.duration
    where = "nobody" if attacker is None else f"{attacker.place}, {attacker.distance_m:g} m"
    rows = [
        ("about", scenario.about.strip()),
        ("time", f"from {format_clock(start)[:5]}, {format_duration(length)}"),
        ("people", f"{len(who.names)} of {who.model}, {who.profile}"),
        ("link", f"{scenario.link.pairing}, {scenario.link.channel}"),
        ("attacker", where),
        ("steps", "\n".join(str(step.do) for step in steps)),
        ("arms", "\n".join(arms)),
        ("study", f"{study.replicates} replicates, seed {study.seed}"),
        ("sources", "\n".join(scenario.sources)),
    ]
    return html_table(scenario.title, [row for row in rows if row[1]])
