"""``overhear-command``: learn from a command on the air who speaks to whom.

An address is no secret and opens nothing by itself; where a channel asks for no
key it is all that a command takes.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.attacks.commands import next_command
from testbed.attacks.patience import gives_up_after
from testbed.attacks.step import HeardPairing, Process, Situation, Step
from testbed.protocol.frames import decode_header
from testbed.settings import Duration

HEARD = "heard a command"


class OverhearCommand(Step):
    """Wait for a frame of the size of a bolus request, and note its addresses."""

    do: Literal["overhear-command"] = "overhear-command"
    """The step's name."""
    give_up_after: Duration = gives_up_after(
        "24h", "How long the attacker waits for a command to overhear."
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach when a genuine command is sent.",
    )
    gates: ClassVar[tuple[str, ...]] = (HEARD,)
    stride: ClassVar[frozenset[str]] = frozenset("I")

    def run(self, situation: Situation) -> Process:
        """Listen, and keep the addresses as those of a link of which it has no key."""
        frame = yield from next_command(situation, self.give_up_after)
        situation.gate(self.do, HEARD, frame is not None)
        if frame is not None:
            _, device, pump, _ = decode_header(frame)
            heard = HeardPairing(device, pump, situation.link.pairing, None)
            situation.knowledge.pairings.append(heard)
