"""``link-unattended``: link a device of its own with a pump that its owner has out of sight.

No pairing method helps: whoever presses the buttons is the person that the method asks.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.patience import gives_up_after, says_hello_every
from testbed.attacks.puppet import Puppet
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.take_part import LINKED, code_to_try
from testbed.attacks.touch import Touch
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import Role
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumption
from testbed.units import US_PER_S

_REACHED, _OPENED = "an unattended pump in reach", "put it into pairing mode"
_TAKEN_BACK = "its owner had an eye on it again"


class LinkUnattended(Step):
    """Take an unattended pump in hand, and link a device of the attacker's with it."""

    do: Literal["link-unattended"] = "link-unattended"
    """The step's name."""
    device: Literal["meter", "cgm", "usb"] = "meter"
    """For which kind of device to put the pump into pairing mode."""
    handle_s: float = assumption(
        30.0,
        ge=5.0,
        le=600.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time to get hold of an unattended pump and find the linking in its menu.",
    )
    tries: int = Field(default=3, ge=1, le=100)
    """How often to begin the linking at most, where a frame of it is lost."""
    hello_every: Duration = says_hello_every()
    give_up_after: Duration = gives_up_after(
        "24h", "How long the attacker waits for an unattended pump."
    )

    needs: ClassVar[frozenset[str]] = frozenset({"antenna", "touch"})
    preconditions: ClassVar[tuple[str, ...]] = (
        "A pump is unattended in the attacker's place for as long as it takes to handle it.",
        "The pump links devices of the kind that is chosen.",
    )
    gates: ClassVar[tuple[str, ...]] = (_REACHED, _OPENED, LINKED)
    stride: ClassVar[frozenset[str]] = frozenset("SE")

    def run(self, situation: Situation) -> Process:
        """Wait for the chance, handle the pump, and put it back."""
        env, touch = situation.env, situation.touch
        if touch is None:
            situation.gate(self.do, _REACHED, False, "it has no touch")
            return
        handling = round(self.handle_s * US_PER_S)
        deadline = env.timeout(self.give_up_after)
        while not touch.in_reach and not deadline.processed:
            left = touch.unattended  # but in another place, from which its owner may come
            yield (env.timeout(handling) if left else touch.next_chance()) | deadline
        if not touch.in_reach:
            situation.gate(self.do, _REACHED, False, "no unattended pump in reach")
            return
        reached = situation.gate(self.do, _REACHED, True)
        touch.take_up()
        yield env.timeout(handling)
        yield from self._link(situation, touch, reached)
        touch.put_down()

    def _link(self, situation: Situation, touch: Touch, reached: int) -> Process:
        """Put the pump in hand into pairing mode, and be the device and the person."""
        method = PAIRINGS[situation.link.pairing]
        serial = f"{self.device[:3].upper()}-00000000".encode()
        for number in range(self.tries):
            if not touch.press_link(self.device, reached):
                gate = LINKED if number else _OPENED
                situation.gate(self.do, gate, False, _TAKEN_BACK)
                return
            if not number:
                situation.gate(self.do, _OPENED, True, method.name)
            asks = touch.asks
            shown = asks.value if asks is not None and asks.what == "show" else None
            code = shown or code_to_try(situation, number)
            puppet = Puppet(situation, method, Role.INITIATOR, serial, code, reached)
            yield from puppet.play(self.hello_every)
            link = puppet.held()
            if link is not None:
                situation.gate(self.do, LINKED, True, f"try {number + 1}")
                situation.knowledge.links.append(link)
                return
        situation.gate(self.do, LINKED, False, puppet.failed or "the pump did not answer")
