"""``halt-delivery``: have the pump give too little, by a command that it takes from a device.

A meter may suspend the pump or set a low basal for a while, and a USB link may lower the
largest basal and the largest bolus, where the pump is set up to take that.  The pump tells the
person of each; who undoes it may find it done again.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.patience import waits_for_reply
from testbed.attacks.speaking import (
    ACCEPTED,
    ADDRESSED,
    Request,
    ask,
    link_to_speak_on,
    note_of,
    request_number,
)
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.payloads import (
    BasalUnit,
    Setting,
    SettingRequest,
    Status,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration
from testbed.units import US_PER_MIN


class HaltDelivery(Step):
    """Suspend the pump, set a low basal, or lower what it may give at most."""

    do: Literal["halt-delivery"] = "halt-delivery"
    """The step's name."""
    by: Literal["suspend", "temporary-basal", "max-basal", "max-bolus"] = "suspend"
    """With which command."""
    percent: int = Field(default=0, ge=0, le=100)
    """What is left of the basal, where it is a temporary one."""
    lasts: Duration = assumed_duration(
        "4h",
        ge="1min",
        le="72h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="For how long the attacker sets a temporary basal.",
    )
    at_most: float = Field(default=0.1, ge=0.0, le=100.0)
    """To what the largest basal (U/h) or bolus (U) is lowered."""
    times: int = Field(default=1, ge=1, le=1000)
    """How often to send it, so that what was undone is done again."""
    every: Duration = assumed_duration(
        "30min",
        ge="1s",
        le="24h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long after a command that stops delivery the attacker sends it again.",
    )
    wait_for_reply: Duration = waits_for_reply()

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump.",
        "A linking of a device was overheard or taken part in, or its addresses are known.",
        "The pump takes that command from a device of that kind.",
    )
    gates: ClassVar[tuple[str, ...]] = (ADDRESSED, ACCEPTED)
    stride: ClassVar[frozenset[str]] = frozenset("STD")

    def run(self, situation: Situation) -> Process:
        """Send the command as often as told, and listen for the answers."""
        env = situation.env
        link = link_to_speak_on(situation)
        addressed = situation.gate(self.do, ADDRESSED, link is not None)
        if link is None:
            return
        for number in range(self.times):
            next_at = env.timeout(self.every)
            request = self._request(request_number(situation))
            status = yield from ask(situation, link, request, addressed, self.wait_for_reply)
            situation.gate(self.do, ACCEPTED, status is Status.ACCEPTED, note_of(status))
            if number + 1 < self.times and not next_at.processed:
                yield next_at

    def _request(self, number: int) -> Request:
        if self.by == "suspend":
            return SuspendRequest(number)
        if self.by == "temporary-basal":
            minutes = self.lasts // US_PER_MIN
            return TemporaryBasalRequest(BasalUnit.PERCENT, self.percent, minutes, number)
        of_bolus = self.by == "max-bolus"
        setting = Setting.MAX_BOLUS_MILLIUNITS if of_bolus else Setting.MAX_BASAL_MILLIUNITS_PER_H
        return SettingRequest(setting, round(self.at_most * 1000), number)
