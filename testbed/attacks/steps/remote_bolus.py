"""``remote-bolus``: send the pump a bolus request in the name of a linked meter.

Precondition: an antenna in reach of the pump, and the addresses of a linking heard before.
STRIDE class: spoofing, tampering.  With the link key the bytes verify; without it the
attacker can only try a key of its own making, and the pump refuses it as it would anyone.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from testbed.attacks.step import HeardPairing, Process, Situation, Step
from testbed.protocol.channels import CHANNELS, LinkState, Refused
from testbed.protocol.frames import (
    DATA,
    HEADER_BYTES,
    FrameError,
    decode_header,
    encode_header,
)
from testbed.protocol.payloads import (
    BolusReply,
    BolusRequest,
    PayloadError,
    Status,
    decode_payload,
)
from testbed.protocol.roles import Role
from testbed.settings import Duration
from testbed.units import US_PER_S

_LEAP = 1 << 16
"""How far above the counters it has heard the attacker goes, in case it missed some."""

_SENT, _ACCEPTED = "knows whom to address", "command accepted"


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
        env, suite = situation.env, situation.suite
        known = situation.knowledge.pairings
        position = situation.gate(self.do, _SENT, bool(known))
        if not known:
            return
        target = known[-1]
        key = target.link_key
        if key is None:
            key = situation.streams.bytes("attacker/made-up key", 32)
        channel = CHANNELS[situation.channel]
        link = channel.establish(suite, key, Role.INITIATOR)
        counter = self._highest_heard(situation, target) + _LEAP
        link = LinkState(link.send_key, link.receive_key, counter, 0)
        header = encode_header(DATA, target.initiator, target.responder, counter)
        request = BolusRequest(round(self.units * 1000)).encode()
        _, body = channel.seal(suite, link, header, request)
        situation.antenna.send(header + body, position)
        closed = env.timeout(self.wait_for_reply)
        while not closed.processed:
            heard = situation.antenna.next_frame()
            yield heard | closed
            if not heard.triggered:
                break
            status = self._reply(situation, target, link, heard.value)
            if status is not None:
                accepted = status is Status.ACCEPTED
                note = status.name.lower().replace("_", "-")
                situation.gate(self.do, _ACCEPTED, accepted, note)
                return
        situation.gate(self.do, _ACCEPTED, False, "no answer that verifies")

    @staticmethod
    def _highest_heard(situation: Situation, target: HeardPairing) -> int:
        """Return the highest counter heard from the device that is impersonated."""
        highest = 0
        for data in situation.antenna.heard:
            try:
                kind, source, _, counter = decode_header(data)
            except FrameError:
                continue
            if kind == DATA and source == target.initiator:
                highest = max(highest, counter)
        return highest

    @staticmethod
    def _reply(
        situation: Situation, target: HeardPairing, link: LinkState[bytes], data: bytes
    ) -> Status | None:
        """Return the status that ``data`` carries, if it is the pump's answer."""
        try:
            kind, source, _, counter = decode_header(data)
            if kind != DATA or source != target.responder:
                return None
            result = CHANNELS[situation.channel].unseal(
                situation.suite,
                link,
                data[:HEADER_BYTES],
                counter,
                data[HEADER_BYTES:],
            )
            if isinstance(result, Refused):
                return None
            payload = decode_payload(result[1])
        except (FrameError, PayloadError):
            return None
        if type(payload) is BolusReply and payload.status in frozenset(Status):
            return Status(payload.status)
        return None
