"""A trace is written once, read often, and the same to the byte."""

from __future__ import annotations

import base64
import json

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.trace import (
    NO_CAUSE,
    Acted,
    Alerted,
    AnyEvent,
    Event,
    FrameSent,
    Moved,
    Recorder,
    Trace,
)

quick = settings(derandomize=True, deadline=None)

events = st.lists(
    st.one_of(
        st.builds(Moved, st.integers(0, 10**9), st.just(-1), st.text(), st.text()),
        st.builds(FrameSent, st.integers(0, 10**9), st.just(-1), st.text(), st.binary()),
        st.builds(
            Acted,
            st.integers(0, 10**9),
            st.just(-1),
            st.text(),
            st.text(),
            st.floats(0, 100).map(lambda x: round(x, 3)),
        ),
    ),
    max_size=8,
)


def trace_of(recorded: list[Event], glucose: float = 100.0) -> Trace:
    """Return a trace of two minutes with some events."""
    return Trace(
        tuple(recorded),
        np.full(3, glucose),
        np.array([1, 2], dtype=np.int64),
        np.zeros(2),
    )


@quick
@given(events)
def test_a_position_finds_its_event(recorded: list[Event]) -> None:
    """What the recorder returns for an event is where the trace has it."""
    recorder = Recorder()
    positions = [recorder.record(event) for event in recorded]
    trace = trace_of(list(recorder.events()))
    assert [trace.events[at] for at in positions] == recorded
    assert list(trace) == recorded
    assert len(trace) == len(recorded)


@quick
@given(events, st.sampled_from([Moved, FrameSent, Acted, Alerted]))
def test_events_of_a_kind_are_all_of_that_kind(recorded: list[Event], kind: type[Event]) -> None:
    """Each event of a kind is found, with its position, in order, and no other."""
    found = list(trace_of(recorded).of(kind))
    assert found == [(at, event) for at, event in enumerate(recorded) if type(event) is kind]


def test_causes_lead_back_to_the_root() -> None:
    """From an event its causes come one by one, up to one that nothing led to."""
    chain = [Alerted(at, at - 1, "pump", "kind") for at in range(5)]
    assert list(trace_of(chain).causes(3)) == chain[3::-1]
    assert not list(trace_of(chain).causes(NO_CAUSE))


@quick
@given(events)
def test_a_trace_can_be_read_back(recorded: list[Event]) -> None:
    """Each line but the last decodes to its event, and the last has the series."""
    lines = trace_of(recorded).jsonl().splitlines()
    read = [msgspec.json.decode(line, type=AnyEvent) for line in lines[:-1]]
    assert read == recorded
    assert json.loads(lines[-1]) == {
        "event": "series",
        "plasma_mgdl": [100.0] * 3,
        "insulin_nU": [1, 2],
        "carbs_g": [0.0, 0.0],
    }


def test_bytes_are_written_in_base64() -> None:
    """The bytes of a frame stand in the file in base64."""
    line = trace_of([FrameSent(5, NO_CAUSE, "pump", b"\x00\xff")]).jsonl().splitlines()[0]
    assert json.loads(line) == {
        "event": "frame-sent",
        "t": 5,
        "cause": -1,
        "node": "pump",
        "data": base64.b64encode(b"\x00\xff").decode(),
    }


@quick
@given(events, events)
def test_a_fingerprint_tells_runs_apart(one: list[Event], other: list[Event]) -> None:
    """Two runs have one fingerprint exactly if their events are the same."""
    same = trace_of(one).fingerprint() == trace_of(other).fingerprint()
    assert same == ([*map(repr, one)] == [*map(repr, other)])


def test_a_fingerprint_does_not_see_the_last_bits() -> None:
    """A difference in glucose below half a thousandth is not seen, a larger one is."""
    prints = [trace_of([], 100.0 + x).fingerprint() for x in (0.0, 1e-9, 0.002)]
    assert prints[0] == prints[1] != prints[2]


def test_what_is_recorded_cannot_be_changed() -> None:
    """Events are frozen, and a recorder's events are handed out as a copy."""
    recorder = Recorder()
    recorder.record(Moved(0, NO_CAUSE, "wearer", "home"))
    with pytest.raises(AttributeError):
        recorder.events()[0].t = 5
    first = recorder.events()
    recorder.record(Moved(1, NO_CAUSE, "wearer", "work"))
    assert len(first) == 1
