"""Commands on the air, as someone who has no key tells them: by their length."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from testbed.attacks.links import HeldLink
from testbed.attacks.step import Situation
from testbed.protocol.frames import BROADCAST, DATA, FrameError, decode_header
from testbed.protocol.payloads import BolusRequest
from testbed.protocol.roles import Role


def _size_of_a_request(situation: Situation) -> int:
    """Return the length of a frame that asks for a bolus, by making one under some key."""
    suite = situation.suite
    key = suite.digest("any key", b"") * 2
    link = HeldLink.under(suite, situation.link.channel, key, Role.INITIATOR, BROADCAST, BROADCAST)
    return len(link.seal(suite, BolusRequest(0, 0).encode()))


def next_command(
    situation: Situation, give_up_after: int
) -> Generator[simpy.Event, Any, bytes | None]:
    """Wait for a frame of the size of a bolus request, and return it; None if none comes.

    Args:
        situation: What the attacker works with.
        give_up_after: How long to wait, in microseconds.
    """
    size = _size_of_a_request(situation)
    deadline = situation.env.timeout(give_up_after)
    ear = situation.antenna.listen()
    while True:
        yield ear.wait() | deadline
        heard = ear.take()
        if heard is None:
            return None
        try:
            kind = decode_header(heard.data)[0]
        except FrameError:
            continue
        if kind == DATA and len(heard.data) == size:
            return heard.data
