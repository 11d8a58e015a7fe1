"""``see-code``: read the code that the pump shows while its owner links a device.

How near is near enough, ``attacker.sight_m`` says.  A fresh code is worth something
only while it is shown; one that the pump shows all its life is worth something from then on.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.attacks.patience import gives_up_after
from testbed.attacks.step import Process, Situation, Step
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumption
from testbed.units import US_PER_S

_SEEN, _READ = "a code is shown in view", "read the code"


class SeeCode(Step):
    """Wait until a code is shown in view, and read it."""

    do: Literal["see-code"] = "see-code"
    """The step's name."""
    read_s: float = assumption(
        2.0,
        ge=0.5,
        le=15.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time that the attacker needs to read a code off a screen in view.",
    )
    give_up_after: Duration = gives_up_after(
        "24h", "How long the attacker waits for a code to be shown."
    )

    needs: ClassVar[frozenset[str]] = frozenset({"sight"})
    preconditions: ClassVar[tuple[str, ...]] = (
        "The pump shows a code in the attacker's place, near enough to be read.",
    )
    gates: ClassVar[tuple[str, ...]] = (_SEEN, _READ)
    stride: ClassVar[frozenset[str]] = frozenset("I")

    def run(self, situation: Situation) -> Process:
        """Look whenever a code is shown, until one was in view for long enough to read it."""
        env, sight = situation.env, situation.sight
        if sight is None:
            situation.gate(self.do, _SEEN, False, "it has no sight")
            return
        deadline = env.timeout(self.give_up_after)
        seen = False
        while not deadline.processed:
            if not sight.worth_a_look:
                yield sight.next_change() | deadline
                continue
            code = sight.code
            if code is not None and not seen:
                seen = True
                situation.gate(self.do, _SEEN, True)
            yield env.timeout(round(self.read_s * US_PER_S)) | deadline
            if code is not None and sight.code == code and not deadline.processed:
                situation.knowledge.code = code
                situation.gate(self.do, _READ, True)
                return
        if seen:
            situation.gate(self.do, _READ, False, "it was gone before it was read")
        else:
            situation.gate(self.do, _SEEN, False, "no code in view")
