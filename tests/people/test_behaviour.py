"""How soon people notice, when they sleep, and that the profiles are within their ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.people import PROFILES, Behaviour
from testbed.people.noticing import is_asleep, minutes_to_notice
from testbed.units import US_PER_DAY, US_PER_HOUR, format_clock

quick = settings(derandomize=True, deadline=None, max_examples=200)


@st.composite
def behaviours(draw: st.DrawFn) -> Behaviour:
    """Draw how fast a person answers, with shares that leave room for late answers."""
    fast, never = draw(st.floats(0.2, 0.95)), draw(st.floats(0.0, 0.5))
    if fast + never > 1.0:
        never = 1.0 - fast
    return Behaviour(
        answered_fast=fast,
        never_answered=never,
        slowest_answer_min=draw(st.floats(15.0, 180.0)),
    )


def share_noticed_by(behaviour: Behaviour, minutes: float) -> float:
    """Return the stated share of alerts that are noticed within some minutes."""
    fast, noticed = behaviour.answered_fast, 1.0 - behaviour.never_answered
    if minutes <= 10.0:
        return fast * minutes / 10.0
    late = (minutes - 10.0) / (behaviour.slowest_answer_min - 10.0)
    return fast + (noticed - fast) * min(late, 1.0)


@quick
@given(behaviours(), st.floats(0.0, 1.0, exclude_max=True))
def test_time_to_notice_is_the_inverse_of_its_distribution(behaviour: Behaviour, u: float) -> None:
    """The share of alerts noticed within the time that dice u give is u."""
    minutes = minutes_to_notice(behaviour, u)
    if minutes is None:
        assert u >= 1.0 - behaviour.never_answered
    else:
        assert 0.0 <= minutes <= behaviour.slowest_answer_min + 1e-9
        assert share_noticed_by(behaviour, minutes) == pytest.approx(u, abs=1e-9)


@quick
@given(behaviours())
def test_never_answered_is_its_share(behaviour: Behaviour) -> None:
    """Of evenly spread dice the stated share is never noticed."""
    dice = (np.arange(4_000) + 0.5) / 4_000
    never = sum(minutes_to_notice(behaviour, float(u)) is None for u in dice)
    assert never == pytest.approx(4_000 * behaviour.never_answered, abs=1)


@quick
@given(behaviours(), st.floats(0.0, 0.999), st.floats(0.0, 0.999))
def test_greater_dice_never_notice_sooner(behaviour: Behaviour, one: float, other: float) -> None:
    """Time to notice rises with the dice, never being the latest of all."""
    low, high = (
        minutes_to_notice(behaviour, min(one, other)),
        minutes_to_notice(behaviour, max(one, other)),
    )
    assert high is None or (low is not None and low <= high)


clocks = st.integers(0, US_PER_DAY - 1)


@quick
@given(st.integers(0, 23), st.integers(0, 23), clocks)
def test_sleep_runs_from_its_start_to_its_end(falls: int, wakes: int, clock: int) -> None:
    """A person sleeps from one clock time until the other, past midnight or not."""
    person = Behaviour.model_validate(
        {"asleep_from": f"{falls:02}:00", "asleep_until": f"{wakes:02}:00"}
    )
    since, length = (clock // US_PER_HOUR - falls) % 24, (wakes - falls) % 24
    assert is_asleep(person, clock) == (since < length)


def written(behaviour: Behaviour) -> dict[str, Any]:
    """Return a behaviour as a scenario would write its numbers."""
    return {
        name: format_clock(value)[:5] if name.startswith("asleep") else value
        for name, value in behaviour.model_dump().items()
    }


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_profile_is_within_its_ranges(name: str) -> None:
    """The numbers of every profile pass the checks that a scenario's own numbers pass."""
    assert Behaviour.model_validate(written(PROFILES[name])) == PROFILES[name]


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_profile_leaves_room_for_late_answers(name: str) -> None:
    """In every profile fast and never answered alerts are at most all alerts."""
    assert PROFILES[name].answered_fast + PROFILES[name].never_answered <= 1.0


def test_every_number_of_behaviour_is_an_assumption() -> None:
    """Each number has a range, a unit and a source."""
    for name, field in Behaviour.model_fields.items():
        if field.annotation in (float, int) and not name.startswith("asleep"):
            extra = field.json_schema_extra
            assert isinstance(extra, dict)
            assert extra["assumption"] is True
            assert extra["source"]
            assert extra["unit"]


def test_careful_people_are_more_careful() -> None:
    """From inattentive to attentive each share moves towards the careful end."""
    lax, typical, careful = (PROFILES[each] for each in ("inattentive", "typical", "attentive"))
    for name in ("answered_fast", "wakes_to_alert", "cancel_unexpected_bolus"):
        assert getattr(lax, name) < getattr(typical, name) < getattr(careful, name)
    for name in ("missed_bolus", "carb_error_cv", "never_answered"):
        assert getattr(lax, name) > getattr(typical, name) > getattr(careful, name)
