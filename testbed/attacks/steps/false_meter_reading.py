"""``false-meter-reading``: send the pump a finger-stick result that nobody made.

No one is asked before a reading is stored.  What it leads to is up to the person and the pump:
a calculator that corrects by it, a sensor that is calibrated with it, or nothing.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.speaking import ADDRESSED, link_to_speak_on
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.payloads import MeterReading
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration

SENT = "sent the reading"


class FalseMeterReading(Step):
    """Send a made-up meter reading in the name of a linked meter."""

    do: Literal["false-meter-reading"] = "false-meter-reading"
    """The step's name."""
    mgdl: int = Field(ge=0, le=1000)
    """The value to send, mg/dL."""
    times: int = Field(default=1, ge=1, le=1000)
    """How often to send it."""
    every: Duration = assumed_duration(
        "10min",
        ge="1s",
        le="24h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long after a false meter reading the attacker sends it again.",
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump.",
        "A linking of the meter was overheard or taken part in, or its addresses are known.",
        "The person, the calculator or the sensor goes by a reading that nobody made.",
    )
    gates: ClassVar[tuple[str, ...]] = (ADDRESSED, SENT)
    stride: ClassVar[frozenset[str]] = frozenset("ST")

    def run(self, situation: Situation) -> Process:
        """Send it as often as told; a pump does not answer a reading."""
        link = link_to_speak_on(situation)
        addressed = situation.gate(self.do, ADDRESSED, link is not None)
        if link is None:
            return
        for number in range(self.times):
            if number:
                yield situation.env.timeout(self.every)
            frame = link.seal(situation.suite, MeterReading(self.mgdl).encode())
            situation.antenna.send(frame, addressed)
            if not number:
                situation.gate(self.do, SENT, True, f"{self.mgdl} mg/dL")
