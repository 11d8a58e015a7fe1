"""Speaking to a pump in a linked device's name: on a link of its own, or under a key it has."""

from __future__ import annotations

from collections.abc import Container, Generator
from typing import Any, Final

import simpy

from testbed.attacks.capabilities import Ear
from testbed.attacks.links import LEAP, HeldLink, highest_counter
from testbed.attacks.step import Situation
from testbed.protocol.payloads import (
    BolusReply,
    BolusRequest,
    CommandReply,
    Payload,
    ResumeRequest,
    SettingRequest,
    Status,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.protocol.roles import Role

ADDRESSED: Final = "knows whom to address"
ACCEPTED: Final = "command accepted"
_STATUSES: Final = frozenset(Status)

Request = BolusRequest | SuspendRequest | ResumeRequest | TemporaryBasalRequest | SettingRequest
"""What a pump answers by its code and its number."""


def link_to_speak_on(situation: Situation) -> HeldLink | None:
    """Return the newest link of the attacker's own, or that of a linking it overheard, or None.

    Where it overheard a linking that told it no key, it can only try one of its own making.
    """
    knowledge = situation.knowledge
    if knowledge.links:
        return knowledge.links[-1]
    if not knowledge.pairings:
        return None
    target = knowledge.pairings[-1]
    if target.held is None:
        key = target.link_key
        if key is None:
            key = situation.streams.bytes("attacker/made-up key", 32)
        heard = (each.data for each in situation.antenna.heard)
        target.held = HeldLink.under(
            situation.suite,
            situation.link.channel,
            key,
            Role.INITIATOR,
            target.initiator,
            target.responder,
            highest_counter(heard, target.initiator) + LEAP,
        )
    return target.held


def request_number(situation: Situation) -> int:
    """Return the number of a request that is made now."""
    return situation.streams.below("attacker/request number", 1 << 16, situation.env.now)


def answers(payload: Payload | None) -> tuple[int, int] | None:
    """Return the payload code and the number of the request that is answered; None if none is."""
    if isinstance(payload, BolusReply):
        return BolusRequest.CODE, payload.number
    if isinstance(payload, CommandReply):
        return payload.command, payload.number
    return None


def next_status(
    situation: Situation,
    link: HeldLink,
    ear: Ear,
    closed: simpy.Event,
    asked: Container[tuple[int, int] | None],
) -> Generator[simpy.Event, Any, Status | None]:
    """Return the pump's next answer to requests on a link; None if none comes that verifies.

    A link may be somebody else's, who asks on it too: an answer says by code and number which
    request it is to, and one to none of these is passed over.

    Args:
        situation: What the attacker works with.
        link: The link.
        ear: What it listens with.
        closed: The event at which it stops to listen.
        asked: The requests, by payload code and number.
    """
    while not closed.processed:
        yield ear.wait() | closed
        heard = ear.take()
        payload = None if heard is None else link.read(situation.suite, heard.data)
        if not isinstance(payload, BolusReply | CommandReply) or answers(payload) not in asked:
            continue
        if payload.status in _STATUSES:
            return Status(payload.status)
    return None


def ask(
    situation: Situation, link: HeldLink, request: Request, cause: int, patience: int
) -> Generator[simpy.Event, Any, Status | None]:
    """Seal one request, send it, and return the pump's answer to it; None if none comes.

    Args:
        situation: What the attacker works with.
        link: The link to speak on.
        request: What to ask for.
        cause: Position of the gate that it follows from.
        patience: How long to listen for the answer, microseconds.
    """
    antenna = situation.antenna
    ear = antenna.listen()
    antenna.send(link.seal(situation.suite, request.encode()), cause)
    closed = situation.env.timeout(patience)
    asked = {(request.CODE, request.number)}
    return (yield from next_status(situation, link, ear, closed, asked))


def note_of(status: Status | None) -> str:
    """Return in words how a request was answered."""
    if status is None:
        return "no answer that verifies"
    return status.name.lower().replace("_", "-")
