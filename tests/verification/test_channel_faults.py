"""The search finds a fault put into a channel, and nothing where the channel is as it should be."""

from __future__ import annotations

from functools import cache

import pytest
from testbed.protocol.channels import CHANNELS, Channel
from testbed.verification.channel_use import (
    AUTHENTICITY,
    FRESHNESS,
    ChannelFound,
    Frame,
    use_channel,
)
from testbed.verification.search import MOST_STATES
from tests.verification import mutants

BOTH = {AUTHENTICITY, FRESHNESS}

FAULTS: dict[str, tuple[Channel, set[str]]] = {
    "the tag does not cover the counter": (mutants.CounterUnbound(), {FRESHNESS}),
    "the tag does not cover the payload": (mutants.PayloadUnbound(), BOTH),
    "a nonce is used again": (mutants.CounterStays(), BOTH),
    "a restart takes the counters back": (mutants.CounterForgotten(), BOTH),
    "one key serves both ways under one nonce": (mutants.OneKey(), BOTH),
    "one key serves both ways, and no header says which": (mutants.OneKeyMac(), BOTH),
}


@cache
def found_on(channel: Channel) -> ChannelFound:
    """Search a channel for who does not know the link key."""
    return use_channel(channel, key_known=False, most_states=MOST_STATES)


def attack(name: str, goal: str) -> tuple[Frame, ...]:
    """Return the frames of the shortest attack on a goal with a fault."""
    return found_on(FAULTS[name][0]).attacks[goal]


@pytest.mark.parametrize("name", FAULTS)
def test_fault_breaks_just_what_it_guards(name: str) -> None:
    """What is left out breaks the goals that it is there for, and no others."""
    channel, broken = FAULTS[name]
    found = found_on(channel)
    assert found.exhausted
    assert set(found.attacks) == broken


@pytest.mark.parametrize("channel", [mutants.MacCounter(), CHANNELS["aead-counter"]])
def test_channel_without_the_fault_holds(channel: Channel) -> None:
    """A tag or a seal over everything, under a counter that only rises, lets nothing through."""
    found = found_on(channel)
    assert found.exhausted
    assert not found.attacks


def test_counter_that_no_tag_covers_is_counted_up_by_the_attacker() -> None:
    """The frame of a command is accepted once more under the next counter."""
    first, second = (
        frame
        for frame in attack("the tag does not cover the counter", FRESHNESS)
        if frame.kind == "deliver"
    )
    assert second.counter > first.counter
    assert second.body is first.body


@pytest.mark.parametrize("name", ["a nonce is used again", "a restart takes the counters back"])
def test_nonce_used_twice_lets_the_attacker_write_a_frame_of_its_own(name: str) -> None:
    """Two frames under one key and nonce are enough to forge a third (RFC 8439, section 4)."""
    *before, forged = attack(name, AUTHENTICITY)
    sealed = [frame for frame in before if frame.body is not None]
    assert len(sealed) == 2
    assert sealed[0].counter == sealed[1].counter == forged.counter
    assert forged.body not in [frame.body for frame in sealed]


def test_counter_that_goes_back_lets_a_command_through_twice() -> None:
    """A pump that lost power takes the frame that it took before."""
    frames = attack("a restart takes the counters back", FRESHNESS)
    assert [(frame.kind, frame.who) for frame in frames] == [
        ("command", "device"),
        ("deliver", "pump"),
        ("restart", "pump"),
        ("deliver", "pump"),
    ]


def test_pumps_own_frame_comes_back_to_it_as_a_command() -> None:
    """With one key both ways and no header in the tag, what the pump says is said to the pump."""
    said, taken = attack("one key serves both ways, and no header says which", AUTHENTICITY)
    assert (said.kind, said.who) == ("status", "pump")
    assert taken.body is said.body


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_known_link_key_opens_every_channel(name: str) -> None:
    """No channel is better than the secrecy of its key."""
    found = use_channel(CHANNELS[name], key_known=True, most_states=MOST_STATES)
    assert AUTHENTICITY in found.attacks
