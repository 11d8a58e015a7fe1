"""``overhear-pairing``: listen for a linking, and compute the link key from it.

The key is computed with the public codec and the method's public
key schedule, as a peer would; where the method keeps a secret off the air there is nothing
to compute.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.attacks.patience import gives_up_after
from testbed.attacks.step import HeardPairing, Process, Situation, Step
from testbed.protocol.frames import HEADER_BYTES, PAIRING, FrameError, decode_header
from testbed.protocol.pairings import decode_message
from testbed.protocol.pairings.passkey import recover
from testbed.protocol.roles import Message, PairingMethod
from testbed.protocol.suite import CODE_BYTES
from testbed.settings import Duration

_HEARD, _COMPUTED = "heard the linking", "computed the link key"
_CODE = "recovered the code"


class OverhearPairing(Step):
    """Listen until a linking has been heard from its first message to its last."""

    do: Literal["overhear-pairing"] = "overhear-pairing"
    """The step's name."""

    give_up_after: Duration = gives_up_after(
        "24h", "How long the attacker listens for a linking at most."
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of both devices while they are linked.",
    )
    gates: ClassVar[tuple[str, ...]] = (_HEARD, _COMPUTED, _CODE)
    stride: ClassVar[frozenset[str]] = frozenset("I")

    def run(self, situation: Situation) -> Process:
        """Collect the messages of one linking, then run the key schedule over them."""
        initiator = responder = b""
        method: PairingMethod | None = None
        messages: list[Message[bytes]] = []
        ear = situation.antenna.listen()
        deadline = situation.env.timeout(self.give_up_after)
        while True:
            yield ear.wait() | deadline
            heard = ear.take()
            if heard is None:
                situation.gate(self.do, _HEARD, False, "no linking in reach")
                return
            try:
                kind, source, to, _ = decode_header(heard.data)
                if kind != PAIRING:
                    continue
                heard_method, message = decode_message(heard.data[HEADER_BYTES:])
            except FrameError:
                continue
            first, *_, last = heard_method.layout
            if message.kind == first:
                initiator, responder, messages = source, b"", []
                method = heard_method
            elif to == initiator:
                responder = source
            messages.append(message)
            if message.kind == last and method is heard_method and responder:
                break
        complete = {each.kind for each in messages} == set(method.layout)
        situation.gate(self.do, _HEARD, complete, method.name)
        key = method.overhear(situation.suite, messages)
        situation.gate(self.do, _COMPUTED, key is not None, method.name)
        code, bits = recover(messages, situation.suite)
        if bits:
            # A code that is used once is worth nothing afterwards; one that is used again is.
            situation.gate(self.do, _CODE, True, f"{bits} bits")
            situation.knowledge.code = code.to_bytes(CODE_BYTES, "big")
        situation.knowledge.pairings.append(HeardPairing(initiator, responder, method.name, key))
