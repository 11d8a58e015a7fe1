"""``false-cgm-reading``: tell the pump a glucose that the sensor did not measure, for a while.

Low readings stop the basal of a pump that suspends by its sensor, and ring its low alert; high
ones make a closed loop give more.  On a channel with counters the sensor's own readings are
stale once the attacker has spoken; on others both arrive.  An attacker that stands between the
two holds the true ones back.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.speaking import ADDRESSED, link_to_speak_on
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.false_meter_reading import SENT
from testbed.protocol.payloads import CgmReading
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration


class FalseCgmReading(Step):
    """Send made-up sensor readings in the name of a linked transmitter."""

    do: Literal["false-cgm-reading"] = "false-cgm-reading"
    """The step's name."""
    mgdl: int = Field(ge=0, le=1000)
    """The value to send, mg/dL."""
    lasts: Duration = assumed_duration(
        "2h",
        ge="1s",
        le="336h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="For how long the attacker sends false sensor readings.",
    )
    every: Duration = assumed_duration(
        "5min",
        ge="1s",
        le="1h",
        unit="min",
        source="every five minutes, as sensors do",
        description="How long after a false sensor reading the attacker sends the next.",
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump.",
        "A linking of the transmitter was overheard or taken part in, or its addresses are known.",
        "The therapy, or the person, goes by what the sensor says.",
    )
    gates: ClassVar[tuple[str, ...]] = (ADDRESSED, SENT)
    stride: ClassVar[frozenset[str]] = frozenset("STD")

    def run(self, situation: Situation) -> Process:
        """Send one reading after the other until it has lasted long enough."""
        env = situation.env
        link = link_to_speak_on(situation)
        addressed = situation.gate(self.do, ADDRESSED, link is not None)
        if link is None:
            return
        link.holds_back = True
        number, until = 0, env.now + self.lasts
        while env.now < until:
            reading = CgmReading(self.mgdl, number & 0xFFFF).encode()
            situation.antenna.send(link.seal(situation.suite, reading), addressed)
            if not number:
                situation.gate(self.do, SENT, True, f"{self.mgdl} mg/dL")
            number += 1
            yield env.timeout(self.every)
        link.holds_back = False
