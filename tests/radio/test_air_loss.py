"""Loss: distance, shadowing and bodies, each by its closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from testbed.protocol.frames import BROADCAST, DATA, encode_header
from testbed.radio import PLACES, Medium, Position, RadioSettings
from testbed.radio.loss import NEAREST_M, distance_loss_dB, miss_probability, power_sum_dB
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import NO_CAUSE, FrameLost, Recorder

quick = settings(derandomize=True, deadline=None, max_examples=60)

SEED = 20220920
ERROR_RATE = 1e-6
"""Share of seeds with which a right implementation would fail one statistical test."""


@dataclass(eq=False)
class Listener:
    """A node that remembers what it heard."""

    name: str
    address: bytes = b"\0\0\0\0"
    promiscuous: bool = True
    gain_dB: float = 0.0
    heard: list[bytes] = field(default_factory=list)

    def hear(self, data: bytes, cause: int) -> None:
        """Take a frame."""
        self.heard.append(data)


class Air:
    """A medium with its clock and its recorder."""

    def __init__(self, replicate: int = 0, **radio: float) -> None:
        self.env = Simulation()
        self.recorder = Recorder()
        self.settings = RadioSettings(**radio)
        self.medium = Medium(
            self.env, self.recorder, Streams(SEED, replicate), self.settings, PLACES
        )

    def margin(self, one: Position, other: Position) -> float:
        """Return the margin between two fresh nodes."""
        a, b = Listener("a"), Listener("b")
        self.medium.place(a, one)
        self.medium.place(b, other)
        return self.medium.margin_dB(a, b)


def shadowing(replicate: int, sd: float) -> float:
    """Return what shadowing costs two nodes 1 m apart in one replicate."""
    air = Air(replicate, shadowing_sd_dB=sd)
    return air.settings.margin_at_1m_dB - air.margin(Position("cafe"), Position("cafe", 1.0))


@quick
@given(st.floats(1.5, 5.0), st.floats(0.1, 100.0))
def test_a_decade_of_distance_costs_ten_n(exponent: float, distance: float) -> None:
    """Ten times the distance costs 10 n dB, and 1 m costs nothing."""
    lost = distance_loss_dB(exponent, 10 * distance) - distance_loss_dB(exponent, distance)
    assert lost == pytest.approx(10 * exponent)
    assert distance_loss_dB(exponent, 1.0) == 0.0


def test_nothing_is_nearer_than_the_nearest() -> None:
    """Nodes on top of each other are as good as 0.1 m apart."""
    assert distance_loss_dB(2.0, 0.0) == distance_loss_dB(2.0, NEAREST_M)


@quick
@given(st.floats(-60.0, 60.0), st.floats(0.5, 4.0))
def test_misses_are_logistic_in_the_margin(margin: float, slope: float) -> None:
    """The log odds of hearing a frame are margin over slope."""
    miss = miss_probability(margin, slope)
    assert 0.0 < miss <= 1.0
    if abs(margin / slope) < 30:
        assert math.log((1 - miss) / miss) == pytest.approx(margin / slope, rel=1e-3, abs=1e-9)


@quick
@given(st.floats(-100.0, 100.0), st.integers(1, 50))
def test_powers_add(level: float, count: int) -> None:
    """Equal powers together are 10 log10(count) above one of them."""
    assert power_sum_dB([level] * count) == pytest.approx(level + 10 * math.log10(count))


def test_no_powers_are_minus_infinity() -> None:
    """Nothing, and what does not reach at all, adds nothing."""
    assert power_sum_dB([]) == power_sum_dB([-math.inf]) == -math.inf
    assert power_sum_dB([3.0, -math.inf]) == pytest.approx(3.0)


@pytest.mark.parametrize("sd", [3.0, 4.0, 12.0])
def test_shadowing_is_normal_with_the_setting_as_its_sd(sd: float) -> None:
    """Over replicates shadowing fits N(0, sd^2) (Kolmogorov-Smirnov test)."""
    drawn = [shadowing(replicate, sd) for replicate in range(1_000)]
    assert stats.kstest(drawn, stats.norm(0.0, sd).cdf).pvalue > ERROR_RATE


def test_shadowing_scales_with_the_setting() -> None:
    """The dice do not depend on the spread: twice the spread is twice the loss, 0 is none."""
    assert shadowing(0, 8.0) == pytest.approx(2 * shadowing(0, 4.0))
    assert shadowing(0, 0.0) == 0.0


@quick
@given(st.integers(0, 1000), st.floats(0.1, 100.0), st.floats(0.0, 20.0))
def test_a_link_is_the_same_both_ways(replicate: int, distance: float, gain: float) -> None:
    """Margins, shadowing included, do not depend on who sends, nor on who was asked first."""
    margins = set()
    for turned in (False, True):
        air = Air(replicate)
        one, other = Listener("one", gain_dB=gain), Listener("other")
        air.medium.place(one, Position("cafe", body="wearer"))
        air.medium.place(other, Position("cafe", distance))
        pair = (other, one) if turned else (one, other)
        margins |= {air.medium.margin_dB(*pair), air.medium.margin_dB(*pair[::-1])}
    assert len(margins) == 1


def test_shadowing_stays_while_both_stay() -> None:
    """Time, being placed again where one is, and others' moves leave a link as it is."""
    air = Air()
    one, other, third = Listener("one"), Listener("other"), Listener("third")
    air.medium.place(one, Position("cafe"))
    air.medium.place(other, Position("cafe", 4.0))
    before = air.medium.margin_dB(one, other)
    air.env.run_to(3_600_000_000)
    air.medium.place(one, Position("cafe"))
    air.medium.place(third, Position("cafe", 2.0))
    air.medium.remove(third)
    assert air.medium.margin_dB(one, other) == before


@pytest.mark.parametrize("comes", ["one", "other"])
@pytest.mark.parametrize("away", [Position("home"), None])
def test_shadowing_is_drawn_anew_for_each_visit(comes: str, away: Position | None) -> None:
    """When either comes back, from another place or from nowhere, the link is another one."""
    air = Air()
    nodes = {name: Listener(name) for name in ("one", "other")}
    spots = {"one": Position("cafe"), "other": Position("cafe", 4.0)}
    for name, node in nodes.items():
        air.medium.place(node, spots[name])
    before = air.medium.margin_dB(nodes["one"], nodes["other"])
    air.env.run_to(60_000_000)
    if away is None:
        air.medium.remove(nodes[comes])
    else:
        air.medium.place(nodes[comes], away)
    air.medium.place(nodes[comes], spots[comes])
    assert air.medium.margin_dB(nodes["one"], nodes["other"]) != before


@quick
@given(st.integers(0, 1000), st.booleans())
def test_shadowing_does_not_depend_on_who_else_is_there(replicate: int, before: bool) -> None:
    """A third node, come earlier or later, leaves the link of two others as it is."""
    margins = set()
    for with_third in (False, True):
        air = Air(replicate)
        one, other, third = Listener("one"), Listener("other"), Listener("middle")
        if with_third and before:
            air.medium.place(third, Position("cafe", 1.0))
        air.medium.place(one, Position("cafe"))
        air.env.run_to(1_000_000)
        air.medium.place(other, Position("cafe", 4.0))
        if with_third and not before:
            air.medium.place(third, Position("cafe", 1.0))
        margins.add(air.medium.margin_dB(one, other))
    assert len(margins) == 1


def test_pairs_have_shadowing_of_their_own() -> None:
    """Two listeners at one spot do not share their luck."""
    air = Air()
    sender = Listener("sender")
    air.medium.place(sender, Position("cafe"))
    listeners = [Listener(f"listener {i}") for i in range(20)]
    for listener in listeners:
        air.medium.place(listener, Position("cafe", 4.0))
    assert len({air.medium.margin_dB(sender, each) for each in listeners}) == 20


@quick
@given(st.floats(0.0, 30.0))
def test_each_worn_end_costs_the_body_loss(body_loss: float) -> None:
    """A link off the body loses the body loss once at each end that is worn."""
    air = Air(shadowing_sd_dB=0.0, body_loss_dB=body_loss)
    at = Position("cafe", 2.0)
    open_air = air.margin(Position("cafe"), at)
    worn = air.margin(Position("cafe", body="wearer"), at)
    both = air.margin(Position("cafe", body="wearer"), at._replace(body="partner"))
    assert (worn, both) == pytest.approx((open_air - body_loss, open_air - 2 * body_loss))


@quick
@given(st.integers(0, 1000), st.floats(0.0, 0.5), st.sampled_from(sorted(PLACES)))
def test_one_body_has_a_margin_of_its_own(replicate: int, apart: float, place: str) -> None:
    """On one body neither place nor distance nor shadowing counts."""
    air = Air(replicate)
    one, other = Position(place, body="wearer"), Position(place, apart, body="wearer")
    assert air.margin(one, other) == air.settings.margin_on_body_dB


def test_devices_on_one_body_never_miss_each_other_by_default() -> None:
    """As shipped, no dice are thrown for a frame between worn devices."""
    air = Air()
    pump, cgm = Listener("pump"), Listener("cgm")
    for node in (pump, cgm):
        air.medium.place(node, Position("home", body="wearer"))
    assert air.medium.miss_probability(cgm, pump) < 1e-9


@pytest.mark.parametrize(
    ("place", "distance", "worn", "least", "most"),
    [
        ("cafe", 4.0, True, 0.98, 1.0),
        ("home", 1.0, True, 0.999, 1.0),
        ("cafe", 100.0, True, 0.0, 1e-3),
        ("bus", 1000.0, True, 0.0, 1e-3),
    ],
)
def test_ranges_as_shipped(
    place: str, distance: float, worn: bool, least: float, most: float
) -> None:
    """A stranger two tables away usually hears a worn device; across the street, never.

    The mean share of frames that arrive, over shadowing, by quadrature.
    """
    radio = RadioSettings()
    margin = radio.margin_at_1m_dB - worn * radio.body_loss_dB
    margin -= distance_loss_dB(PLACES[place].path_loss_exponent, distance)
    share = stats.norm(0.0, radio.shadowing_sd_dB).expect(
        lambda x: 1 - miss_probability(margin - x, radio.slope_dB)
    )
    assert least <= share <= most


def test_frames_arrive_as_the_margin_says() -> None:
    """Of many frames over one shadowed link the share lost fits (exact binomial test)."""
    air = Air(margin_at_1m_dB=10.0)
    sender, listener = Listener("sender"), Listener("listener")
    air.medium.place(sender, Position("cafe"))
    air.medium.place(listener, Position("cafe", 2.0))
    expected = air.medium.miss_probability(sender, listener)
    assert 0.01 < expected < 0.99
    frames = 4_000
    for _ in range(frames):
        air.medium.transmit(sender, encode_header(DATA, b"FROM", BROADCAST, 0), NO_CAUSE)
        air.env.run_to(air.env.now + 1_000_000)
    lost = [event.why for event in air.recorder.events() if type(event) is FrameLost]
    assert set(lost) == {"margin"}
    assert stats.binomtest(len(lost), frames, expected).pvalue > ERROR_RATE


@pytest.mark.parametrize("power_dB", [-20.0, -3.0, 4.0])
def test_what_is_sent_at_another_power_has_another_margin(power_dB: float) -> None:
    """A frame sent stronger by some dB is missed as often as at a margin higher by as much.

    4,000 frames: refused by chance in one of 10,000 (3.9 standard errors).
    """
    air = Air(shadowing_sd_dB=0.0, slope_dB=4.0)
    one, other = Listener("one"), Listener("other")
    air.medium.place(one, Position("cafe"))
    margin_dB = 2.0 - power_dB
    distance = 10 ** ((air.settings.margin_at_1m_dB - margin_dB) / 25.0)
    air.medium.place(other, Position("cafe", distance))
    frames = 4_000
    for _ in range(frames):
        air.medium.transmit_at(one, encode_header(DATA, bytes(4), BROADCAST, 0), -1, power_dB)
        air.env.run_to(air.env.now + 10_000)
    expected = miss_probability(margin_dB + power_dB, 4.0)
    missed = 1.0 - len(other.heard) / frames
    assert abs(missed - expected) < 3.9 * math.sqrt(expected * (1.0 - expected) / frames)


def test_at_no_other_power_nothing_is_different() -> None:
    """Sent at 0 dB more, frames arrive when and where they do otherwise, by the same dice."""
    heard = []
    for softly in (False, True):
        air = Air(shadowing_sd_dB=0.0)
        one, other = Listener("one"), Listener("other")
        air.medium.place(one, Position("cafe"))
        air.medium.place(other, Position("cafe", 35.0))
        for number in range(300):
            frame = encode_header(DATA, bytes(4), BROADCAST, number)
            if softly:
                air.medium.transmit_at(one, frame, NO_CAUSE, 0.0)
            else:
                air.medium.transmit(one, frame, NO_CAUSE)
            air.env.run_to(air.env.now + 10_000)
        heard.append([*air.recorder.events()])
    assert heard[0] == heard[1]
    assert any(isinstance(event, FrameLost) for event in heard[0])
