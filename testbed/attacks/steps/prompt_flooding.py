"""``prompt-flooding``: ask again and again, until somebody confirms to be rid of it.

Each request is one that the pump would show by itself: a device that asks to be linked, or a
bolus on a link that the attacker has.  The attacker does not see the screen; it only hears
whether it is answered, and asks again.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.links import HeldLink
from testbed.attacks.speaking import link_to_speak_on, next_status, request_number
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.request_link import ASKS, Device, ask_to_link
from testbed.attacks.steps.take_part import LINKED
from testbed.protocol.payloads import BolusRequest, Status
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration

_CONFIRMED = "somebody confirmed"


class PromptFlooding(Step):
    """Have the pump show one prompt after the other."""

    do: Literal["prompt-flooding"] = "prompt-flooding"
    """The step's name."""
    ask: Literal["link", "bolus"] = "link"
    """What to ask for."""
    device: Device = "meter"
    """As which kind of device to ask for a link."""
    units: float = Field(default=5.0, gt=0.0, le=100.0)
    """How many U to ask for, where it is a bolus."""
    times: int = Field(default=60, ge=1, le=10_000)
    """How often to ask at most."""
    every: Duration = assumed_duration(
        "30s",
        ge="1s",
        le="24h",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long after a request the attacker makes the next one.",
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump.",
        "The pump shows a prompt for what is asked, and as many of them as are asked for.",
        "For a bolus, the attacker has a link, or the key of one.",
        "Somebody confirms a request that they did not make, the longer it goes on the sooner.",
    )
    gates: ClassVar[tuple[str, ...]] = (ASKS, _CONFIRMED, LINKED)
    stride: ClassVar[frozenset[str]] = frozenset("SDE")

    def run(self, situation: Situation) -> Process:
        """Ask until it is confirmed, or often enough."""
        link = link_to_speak_on(situation) if self.ask == "bolus" else None
        able = self.ask == "link" or link is not None
        asks = situation.gate(self.do, ASKS, able, self.ask)
        if link is not None:
            yield from self._for_a_bolus(situation, link, asks)
        elif able:
            yield from self._for_a_link(situation, asks)

    def _for_a_link(self, situation: Situation, asks: int) -> Process:
        confirmed = False
        for number in range(self.times):
            puppet = yield from ask_to_link(situation, self.device, number, asks, self.every)
            if puppet.peer is not None and not confirmed:
                confirmed = True
                situation.gate(self.do, _CONFIRMED, True, f"request {number + 1}")
            link = puppet.held()
            if link is not None:
                situation.gate(self.do, LINKED, True)
                situation.knowledge.links.append(link)
                return
            if puppet.failed and puppet.peer is None:
                break  # nobody was even asked: it cannot be done
        if confirmed:
            situation.gate(self.do, LINKED, False, puppet.failed or "the pump broke off")
        else:
            why = puppet.failed or f"{self.times} requests"
            situation.gate(self.do, _CONFIRMED, False, why)

    def _for_a_bolus(self, situation: Situation, link: HeldLink, asks: int) -> Process:
        antenna, suite = situation.antenna, situation.suite
        ear = antenna.listen()
        asked: set[tuple[int, int] | None] = set()
        for number in range(self.times):
            request = BolusRequest(round(self.units * 1000), request_number(situation))
            asked.add((request.CODE, request.number))  # an earlier one may be confirmed late
            antenna.send(link.seal(suite, request.encode()), asks)
            next_at = situation.env.timeout(self.every)
            while not next_at.processed:
                status = yield from next_status(situation, link, ear, next_at, asked)
                if status is Status.ACCEPTED:
                    situation.gate(self.do, _CONFIRMED, True, f"request {number + 1}")
                    return
        situation.gate(self.do, _CONFIRMED, False, f"{self.times} requests")
