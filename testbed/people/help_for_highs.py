"""Help in a high that stays: insulin by pen, because the pump may be what has failed.

The public advice is to get help at symptoms of ketoacidosis.  No model here knows ketones, so help
is called where published rules for pump wearers have somebody inject: glucose above a limit for a
few hours, a correction by the pump's ratios, and not through the pump.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from testbed.devices import Pump
from testbed.people.person import Person
from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption
from testbed.simulation import Call
from testbed.units import US_PER_MIN

if TYPE_CHECKING:
    from testbed.people.behaviour import Behaviour

CALL_HIGH: Final = "call for help in a high"
INJECT: Final = "inject insulin"
_UMASS: Final = (
    "above 250 mg/dL for a few hours, a correction by injection and not by the pump (UMass Chan "
    "Medical School, Insulin Pump Therapy: Troubleshooting when Blood Glucose is High)"
)


class HelpForHighs(Settings):
    """When a person gets help because glucose stays high."""

    calls_at_highs: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of highs that stay in which the person calls for help, who then inject "
        "a correction.",
    )
    help_above_mgdl: float = assumption(
        250.0,
        ge=200.0,
        le=350.0,
        unit="mg/dL",
        source=_UMASS,
        description="Value seen on the sensor above which a high may become one to call help for.",
    )
    help_in_high_after_min: float = assumption(
        120.0,
        ge=60.0,
        le=360.0,
        unit="min",
        source=f"{_UMASS}; of how many {NO_PUBLISHED_RATE}",
        description="How long it has to have been seen above that before help is called.",
    )


class Highs:
    """The highs that one wearer sees, and the help that they get.

    Args:
        person: The wearer.
        behaviour: How they behave, and how long help takes (``help_after_min``).
        helper: Who comes.
        pump: Their pump, whose ratios and insulin on board are gone by.
        inject: Puts insulin into the body at once, U, beside the pump.
    """

    def __init__(
        self,
        person: Person,
        behaviour: Behaviour,
        helper: Person,
        pump: Pump,
        inject: Callable[[float], None],
    ) -> None:
        self._person = person
        self._behaviour = behaviour
        self._helper = helper
        self._pump = pump
        self._inject = inject
        self._since: int | None = None
        self._judged = False

    def see(self, mgdl: float) -> None:
        """Take a look at the sensor; one throw for each high that stays, and one injection."""
        person, behaviour, now = self._person, self._behaviour, self._person.env.now
        if mgdl <= behaviour.help_above_mgdl:
            self._since, self._judged = None, False
            return
        if self._since is None:
            self._since = now
        stays = now - self._since >= round(behaviour.help_in_high_after_min * US_PER_MIN)
        if not stays or self._judged:
            return
        self._judged = True
        decision = f"{person.name}/high/{now // US_PER_MIN}/calls"
        if person.dice.chance(decision, behaviour.calls_at_highs):
            seen = person.act("see a high that stays", amount=mgdl)
            wait = round(behaviour.help_after_min * US_PER_MIN)
            person.env.later(wait, self._help, person.act(CALL_HIGH, seen))

    def _help(self, timer: Call) -> None:
        units = self._pump.suggest_bolus(0.0)
        if units > 0:
            self._helper.act(INJECT, timer.value, units)
            self._inject(units)
