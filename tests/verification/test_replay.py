"""Every counterexample of the search works with real bytes over the simulated radio."""

from __future__ import annotations

from collections.abc import Iterator

from testbed.verification.story import story
from testbed.verification.verify import Counterexample, Row
from tests.verification.replay import Replay


def counterexamples(rows: list[Row], *goals: str) -> Iterator[Counterexample]:
    """Yield each counterexample to some goals once."""
    seen = set()
    for row in rows:
        found = [row.goals, *row.channels.values()]
        for verdicts in found:
            for goal, verdict in verdicts.items():
                if goal in goals and verdict.how is not None:
                    lines = story(verdict.how)
                    key = (lines, row.method, verdict.how.channel)
                    if key not in seen:
                        seen.add(key)
                        yield verdict.how


def test_who_breaks_key_secrecy_holds_the_key_of_a_device(rows: list[Row]) -> None:
    """The key that the attacker computes from what it heard is the one that a device holds."""
    replayed = 0
    for how in counterexamples(rows, "key secrecy"):
        replay = Replay(how)
        replay.run()
        assert replay.known_keys()
        replayed += 1
    assert replayed >= 6


def test_who_breaks_agreement_leaves_a_device_linked_alone(rows: list[Row]) -> None:
    """One of the honest devices ends with a key that the other has not got."""
    for how in counterexamples(rows, "agreement", "injective agreement"):
        replay = Replay(how)
        replay.run()
        pump, meter = (
            {link.key for link in end.links.values()}
            for end in (replay.pump.endpoint, replay.meter.endpoint)
        )
        assert pump ^ meter


def test_what_breaks_commands_is_carried_out(rows: list[Row]) -> None:
    """The pump carries out every frame that the search says it accepts."""
    replayed = 0
    for how in counterexamples(rows, "command authenticity", "command freshness"):
        replay = Replay(how)
        replay.run()
        assert replay.accepted() == sum(frame.kind == "deliver" for frame in how.frames)
        replayed += 1
    assert replayed >= 6
