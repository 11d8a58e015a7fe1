"""``remote-bolus``: send the pump a bolus request in the name of a linked meter.

With the link key the bytes verify; without it the attacker can only try a key of its own
making, and the pump refuses it as it would anyone.
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
from testbed.settings import Duration


class RemoteBolus(Step):
    """Ask the pump for a bolus, as the meter would."""

    do: Literal["remote-bolus"] = "remote-bolus"
    """The step's name."""
    units: float = Field(gt=0.0, le=100.0)
    """How many U to ask for."""
    wait_for_reply: Duration = waits_for_reply()

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump.",
        "A linking of the meter was overheard or taken part in, or its addresses are known.",
        "The pump takes boluses from a meter.",
    )
    gates: ClassVar[tuple[str, ...]] = (ADDRESSED, ACCEPTED)
    stride: ClassVar[frozenset[str]] = frozenset("ST")

    def run(self, situation: Situation) -> Process:
        """Seal one request under the key at hand, send it, and listen for the answer."""
        link = link_to_speak_on(situation)
        addressed = situation.gate(self.do, ADDRESSED, link is not None)
        if link is None:
            return
        request = BolusRequest(round(self.units * 1000), request_number(situation))
        status = yield from ask(situation, link, request, addressed, self.wait_for_reply)
        situation.gate(self.do, ACCEPTED, status is Status.ACCEPTED, note_of(status))
