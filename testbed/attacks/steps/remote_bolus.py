"""``remote-bolus``: send the pump a bolus request in the name of a linked meter.

Precondition: an antenna in reach of the pump, and the addresses of a linking heard before.
STRIDE class: spoofing, tampering.  With the link key the bytes verify; without it the
attacker can only try a key of its own making, and the pump refuses it as it would anyone.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.links import LEAP, HeldLink, highest_counter
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.payloads import BolusReply, BolusRequest, Status
from testbed.protocol.roles import Role
from testbed.settings import Duration
from testbed.units import US_PER_S

_SENT, _ACCEPTED = "knows whom to address", "command accepted"
_STATUSES = frozenset(Status)


class RemoteBolus(Step):
    """Ask the pump for a bolus, as the meter would."""

    do: Literal["remote-bolus"] = "remote-bolus"
    """The step's name."""
    units: float = Field(gt=0.0, le=100.0)
    """How many U to ask for."""
    wait_for_reply: Duration = 5 * US_PER_S
    """How long to listen for the pump's answer."""

    gates: ClassVar[tuple[str, ...]] = (_SENT, _ACCEPTED)

    def run(self, situation: Situation) -> Process:
        """Seal one request under the key at hand, send it, and listen for the answer."""
        env, suite, antenna = situation.env, situation.suite, situation.antenna
        link = self._link(situation)
        position = situation.gate(self.do, _SENT, link is not None)
        if link is None:
            return
        number = situation.streams.below("attacker/request number", 1 << 16, env.now)
        request = BolusRequest(round(self.units * 1000), number).encode()
        ear = antenna.listen()
        antenna.send(link.seal(suite, request), position)
        closed = env.timeout(self.wait_for_reply)
        while not closed.processed:
            yield ear.wait() | closed
            heard = ear.take()
            payload = None if heard is None else link.read(suite, heard.data)
            if type(payload) is BolusReply and payload.status in _STATUSES:
                status = Status(payload.status)
                note = status.name.lower().replace("_", "-")
                situation.gate(self.do, _ACCEPTED, status is Status.ACCEPTED, note)
                return
        situation.gate(self.do, _ACCEPTED, False, "no answer that verifies")

    @staticmethod
    def _link(situation: Situation) -> HeldLink | None:
        """Return a link of its own, or that of a linking it overheard, or None."""
        knowledge = situation.knowledge
        if knowledge.links:
            return knowledge.links[-1]
        if not knowledge.pairings:
            return None
        target = knowledge.pairings[-1]
        key = target.link_key
        if key is None:
            key = situation.streams.bytes("attacker/made-up key", 32)
        return HeldLink.under(
            situation.suite,
            situation.link.channel,
            key,
            Role.INITIATOR,
            target.initiator,
            target.responder,
            highest_counter((heard.data for heard in situation.antenna.heard), target.initiator)
            + LEAP,
        )
