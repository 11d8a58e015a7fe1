"""Frames on the air, as someone who has no key tells them apart: by their length."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from testbed.attacks.links import HeldLink
from testbed.attacks.step import Situation
from testbed.protocol.frames import BROADCAST, DATA, FrameError, decode_header
from testbed.protocol.payloads import BolusRequest, Payload
from testbed.protocol.roles import Role


def size_of(situation: Situation, payload: Payload) -> int:
    """Return the length of a frame that carries such a payload, by making one under some key."""
    suite = situation.suite
    key = suite.digest("any key", b"") * 2
    link = HeldLink.under(suite, situation.link.channel, key, Role.INITIATOR, BROADCAST, BROADCAST)
    return len(link.seal(suite, payload.encode()))


def is_data_of(data: bytes, size: int) -> bool:
    """Return whether a frame is one of linked devices and of that length."""
    try:
        return decode_header(data)[0] == DATA and len(data) == size
    except FrameError:
        return False


def next_command(
    situation: Situation, give_up_after: int
) -> Generator[simpy.Event, Any, bytes | None]:
    """Wait for a frame of the size of a bolus request, and return it; None if none comes.

    Args:
        situation: What the attacker works with.
        give_up_after: How long to wait, in microseconds.
    """
    size = size_of(situation, BolusRequest(0, 0))
    deadline = situation.env.timeout(give_up_after)
    ear = situation.antenna.listen()
    while True:
        yield ear.wait() | deadline
        heard = ear.take()
        if heard is None:
            return None
        if is_data_of(heard.data, size):
            return heard.data
