"""Two roles of a pairing, the person who helps them, and the air between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from testbed.protocol.roles import (
    NO,
    YES,
    Ask,
    Established,
    Failed,
    Message,
    PairingMethod,
    Role,
    Send,
    Step,
)
from testbed.protocol.suite import ConcreteSuite

SERIALS = {Role.INITIATOR: b"MET-00000001", Role.RESPONDER: b"PUM-00000002"}

InTheAir = Callable[[int, Message[bytes]], Message[bytes]]


@dataclass
class Conversation:
    """One run of a pairing method, with everything that was said in it.

    Attributes:
        ends: How each role ended, for those that did.
        sent: Every message in the order in which it was sent.
        received: Role, state before it, the message and the step, for every message received.
    """

    ends: dict[Role, Established[bytes] | Failed] = field(default_factory=dict)
    sent: list[Message[bytes]] = field(default_factory=list)
    received: list[tuple[Role, Any, Message[bytes], Step]] = field(default_factory=list)

    @property
    def both_established(self) -> bool:
        """Whether both roles hold a key."""
        return len(self.ends) == 2 and all(
            isinstance(end, Established) for end in self.ends.values()
        )

    @property
    def failed(self) -> bool:
        """Whether a role gave up."""
        return any(isinstance(end, Failed) for end in self.ends.values())

    def key(self, role: Role) -> bytes:
        """Return the link key of a role that is established."""
        end = self.ends[role]
        assert isinstance(end, Established)
        return end.link_key


def fresh_values(method: PairingMethod, role: Role, run: int) -> list[bytes]:
    """Return the random values of one role in one run."""
    return [
        sha256(f"{method.name} {role.value} {run} {number}".encode()).digest()
        for number in range(method.fresh)
    ]


def converse(
    method: PairingMethod,
    run: int = 0,
    in_the_air: InTheAir = lambda _number, message: message,
    responders_run: int | None = None,
) -> Conversation:
    """Let two roles pair, with a person who does what the devices ask.

    Args:
        method: The method.
        run: Chooses the random values.
        in_the_air: Called with each message's number and the message; returns what arrives.
        responders_run: Chooses the responder's random values, if not ``run`` does.
    """
    suite, talk = ConcreteSuite(), Conversation()
    states: dict[Role, Any] = {}
    asks: dict[Role, Ask[bytes]] = {}
    on_air: list[tuple[Role, Message[bytes]]] = []

    def take(role: Role, step: Step) -> None:
        states[role] = step.state
        for output in step.outputs:
            if isinstance(output, Send):
                arrives = in_the_air(len(talk.sent), output.message)
                talk.sent.append(output.message)
                on_air.append((role.other, arrives))
            elif isinstance(output, Ask):
                asks[role] = output
            else:
                talk.ends[role] = output

    def help_out() -> bool:
        """Do what both screens ask; return whether there was something to do."""
        if len(asks) < len(Role):
            return False
        shown = {role: asks.pop(role) for role in Role}
        what = {ask.what for ask in shown.values()}
        same = shown[Role.INITIATOR].value == shown[Role.RESPONDER].value
        answers: dict[Role, bytes | None] = {
            role: (YES if same else NO).encode() if what == {"compare"} else shown[role.other].value
            for role in Role
        }
        for role in (Role.RESPONDER, Role.INITIATOR):
            if shown[role].what != "show" and role not in talk.ends:
                answer = answers[role]
                assert answer is not None
                take(role, method.answer(suite, states[role], answer))
        return True

    runs = {Role.INITIATOR: run, Role.RESPONDER: run if responders_run is None else responders_run}
    for role in (Role.RESPONDER, Role.INITIATOR):
        take(role, method.start(suite, role, SERIALS[role], fresh_values(method, role, runs[role])))
    while on_air or help_out():
        if on_air:
            role, message = on_air.pop(0)
            if role in talk.ends:
                continue
            before = states[role]
            step = method.receive(suite, before, message)
            talk.received.append((role, before, message, step))
            take(role, step)
    return talk


@pytest.fixture(scope="session")
def suite() -> ConcreteSuite:
    """The suite on real bytes."""
    return ConcreteSuite()


@pytest.fixture(scope="session", name="converse")
def _converse() -> Callable[..., Conversation]:
    """The means to let two roles pair."""
    return converse
