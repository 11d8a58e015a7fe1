"""Half-duplex, capture, turns, and the work that a frame costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.protocol.frames import BROADCAST, DATA, encode_header
from testbed.radio import PLACES, Medium, Position, RadioSettings
from testbed.radio.collisions import is_captured
from testbed.radio.loss import Loss
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import NO_CAUSE, FrameLost, FrameSent, Recorder

quick = settings(derandomize=True, deadline=None, max_examples=80)

AIRTIME = 14 * RadioSettings().airtime_us_per_byte


@dataclass(eq=False)
class Listener:
    """A node that remembers what it heard, and when."""

    name: str
    address: bytes = b"\0\0\0\0"
    promiscuous: bool = True
    gain_dB: float = 0.0
    heard: list[bytes] = field(default_factory=list)
    answers: Any = None

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame."""
        self.heard.append(data)
        if self.answers is not None:
            self.answers(data)


class Air:
    """A medium with its clock and its recorder, without shadowing unless asked for."""

    def __init__(self, **radio: float) -> None:
        self.env = Simulation()
        self.recorder = Recorder()
        numbers = {"shadowing_sd_dB": 0.0, **radio}
        self.medium = Medium(
            self.env, self.recorder, Streams(20220920, 0), RadioSettings(**numbers), PLACES
        )

    def node(self, name: str, x: float, place: str = "cafe", **more: Any) -> Listener:
        """Put a new node on the air."""
        node = Listener(name, **more)
        self.medium.place(node, Position(place, x))
        return node

    def send_at(self, t: int, sender: Listener, data: bytes, waits: bool = False) -> None:
        """Have ``sender`` send at an instant to come."""
        self.env.later(
            t - self.env.now,
            lambda _: self.medium.transmit(sender, data, NO_CAUSE, waits=waits) and None,
        )

    def run(self) -> dict[tuple[str, bytes], str]:
        """Run to the end; return why which node missed which frame."""
        self.env.run_to(self.env.now + 60_000_000)
        events = self.recorder.events()
        lost = {}
        for event in events:
            if type(event) is FrameLost:
                cause = events[event.cause]
                assert type(cause) is FrameSent
                lost[event.node, cause.data] = event.why
        return lost


def frame(number: int, to: bytes = BROADCAST) -> bytes:
    """Return a frame that can be told from others."""
    return encode_header(DATA, b"FROM", to, number)


A, B = frame(1), frame(2)
margins = st.floats(-40.0, 60.0)


@quick
@given(margins, st.lists(margins, max_size=5), st.floats(0.0, 10.0))
def test_capture_is_by_the_sum_of_the_others(
    margin: float, others: list[float], protection: float
) -> None:
    """A frame is captured if its power is at least the ratio times the sum of the others'."""
    signal, sum_ = 10 ** (margin / 10), sum(10 ** (each / 10) for each in others)
    if not math.isclose(signal, sum_ * 10 ** (protection / 10), rel_tol=1e-9):
        expected = signal > sum_ * 10 ** (protection / 10)
        assert is_captured(margin, others, protection) == expected


def test_capture_needs_the_whole_ratio() -> None:
    """Exactly the protection ratio is enough; a hair less is not."""
    assert is_captured(13.0, [10.0], 3.0)
    assert not is_captured(12.999, [10.0], 3.0)


@quick
@given(st.lists(margins, min_size=2, max_size=5), st.floats(0.01, 10.0))
def test_at_most_one_frame_is_captured(levels: list[float], protection: float) -> None:
    """Of frames that overlap at a listener never more than one is received."""
    captured = [
        is_captured(level, levels[:i] + levels[i + 1 :], protection)
        for i, level in enumerate(levels)
    ]
    assert sum(captured) <= 1


def meeting(offset: int, gain_dB: float) -> tuple[dict[tuple[str, bytes], str], Listener]:
    """Have two nodes as far from a listener send, one with a gain and some time later."""
    air = Air()
    weak, strong = air.node("weak", -2.0), air.node("strong", 2.0, gain_dB=gain_dB)
    listener = air.node("listener", 0.0)
    air.send_at(0, weak, A)
    air.send_at(offset, strong, B)
    return air.run(), listener


@quick
@given(st.integers(0, 2 * AIRTIME), st.floats(0.0, 20.0))
def test_two_frames_at_once(offset: int, gain: float) -> None:
    """Of two frames that overlap the stronger by 3 dB is received, otherwise neither."""
    lost, listener = meeting(offset, gain)
    if offset >= AIRTIME:
        assert listener.heard == [A, B]
    else:
        heard = [B] if gain >= 3.0 else []
        assert listener.heard == heard
        assert lost["listener", A] == "collision"
        assert lost.get(("listener", B)) == (None if heard else "collision")


@pytest.mark.parametrize(("offset", "both"), [(AIRTIME - 1, False), (AIRTIME, True)])
def test_overlap_is_to_the_microsecond(offset: int, both: bool) -> None:
    """A frame that begins as another ends does not overlap with it."""
    assert (len(meeting(offset, 0.0)[1].heard) == 2) == both


def test_a_collision_is_at_the_listener() -> None:
    """Two frames that collide for one listener may each reach another that hears one alone."""
    air = Air()
    left, right = air.node("left", 0.0), air.node("right", 60.0)
    near_left, middle = air.node("near left", 1.0), air.node("middle", 30.0)
    near_right = air.node("near right", 59.0)
    air.send_at(0, left, A)
    air.send_at(1, right, B)
    lost = air.run()
    assert (near_left.heard, middle.heard, near_right.heard) == ([A], [], [B])
    assert lost["middle", A] == lost["middle", B] == "collision"


def test_what_is_out_of_reach_disturbs_nobody() -> None:
    """A frame in another place at the same instant collides with nothing."""
    air = Air()
    here, there = air.node("here", 0.0), air.node("there", 0.0, "home")
    listener = air.node("listener", 2.0)
    air.send_at(0, here, A)
    air.send_at(0, there, B)
    assert not air.run()
    assert listener.heard == [A]


@quick
@given(st.integers(-2 * AIRTIME, 2 * AIRTIME))
def test_a_sending_node_hears_nothing_that_overlaps(offset: int) -> None:
    """Half-duplex: two nodes that send at once miss each other's frames, however near."""
    air = Air()
    one, other = air.node("one", 0.0), air.node("other", 0.1)
    air.send_at(2 * AIRTIME, one, A)
    air.send_at(2 * AIRTIME + offset, other, B)
    lost = air.run()
    if abs(offset) < AIRTIME:
        assert not one.heard + other.heard
        assert lost == {("one", B): "half-duplex", ("other", A): "half-duplex"}
    else:
        assert (one.heard, other.heard, lost) == ([B], [A], {})


@quick
@given(st.integers(1, 6), st.booleans())
def test_a_node_sends_one_frame_after_the_other(count: int, waits: bool) -> None:
    """Frames handed over at one instant go out in that order, back to back, and all arrive."""
    air = Air()
    sender, listener = air.node("sender", 0.0), air.node("listener", 1.0)
    arrived = []
    listener.answers = lambda _: arrived.append(air.env.now)
    for number in range(count):
        air.send_at(0, sender, frame(number), waits)
    assert not air.run()
    assert listener.heard == [frame(number) for number in range(count)]
    assert arrived == [AIRTIME * (number + 1) for number in range(count)]


sendings = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3 * AIRTIME)), min_size=1, max_size=12
)


@quick
@given(sendings)
def test_nodes_that_wait_and_hear_each_other_never_collide(
    sent: Sequence[tuple[int, int]],
) -> None:
    """Everyone gets every frame once, and each sender's in the order it sent them."""
    air = Air()
    nodes = [air.node(f"n{i}", 0.2 * i) for i in range(4)]
    for number, (who, t) in enumerate(sent):
        air.send_at(t, nodes[who], frame(number), waits=True)
    assert not air.run()
    for i, node in enumerate(nodes):
        assert len(node.heard) == sum(who != i for who, _ in sent)
        for j in range(4):
            mine = sorted((t, number) for number, (who, t) in enumerate(sent) if who == j)
            of_j = [data for data in node.heard if data in {frame(n) for _, n in mine}]
            assert of_j == ([frame(n) for _, n in mine] if i != j else [])


def test_an_answer_goes_before_what_waits() -> None:
    """Who answers a frame as it ends is not made to miss the next frame of its sender."""
    air = Air()
    asker, answerer = air.node("asker", 0.0), air.node("answerer", 1.0)
    reply = frame(99)

    def answer(data: bytes) -> None:
        if data == A:
            air.medium.transmit(answerer, reply, NO_CAUSE)

    answerer.answers = answer
    air.send_at(0, asker, A, waits=True)
    air.send_at(0, asker, B, waits=True)
    assert not air.run()
    assert answerer.heard == [A, B]
    assert asker.heard == [reply]


def test_a_flood_does_not_shut_out_those_who_wait() -> None:
    """A node with many frames to send lets another's in after the one that waited longer."""
    air = Air()
    flooder, node, listener = (air.node(name, i) for i, name in enumerate(["f", "n", "l"]))
    for number in range(50):
        air.send_at(0, flooder, frame(100 + number), waits=True)
    air.send_at(10, node, A, waits=True)
    assert not air.run()
    assert listener.heard.index(A) == 2
    assert len(listener.heard) == 51


def test_who_does_not_hear_the_other_does_not_wait() -> None:
    """Hidden from each other, two nodes collide at a listener between them."""
    air = Air()
    left, right = air.node("left", 0.0), air.node("right", 60.0)
    middle = air.node("middle", 30.0)
    air.send_at(0, left, A, waits=True)
    air.send_at(1, right, B, waits=True)
    lost = air.run()
    assert not middle.heard
    assert lost["middle", A] == "collision"


@quick
@given(sendings, st.booleans(), st.floats(0.5, 40.0))
def test_a_silent_listener_changes_nothing_for_others(
    sent: Sequence[tuple[int, int]], waits: bool, where: float
) -> None:
    """Collisions, losses and all: with one more listener, others hear and miss the same."""
    heard = []
    for with_spy in (False, True):
        air = Air(shadowing_sd_dB=6.0)
        if with_spy:
            air.node("spy", where, gain_dB=20.0)
        nodes = [air.node(f"n{i}", 8.0 * i) for i in range(4)]
        for number, (who, t) in enumerate(sent):
            air.send_at(t, nodes[who], frame(number), waits)
        lost = air.run()
        heard.append(
            (
                [node.heard for node in nodes],
                {key: why for key, why in lost.items() if key[0] != "spy"},
            )
        )
    assert heard[0] == heard[1]


def work(
    monkeypatch: pytest.MonkeyPatch, elsewhere: int, far_off: int, made_up: bool
) -> tuple[int, int]:
    """Return how many links are looked at, and listeners visited, for a hundred frames."""
    air = Air()
    sender, listener = air.node("sender", 0.0), air.node("listener", 1.0)
    for number in range(elsewhere):
        air.node(f"elsewhere {number}", 1.0, "home")
    for number in range(far_off):
        air.node(f"far off {number}", 5_000.0)
    air.send_at(0, sender, A)
    air.send_at(0, sender, frame(0, b"NONE"))
    air.run()
    links = visits = 0
    margin_dB, hear = Loss.margin_dB, Listener.hear

    def counted_margin(*args: Any) -> float:
        nonlocal links
        links += 1
        return margin_dB(*args)

    def counted_hear(*args: Any) -> None:
        nonlocal visits
        visits += 1
        hear(*args)

    with monkeypatch.context() as patch:
        patch.setattr(Loss, "margin_dB", counted_margin)
        patch.setattr(Listener, "hear", counted_hear)
        for number in range(100):
            to = f"X{number:03}".encode() if made_up else BROADCAST
            air.send_at(air.env.now, sender, frame(number, to))
            air.send_at(air.env.now, listener, frame(number, to), waits=True)
        air.run()
    return links, visits


@pytest.mark.parametrize("made_up", [False, True])
def test_a_frame_costs_nothing_for_nodes_out_of_range(
    monkeypatch: pytest.MonkeyPatch, made_up: bool
) -> None:
    """A thousand nodes elsewhere or far off add nothing to the work of a frame."""
    alone = work(monkeypatch, 0, 0, made_up)
    assert work(monkeypatch, 1_000, 0, made_up) == alone
    links, visits = work(monkeypatch, 0, 1_000, made_up)
    assert visits == alone[1]
    assert links <= alone[0] + 1_000  # once, for the one that had not sent before
