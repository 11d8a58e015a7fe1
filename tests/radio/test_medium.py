"""Who hears which bytes: by place, distance, address and dice, and by nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from testbed.protocol.frames import BROADCAST, DATA, encode_header
from testbed.radio import PLACES, Medium, Position, RadioSettings
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import FrameLost, FrameSent, Recorder

quick = settings(derandomize=True, deadline=None, max_examples=80)

SEED = 20220920
ERROR_RATE = 1e-6
SETTINGS = RadioSettings(shadowing_sd_dB=0.0)
"""Distance alone decides."""
SHADOWED = RadioSettings(shadowing_sd_dB=8.0)

place_names = st.sampled_from(sorted(PLACES))
distances = st.floats(0.1, 1000.0)
gains = st.floats(0.0, 20.0)


@dataclass(eq=False)
class Listener:
    """A node that remembers what it heard."""

    name: str
    address: bytes = b"\0\0\0\0"
    promiscuous: bool = False
    gain_dB: float = 0.0
    heard: list[tuple[bytes, int]] = field(default_factory=list)

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame."""
        self.heard.append((data, cause))


class Air:
    """A medium with its clock and its recorder."""

    def __init__(self, radio: RadioSettings = SETTINGS) -> None:
        self.env = Simulation()
        self.recorder = Recorder()
        self.medium = Medium(self.env, self.recorder, Streams(SEED, 0), radio, PLACES)

    def send(self, sender: Listener, data: bytes, to_the_end: bool = True) -> int:
        """Put a frame on the air and wait until it has come down."""
        sent = self.medium.transmit(sender, data, -1)
        if to_the_end:
            self.env.run_to(self.env.now + 1_000_000)
        return sent


def frame(to: bytes, number: int = 1) -> bytes:
    """Return a frame for an address."""
    return encode_header(DATA, b"FROM", to, number)


def pair(distance_m: float, place: str = "cafe", gain_dB: float = 0.0) -> tuple[Air, Listener]:
    """Return an air with a sender and a promiscuous listener some distance apart."""
    air = Air()
    sender, listener = Listener("sender", gain_dB=gain_dB), Listener("listener", promiscuous=True)
    air.medium.place(sender, Position(place))
    air.medium.place(listener, Position(place, distance_m))
    return air, sender


def margin(distance_m: float, place: str = "cafe", gain_dB: float = 0.0) -> float:
    """Return the margin of a link over a distance."""
    air, sender = pair(distance_m, place, gain_dB)
    listener = Listener("listener", promiscuous=True)
    return air.medium.margin_dB(sender, listener)


@quick
@given(place_names, distances, distances)
def test_margin_falls_with_distance(place: str, one: float, other: float) -> None:
    """Of two distances the greater never has the greater margin."""
    near, far = sorted((one, other))
    assert margin(near, place) >= margin(far, place)


@quick
@given(place_names, st.floats(0.1, 100.0))
def test_margin_falls_by_ten_n_a_decade(place: str, distance: float) -> None:
    """Ten times the distance costs 10 n dB, n being the place's path loss exponent."""
    lost = margin(distance, place) - margin(10 * distance, place)
    assert lost == pytest.approx(10 * PLACES[place].path_loss_exponent)


@quick
@given(place_names)
def test_margin_at_one_metre_is_the_setting(place: str) -> None:
    """Over 1 m the margin is the setting's, in every place."""
    assert margin(1.0, place) == pytest.approx(SETTINGS.margin_at_1m_dB)


@quick
@given(place_names, st.floats(0.2, 50.0), gains)
def test_gain_extends_range(place: str, distance: float, gain: float) -> None:
    """With gain g a link is as good at 10^(g/10n) times the distance."""
    farther = distance * 10 ** (gain / (10 * PLACES[place].path_loss_exponent))
    assert margin(farther, place, gain) == pytest.approx(margin(distance, place))


@pytest.mark.parametrize("place", sorted(PLACES))
def test_half_the_frames_are_missed_without_margin(place: str) -> None:
    """At margin 0 the probability to miss a frame is one half."""
    distance = 10 ** (SETTINGS.margin_at_1m_dB / (10 * PLACES[place].path_loss_exponent))
    air, sender = pair(distance, place)
    missed = air.medium.miss_probability(sender, Listener("listener"))
    assert missed == pytest.approx(0.5)


@quick
@given(distances, distances)
def test_misses_rise_with_distance(one: float, other: float) -> None:
    """The probability to miss a frame is one, and never falls with distance."""
    near, far = (
        air.medium.miss_probability(sender, Listener("listener"))
        for air, sender in map(pair, sorted((one, other)))
    )
    assert 0.0 <= near <= far <= 1.0


@pytest.mark.parametrize("margin_dB", [-3.0, -1.0, 0.0, 1.0, 3.0, 6.0])
def test_share_of_frames_lost_is_the_probability(margin_dB: float) -> None:
    """Of many frames the share lost fits the stated probability (exact binomial test)."""
    distance = 10 ** ((SETTINGS.margin_at_1m_dB - margin_dB) / 25)
    air, sender = pair(distance)
    frames = 4_000
    for number in range(frames):
        air.env.run_to(air.env.now + 1_000)
        air.send(sender, frame(BROADCAST, number), to_the_end=False)
    air.env.run_to(air.env.now + 1_000_000)
    lost = sum(type(event) is FrameLost for event in air.recorder.events())
    expected = air.medium.miss_probability(sender, Listener("listener"))
    assert expected == pytest.approx(1 / (1 + math.exp(margin_dB / SETTINGS.slope_dB)))
    assert stats.binomtest(lost, frames, expected).pvalue > ERROR_RATE


@quick
@given(place_names, place_names, distances, gains)
def test_places_do_not_hear_each_other(
    place: str, other: str, distance: float, gain: float
) -> None:
    """Nodes hear each other in one place within reach, and never between two places."""
    air = Air()
    sender = Listener("sender", gain_dB=gain)
    listener = Listener("listener", promiscuous=True, gain_dB=gain)
    air.medium.place(sender, Position(place))
    air.medium.place(listener, Position(other, distance))
    air.send(sender, frame(BROADCAST))
    if place != other:
        assert air.medium.margin_dB(sender, listener) == -math.inf
        assert not listener.heard
        assert all(type(event) is FrameSent for event in air.recorder.events())
    elif distance < 2:
        assert len(listener.heard) == 1


@quick
@given(st.sampled_from([b"AAAA", b"BBBB", b"CCCC", BROADCAST, b""]))
def test_address_filter(to: bytes) -> None:
    """A frame reaches its addressee and promiscuous nodes; a broadcast reaches everyone."""
    air = Air()
    sender = Listener("sender", b"SEND")
    nodes = [
        Listener("a", b"AAAA"),
        Listener("b", b"BBBB"),
        Listener("nosy", b"NOSY", promiscuous=True),
    ]
    for node in (sender, *nodes):
        air.medium.place(node, Position("home"))
    data = frame(to) if to else b""
    sent = air.send(sender, data)
    for node in nodes:
        expected = node.promiscuous or to in (node.address, BROADCAST)
        assert node.heard == ([(data, sent)] if expected else [])
    assert not sender.heard


Traffic = Sequence[tuple[int, bytes]]
positions = st.lists(st.floats(0.0, 30.0), min_size=3, max_size=3)
traffic = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([b"N000", b"N001", b"N002", BROADCAST])),
    max_size=15,
)


def receptions(where: Sequence[float], said: Traffic, with_listener: bool) -> list[object]:
    """Return what three nodes heard and missed, with or without a listener among them."""
    air = Air(SHADOWED)
    nodes = [Listener(f"n{i}", f"N{i:03}".encode()) for i in range(len(where))]
    spy = Listener("spy", promiscuous=True, gain_dB=10.0)
    if with_listener:
        air.medium.place(spy, Position("cafe", 5.0))
    for node, x in zip(nodes, where, strict=True):
        air.medium.place(node, Position("cafe", x))
    for number, (sender, to) in enumerate(said):
        air.send(nodes[sender], frame(to, number))
    lost = [(e.t, e.node) for e in air.recorder.events() if type(e) is FrameLost]
    return [
        [each for each in lost if each[1] != "spy"],
        *([data for data, _ in node.heard] for node in nodes),
    ]


@quick
@given(positions, traffic)
def test_a_listener_changes_nothing_for_others(where: list[float], said: Traffic) -> None:
    """With a promiscuous listener among them, nodes hear and miss the same frames."""
    assert receptions(where, said, True) == receptions(where, said, False)


def test_a_removed_node_hears_nothing() -> None:
    """A node that is off the air hears nothing, and is heard again when it comes back."""
    air = Air()
    sender, listener = Listener("sender"), Listener("listener", promiscuous=True)
    air.medium.place(sender, Position("home"))
    heard = []
    for here in (True, False, True):
        if here:
            air.medium.place(listener, Position("home", 1.0))
        else:
            air.medium.remove(listener)
        air.send(sender, frame(BROADCAST))
        heard.append(len(listener.heard))
    assert heard == [1, 1, 2]


def test_a_node_removed_while_a_frame_is_on_the_air_misses_it() -> None:
    """What counts is where the listener is when the frame has come down."""
    air = Air()
    sender, listener = Listener("sender"), Listener("listener", promiscuous=True)
    air.medium.place(sender, Position("home"))
    air.medium.place(listener, Position("home", 1.0))
    air.send(sender, frame(BROADCAST), to_the_end=False)
    air.medium.remove(listener)
    air.env.run_to(1_000_000)
    assert not listener.heard


def test_a_node_that_moves_is_heard_where_it_is() -> None:
    """Moving out of reach, to another place and back changes what is heard at once."""
    air = Air()
    sender, listener = Listener("sender"), Listener("listener", promiscuous=True)
    air.medium.place(sender, Position("cafe"))
    for position, reached in (
        (Position("cafe", 2.0), True),
        (Position("cafe", 900.0), False),
        (Position("home", 2.0), False),
        (Position("cafe", 2.0), True),
    ):
        air.medium.place(listener, position)
        before = len(listener.heard)
        air.send(sender, frame(BROADCAST))
        assert (len(listener.heard) > before) == reached


@quick
@given(st.integers(0, 254), st.integers(8, 1000))
def test_a_frame_comes_down_after_its_airtime(size: int, us_per_byte: int) -> None:
    """A frame of n bytes arrives n airtimes after it was sent, not a microsecond sooner."""
    air = Air(RadioSettings(airtime_us_per_byte=us_per_byte))
    sender, listener = Listener("sender"), Listener("listener", promiscuous=True)
    for node in (sender, listener):
        air.medium.place(node, Position("home"))
    air.send(sender, bytes(size), to_the_end=False)
    air.env.run_to(size * us_per_byte)
    assert not listener.heard
    air.env.run_to(size * us_per_byte + 1)
    assert len(listener.heard) == 1


def test_made_up_addresses_do_not_change_who_hears() -> None:
    """After a flood of frames for made-up addresses a node still hears its own frames."""
    air = Air()
    sender, listener = Listener("sender"), Listener("listener", b"MINE")
    for node in (sender, listener):
        air.medium.place(node, Position("home"))
    for number in range(1_000):
        air.send(sender, frame(number.to_bytes(4, "big")))
    air.send(sender, frame(b"MINE"))
    assert [data for data, _ in listener.heard] == [frame(b"MINE")]
