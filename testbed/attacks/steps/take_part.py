"""``take-part``: link with the pump in a device's place while its owner links that device.

The attacker runs the public role; where the method asks
for a code it types the one it has learned, or a guess, and where a run fails and the pump
stays in pairing mode it tries again.  A linking that an earlier step has begun and kept
waiting (``learn-code``) goes on first.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar, Literal

import simpy
from pydantic import Field

from testbed.attacks.patience import gives_up_after, says_hello_every
from testbed.attacks.puppet import Puppet
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import Role
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration

ANSWERED, LINKED = "the pump answered", "linked with the pump"
SAYS_HELLO = "says hello"
SERIAL = b"MET-00000000"
PUMP_SERIAL = b"PUM-00000000"


def code_to_try(situation: Situation, number: int) -> bytes:
    """Return the code that was learned, or the ``number``-th guess."""
    learned = situation.knowledge.code
    if learned is not None:
        return learned
    seed = situation.streams.bytes("attacker/guess", 16, number)
    return situation.suite.code(seed, situation.link.codes)


class TakePart(Step):
    """Say hello again and again until a pump in pairing mode answers, and link with it."""

    do: Literal["take-part"] = "take-part"
    """The step's name."""
    tries: int = Field(default=1, ge=1, le=10_000_000)
    """How many runs to try at most, each with another guess where a code is asked for."""
    hello_every: Duration = says_hello_every()
    give_up_after: Duration = gives_up_after(
        "30min", "How long the attacker tries to take part, from the first frame heard."
    )
    again_after: Duration = assumed_duration(
        "100ms",
        ge="1ms",
        le="60s",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long after a failed run the attacker begins the next.",
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of the pump while it is in pairing mode.",
        "What the method asks of the person is nothing, is known to the attacker, or is guessed.",
    )
    gates: ClassVar[tuple[str, ...]] = (SAYS_HELLO, ANSWERED, LINKED)
    stride: ClassVar[frozenset[str]] = frozenset("SE")

    def run(self, situation: Situation) -> Process:
        """Try until linked, out of tries or out of time."""
        env, antenna = situation.env, situation.antenna
        if not antenna.heard:
            yield antenna.next_frame()  # someone with a device is in reach
        ends = env.now + self.give_up_after
        method = PAIRINGS[situation.link.pairing]
        began = situation.gate(self.do, SAYS_HELLO, True, method.name)
        if (yield from self._went_on(situation)):
            return
        answered = 0
        failure = "no pump in pairing mode in reach"
        while env.now < ends and answered < self.tries:
            code = code_to_try(situation, answered)
            puppet = Puppet(situation, method, Role.INITIATOR, SERIAL, code, began)
            yield from puppet.play(self.hello_every)
            if puppet.peer is not None:
                answered += 1
                if answered == 1:
                    situation.gate(self.do, ANSWERED, True, method.name)
            link = puppet.held()
            if link is not None:
                situation.gate(self.do, LINKED, True, f"try {answered}")
                situation.knowledge.links.append(link)
                return
            if puppet.peer is not None:
                failure = "the pump broke off"
            failure = puppet.failed or failure
            if puppet.failed and puppet.peer is None:
                break  # nobody was even asked: it cannot be done
            if puppet.ended:
                yield env.timeout(self.again_after)
        if not answered:
            situation.gate(self.do, ANSWERED, False, failure)
        situation.gate(self.do, LINKED, False, failure)

    def _went_on(self, situation: Situation) -> Generator[simpy.Event, Any, bool]:
        """Go on with a linking that was begun before; return whether it ended in a link."""
        begun, situation.knowledge.begun = situation.knowledge.begun, None
        if begun is None:
            return False
        begun.go_on(code_to_try(situation, 0))
        yield from begun.play(self.hello_every, begun=True)
        link = begun.held()
        if link is None:
            return False
        situation.gate(self.do, ANSWERED, True, "it was kept waiting")
        situation.gate(self.do, LINKED, True)
        situation.knowledge.links.append(link)
        return True
