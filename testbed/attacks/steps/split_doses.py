"""``split-doses``: many doses that are each below what the pump gives at most at once.

A largest bolus stops one large dose and not ten small ones.  What stops them is a limit on what
is given within some hours, a person who notices the first, or one bolus that flows until the
next is due.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.patience import waits_for_reply
from testbed.attacks.speaking import (
    ACCEPTED,
    ADDRESSED,
    ask,
    link_to_speak_on,
    note_of,
    request_number,
)
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.payloads import BolusRequest, Status
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration

_ALL = "every dose accepted"


class SplitDoses(Step):
    """Ask for one bolus after the other."""

    do: Literal["split-doses"] = "split-doses"
    """The step's name."""
    units: float = Field(gt=0.0, le=100.0)
    """How many U to ask for each time."""
    times: int = Field(ge=1, le=1000)
    """How often to ask."""
    every: Duration = assumed_duration(
        "10min",
        ge="1s",
        le="24h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long after one of several doses the attacker asks for the next.",
    )
    wait_for_reply: Duration = waits_for_reply()

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump, for as long as the doses take.",
        "A linking of the meter was overheard or taken part in, or its addresses are known.",
        "The pump takes boluses from a meter, and counts each for itself.",
    )
    gates: ClassVar[tuple[str, ...]] = (ADDRESSED, ACCEPTED, _ALL)
    stride: ClassVar[frozenset[str]] = frozenset("ST")

    def run(self, situation: Situation) -> Process:
        """Ask for each dose in its turn, whatever became of the one before."""
        env = situation.env
        link = link_to_speak_on(situation)
        addressed = situation.gate(self.do, ADDRESSED, link is not None)
        if link is None:
            return
        accepted = 0
        for number in range(self.times):
            next_at = env.timeout(self.every)
            request = BolusRequest(round(self.units * 1000), request_number(situation))
            status = yield from ask(situation, link, request, addressed, self.wait_for_reply)
            accepted += status is Status.ACCEPTED
            situation.gate(self.do, ACCEPTED, status is Status.ACCEPTED, note_of(status))
            if number + 1 < self.times and not next_at.processed:
                yield next_at
        situation.gate(self.do, _ALL, accepted == self.times, f"{accepted} of {self.times}")
