"""``replay``: send again a frame that was heard, as it was.

Precondition: an antenna in reach when a genuine command is sent, and again later.  STRIDE
class: spoofing.  The attacker reads nothing: it picks the last frame of the size of a bolus
request.  Whether that does anything is up to the channel.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.commands import next_command
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.overhear_command import HEARD
from testbed.protocol.frames import DATA, decode_header
from testbed.settings import Duration
from testbed.units import US_PER_HOUR, US_PER_S

_ANSWERED = "the pump answered"


class Replay(Step):
    """Wait for a frame of the size of a bolus request, and send it again later."""

    do: Literal["replay"] = "replay"
    """The step's name."""
    wait: Duration = US_PER_HOUR
    """How long to wait with the frame before sending it again."""
    times: int = Field(default=1, ge=1, le=100)
    """How often to send it."""
    every: Duration = 10 * US_PER_S
    """How long to listen for an answer each time."""
    give_up_after: Duration = 24 * US_PER_HOUR
    """How long to wait for such a frame."""

    gates: ClassVar[tuple[str, ...]] = (HEARD, _ANSWERED)

    def run(self, situation: Situation) -> Process:
        """Record, wait, replay."""
        env, antenna = situation.env, situation.antenna
        frame = yield from next_command(situation, self.give_up_after)
        if frame is None:
            situation.gate(self.do, HEARD, False, "no frame of the size of a command")
            return
        began = situation.gate(self.do, HEARD, True)
        yield env.timeout(self.wait)
        _, source, pump, _ = decode_header(frame)
        for number in range(self.times):
            ear = antenna.listen()
            antenna.send(frame, began)
            closed = env.timeout(self.every)
            answered = False
            while not closed.processed:
                yield ear.wait() | closed
                heard = ear.take()
                if heard is not None and not answered:
                    kind, sender, to, _ = decode_header(heard.data)
                    answered = kind == DATA and sender == pump and to == source
            situation.gate(self.do, _ANSWERED, answered, f"time {number + 1}")
