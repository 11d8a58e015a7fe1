"""``request-link``: ask a pump to be linked, and hope that somebody confirms it.

The attacker's device says hello while the pump is not in pairing mode.  A pump that takes such
requests shows a prompt, and the linking goes on once it is confirmed.  A method that asks the
person for more than that (a code, a comparison, a touch) still stops a stranger: all that the
attacker can do is guess.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar, Literal

import simpy
from pydantic import Field

from testbed.attacks.puppet import Puppet
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.take_part import ANSWERED, LINKED, code_to_try
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import Role
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration

ASKS = "asks for a confirmation"

Device = Literal["meter", "cgm", "usb"]


def ask_to_link(
    situation: Situation, device: Device, number: int, cause: int, patience: int
) -> Generator[simpy.Event, Any, Puppet]:
    """Say hello as a device of a kind, to the pump if its address is known, and play the role.

    Args:
        situation: What the attacker works with.
        device: The kind of device to pass for.
        number: How many times it has asked before.
        cause: Position of the gate that it follows from.
        patience: How long to wait for each of the pump's messages, microseconds.
    """
    method = PAIRINGS[situation.link.pairing]
    serial = f"{device[:3].upper()}-00000000".encode()
    code, to = code_to_try(situation, number), situation.knowledge.pump
    puppet = Puppet(situation, method, Role.INITIATOR, serial, code, cause, to=to)
    yield from puppet.play(patience)
    return puppet


class RequestLink(Step):
    """Ask a pump that is not in pairing mode to be linked, and link if somebody confirms."""

    do: Literal["request-link"] = "request-link"
    """The step's name."""
    device: Device = "meter"
    """As which kind of device to ask."""
    times: int = Field(default=1, ge=1, le=1000)
    """How often to ask at most, each time for as long as it waits for an answer."""
    wait_for_answer: Duration = assumed_duration(
        "2min",
        ge="1s",
        le="1h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How long the attacker waits for somebody to confirm its link request.",
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump.",
        "The pump shows a prompt for devices that ask to be linked.",
        "Somebody confirms a request that they did not make.",
        "The pairing method asks for nothing that the attacker cannot know.",
    )
    gates: ClassVar[tuple[str, ...]] = (ASKS, ANSWERED, LINKED)
    stride: ClassVar[frozenset[str]] = frozenset("SE")

    def run(self, situation: Situation) -> Process:
        """Ask, wait for the pump's answer, and go on with the linking."""
        asks = situation.gate(self.do, ASKS, True, situation.link.pairing)
        answered = False
        for number in range(self.times):
            puppet = yield from ask_to_link(
                situation, self.device, number, asks, self.wait_for_answer
            )
            if puppet.peer is not None and not answered:
                answered = True
                situation.gate(self.do, ANSWERED, True)
            link = puppet.held()
            if link is not None:
                situation.gate(self.do, LINKED, True, f"time {number + 1}")
                situation.knowledge.links.append(link)
                return
            if puppet.failed and puppet.peer is None:
                break  # nobody was even asked: it cannot be done
        if not answered:
            situation.gate(self.do, ANSWERED, False, puppet.failed or "nobody confirmed")
            return
        situation.gate(self.do, LINKED, False, puppet.failed or "the pump broke off")
