"""What a search says of what it did not look at, and that it says the same each time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.verification.abilities import ABILITIES
from testbed.verification.channel_use import use_channel
from testbed.verification.goals import GOALS
from testbed.verification.search import Found, search
from testbed.verification.states import Setting
from testbed.verification.verify import BROKEN, HOLDS, Row, verify

SETTINGS = [
    (method, ability)
    for method in ("just-works", "numeric-comparison", "pake", "oob")
    for ability in ("active", "touch")
]


def found_within(method: str, ability: str, most_states: int, sessions: int = 1) -> Found:
    """Search a setting, looking at no more than some states."""
    setting = Setting(PAIRINGS[method], ABILITIES[ability], sessions=sessions)
    return search(setting, list(GOALS.values()), most_states=most_states)


def told(found: Found) -> dict[str, str]:
    """Return each attack as text."""
    return {name: repr(attack.acts) for name, attack in found.attacks.items()}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from(SETTINGS), st.integers(1, 60), st.integers(1, 60))
def test_what_is_broken_stays_broken_with_more_states(
    setting: tuple[str, str], one: int, other: int
) -> None:
    """A larger bound finds every attack of a smaller one, in the same words."""
    less, more = (found_within(*setting, bound) for bound in sorted((one, other)))
    assert told(less).items() <= told(more).items()


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.sampled_from(SETTINGS), st.integers(1, 60))
def test_search_that_was_cut_off_says_so(setting: tuple[str, str], bound: int) -> None:
    """A search has looked at all states if and only if it was not stopped at its bound."""
    whole, part = found_within(*setting, 10_000), found_within(*setting, bound)
    assert whole.exhausted
    assert part.states <= bound
    if part.exhausted:
        assert told(part) == told(whole)
    else:
        assert part.states == bound


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_search_of_a_channel_that_was_cut_off_says_so(name: str) -> None:
    """Three frames are not all that there is on a link."""
    found = use_channel(CHANNELS[name], key_known=False, most_states=3)
    assert (found.states, found.exhausted) == (3, False)


@pytest.mark.parametrize("most_states", [1, 3, 10])
def test_nothing_holds_that_was_not_looked_at_whole(most_states: int) -> None:
    """Cut off, a table says "broken" or "not exhausted", for pairings and for commands."""
    rows = verify(["pake", "oob"], ["active", "touch"], most_states=most_states)
    assert rows
    for row in rows:
        of_channels = [each for verdicts in row.channels.values() for each in verdicts.values()]
        assert HOLDS not in {each.says for each in (*row.goals.values(), *of_channels)}


@pytest.mark.parametrize("ability", sorted(ABILITIES))
@pytest.mark.parametrize("method", sorted(set(PAIRINGS) - {"passkey"}))
def test_two_sessions_break_all_that_one_breaks(method: str, ability: str) -> None:
    """Whatever can be done while devices are linked once can be done while they are twice."""
    once, twice = (found_within(method, ability, 10_000, sessions) for sessions in (1, 2))
    assert once.exhausted
    assert twice.exhausted
    assert set(once.attacks) <= set(twice.attacks)


def in_words(rows: list[Row]) -> str:
    """Return rows with their attacks as text that does not depend on where things are kept."""
    lines = []
    for row in rows:
        lines.append(
            f"{row.name} {row.ability} {row.person} {row.states} {row.offline} {row.online}"
        )
        verdicts = {**row.goals}
        for channel, each in row.channels.items():
            verdicts |= {f"{channel}, {goal}": verdict for goal, verdict in each.items()}
        for goal, verdict in verdicts.items():
            lines.append(f"{goal}: {verdict.says}")
            if verdict.how is not None:
                acts = verdict.how.pairing.acts if verdict.how.pairing else ()
                lines.append(f"{acts} {verdict.how.channel} {verdict.how.frames}")
    return "\n".join(lines)


def _of_one_process(hash_seed: int) -> str:
    """Return the words of a verification in a process with its own order of hashes."""
    script = (
        "from testbed.verification.verify import verify;"
        "from tests.verification.test_bounds import in_words;"
        "print(in_words(verify(['just-works', 'numeric-comparison', 'pake'], ['active', 'touch'],"
        " sessions=1, most_states=400)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return done.stdout


def test_order_of_hashes_changes_nothing() -> None:
    """Two processes that hash differently tell the same rows and the same attacks."""
    one, other = _of_one_process(1), _of_one_process(2)
    assert BROKEN in one
    assert one == other
