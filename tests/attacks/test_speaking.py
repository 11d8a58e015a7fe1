"""An attacker that speaks in somebody's name takes only answers to what it asked itself."""

from __future__ import annotations

import pytest
from testbed.attacks.capabilities import Antenna
from testbed.attacks.links import HeldLink
from testbed.attacks.speaking import Request, ask
from testbed.attacks.step import Process, Situation
from testbed.protocol.channels import CHANNELS
from testbed.protocol.frames import ADDRESS_BYTES
from testbed.protocol.payloads import (
    BolusReply,
    BolusRequest,
    CommandReply,
    Payload,
    ResumeRequest,
    Status,
    SuspendRequest,
)
from testbed.protocol.roles import Role
from testbed.protocol.settings import LinkSettings
from testbed.protocol.suite import ConcreteSuite
from testbed.radio import Medium, RadioSettings
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import Recorder
from testbed.units import US_PER_S

KEY = bytes(range(32))
SUITE = ConcreteSuite()
METER, PUMP = (SUITE.digest("address", each)[:ADDRESS_BYTES] for each in (b"meter", b"pump"))
OWN = BolusRequest(5000, 7)


def answered(channel: str, request: Request, replies: list[Payload]) -> Status | None:
    """Return what the attacker takes for the answer to its request, on a link that it shares."""
    env, recorder, streams = Simulation(), Recorder(), Streams(1, 0)
    medium = Medium(env, recorder, streams, RadioSettings(), {})
    antenna = Antenna(env, medium, recorder, 0.0)
    situation = Situation(
        env, recorder, streams, SUITE, antenna, LinkSettings(pairing="serial-derived")
    )
    own = HeldLink.under(SUITE, channel, KEY, Role.INITIATOR, METER, PUMP)
    pump = HeldLink.under(SUITE, channel, KEY, Role.RESPONDER, PUMP, METER)
    taken: list[Status | None] = []

    def attacks() -> Process:
        taken.append((yield from ask(situation, own, request, -1, 60 * US_PER_S)))

    def answers() -> Process:
        for reply in replies:
            yield env.timeout(US_PER_S)
            antenna.hear(pump.seal(SUITE, reply.encode()), -1)

    env.process(attacks())
    env.process(answers())
    env.run()
    (status,) = taken
    return status


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_an_answer_to_somebody_elses_request_is_not_taken(channel: str) -> None:
    """Of a true device's answers, all of which verify, none is taken; one's own that follows is."""
    others: list[Payload] = [
        BolusReply(Status.ACCEPTED, OWN.number + 1),
        CommandReply(SuspendRequest.CODE, Status.ACCEPTED, OWN.number),
    ]
    assert answered(channel, OWN, others) is None
    refused = BolusReply(Status.FEATURE_OFF, OWN.number)
    assert answered(channel, OWN, [*others, refused]) is Status.FEATURE_OFF


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_an_answer_names_the_command_and_not_only_its_number(channel: str) -> None:
    """Suspending is not answered by what became of a resumption or a bolus of the same number."""
    own = SuspendRequest(3)
    others: list[Payload] = [
        CommandReply(ResumeRequest.CODE, Status.ACCEPTED, 3),
        BolusReply(Status.ACCEPTED, 3),
    ]
    assert answered(channel, own, others) is None
    mine = CommandReply(SuspendRequest.CODE, Status.ACCEPTED, 3)
    assert answered(channel, own, [*others, mine]) is Status.ACCEPTED
