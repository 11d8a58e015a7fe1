"""``replay``: send again a frame that was heard, as it was.

The attacker reads nothing: it picks the last frame of the size of a bolus
request.  Whether that does anything is up to the channel.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.commands import next_command
from testbed.attacks.patience import gives_up_after
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.overhear_command import HEARD
from testbed.protocol.frames import DATA, decode_header
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration

_ANSWERED = "the pump answered"


class Replay(Step):
    """Wait for a frame of the size of a bolus request, and send it again later."""

    do: Literal["replay"] = "replay"
    """The step's name."""
    wait: Duration = assumed_duration(
        "1h",
        ge="1s",
        le="336h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="How long the attacker keeps a recorded command before sending it again.",
    )
    times: int = Field(default=1, ge=1, le=100)
    """How often to send it."""
    every: Duration = assumed_duration(
        "10s",
        ge="100ms",
        le="24h",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long the attacker listens for an answer to each replay.",
    )
    give_up_after: Duration = gives_up_after(
        "24h", "How long the attacker waits for a command to record."
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach when a genuine command is sent, and again later.",
        "The channel takes a frame that it has taken before.",
    )
    gates: ClassVar[tuple[str, ...]] = (HEARD, _ANSWERED)
    stride: ClassVar[frozenset[str]] = frozenset("ST")

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
