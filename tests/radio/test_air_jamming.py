"""Jamming: how far noise lowers a margin, and how long it may last."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from testbed.protocol.frames import BROADCAST, DATA, encode_header
from testbed.radio import PLACES, Medium, Position, RadioSettings
from testbed.radio.jamming import DutyLimit, noise_rise_dB
from testbed.radio.loss import miss_probability
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import NO_CAUSE, FrameLost, Jammed, Recorder
from testbed.units import US_PER_S

quick = settings(derandomize=True, deadline=None, max_examples=80)

ERROR_RATE = 1e-6
"""Share of seeds with which a right implementation would fail one statistical test."""

FRAME = encode_header(DATA, b"FROM", BROADCAST, 0)
AIRTIME = len(FRAME) * RadioSettings().airtime_us_per_byte
WINDOW = 1_000


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
    """A sender, a listener 2 m off and a jammer on the other side of it, in a cafe."""

    def __init__(self, jammer_m: float = 4.0, gain_dB: float = 0.0, **radio: float) -> None:
        self.env = Simulation()
        self.recorder = Recorder()
        numbers = {"shadowing_sd_dB": 0.0, "jam_duty_limit": 1.0, **radio}
        self.settings = RadioSettings(**numbers)
        self.medium = Medium(self.env, self.recorder, Streams(20220920, 0), self.settings, PLACES)
        self.sender, self.listener = Listener("sender"), Listener("listener")
        self.jammer = Listener("jammer", gain_dB=gain_dB)
        self.medium.place(self.sender, Position("cafe", -2.0))
        self.medium.place(self.listener, Position("cafe"))
        self.medium.place(self.jammer, Position("cafe", jammer_m))

    def send(self) -> None:
        """Send a frame now."""
        self.medium.transmit(self.sender, FRAME, NO_CAUSE)

    def jam(self, duration: int) -> int:
        """Jam from now on."""
        return self.medium.jam(self.jammer, duration, NO_CAUSE)

    def wait(self, duration: int) -> None:
        """Let time pass."""
        self.env.run_to(self.env.now + duration)

    def lost(self, node: str = "listener") -> list[str]:
        """Return why a node missed frames."""
        events = self.recorder.events()
        return [e.why for e in events if type(e) is FrameLost and e.node == node]


def jammed_miss(air: Air) -> float:
    """Return how often the listener misses a frame while the jammer is on."""
    margin = air.medium.margin_dB(air.sender, air.listener)
    level = air.medium.margin_dB(air.jammer, air.listener)
    rise = noise_rise_dB([level], air.settings.protection_dB)
    return miss_probability(margin - rise, air.settings.slope_dB)


@quick
@given(st.floats(-60.0, 60.0), st.floats(0.0, 10.0))
def test_noise_rises_by_what_reaches_the_listener(level: float, protection: float) -> None:
    """The rise is 10 log10(1 + J), J being the jammer's power over the noise."""
    rise = noise_rise_dB([level], protection)
    power = 10 ** ((level + protection) / 10)
    assert 10 ** (rise / 10) - 1 == pytest.approx(power, rel=1e-9, abs=1e-9)


@quick
@given(st.floats(-60.0, 60.0), st.floats(0.0, 10.0))
def test_weak_noise_is_nothing_and_strong_noise_counts_in_full(
    level: float, protection: float
) -> None:
    """The rise is at least what reaches the listener, at most 3.01 dB more, never negative."""
    rise = noise_rise_dB([level], protection)
    assert max(0.0, level + protection) <= rise + 1e-9
    assert rise <= max(0.0, level + protection) + 10 * math.log10(2) + 1e-9
    assert noise_rise_dB([-math.inf], protection) == 0.0


@pytest.mark.parametrize("gain", [-30.0, -6.0, 0.0, 3.0, 5.0, 10.0])
def test_losses_rise_as_the_margin_falls(gain: float) -> None:
    """Under noise the share of frames lost is that of the lower margin (binomial test)."""
    air = Air(gain_dB=gain)
    expected, frames = jammed_miss(air), 2_000
    for _ in range(frames):
        air.jam(AIRTIME + 2)
        air.wait(1)
        air.send()
        air.wait(1_000_000)
    assert set(air.lost()) <= {"jammed"}
    assert stats.binomtest(len(air.lost()), frames, expected).pvalue > ERROR_RATE


@quick
@given(st.floats(-20.0, 20.0), st.floats(0.0, 10.0))
def test_a_stronger_jammer_loses_no_frame_less(gain: float, more: float) -> None:
    """The dice are the same: what is lost to a jammer is lost to a stronger one too."""
    lost = []
    for each in (gain, gain + more):
        air = Air(gain_dB=each)
        missed = []
        for _ in range(30):
            before = len(air.lost())
            air.jam(AIRTIME)
            air.send()
            air.wait(1_000_000)
            missed.append(len(air.lost()) > before)
        lost.append(missed)
    assert all(strong or not weak for weak, strong in zip(*lost, strict=True))


@pytest.mark.parametrize(
    ("start", "end", "hit"),
    [
        (-500, 0, False),
        (-500, 1, True),
        (100, 101, True),
        (AIRTIME - 1, AIRTIME + 500, True),
        (AIRTIME, AIRTIME + 500, False),
    ],
)
def test_noise_counts_where_it_overlaps(start: int, end: int, hit: bool) -> None:
    """Noise counts if it is on during any microsecond of a frame, and not otherwise."""
    air = Air(jammer_m=0.5, gain_dB=20.0)
    air.env.later(1_000 + start, lambda _: air.jam(end - start) and None)
    air.env.later(1_000, lambda _: air.send())
    air.wait(1_000_000)
    assert air.lost() == (["jammed"] if hit else [])


def test_noise_in_another_place_is_not_heard() -> None:
    """A jammer elsewhere changes nothing."""
    air = Air(gain_dB=20.0)
    air.medium.place(air.jammer, Position("home", 0.5))
    air.jam(1_000_000)
    air.send()
    air.wait(1_000_000)
    assert air.listener.heard == [FRAME]


def test_jammers_add_up() -> None:
    """Two jammers lower a margin more than one, by the sum of their powers."""
    assert noise_rise_dB([20.0, 20.0], 3.0) == pytest.approx(noise_rise_dB([23.0103], 3.0))


def test_a_jamming_node_is_deaf() -> None:
    """Half-duplex: who jams hears no frame that overlaps with its noise."""
    air = Air(jammer_m=1.0)
    air.jam(1)
    air.send()
    air.wait(1_000_000)
    air.send()
    air.wait(1_000_000)
    assert air.lost("jammer") == ["half-duplex"]
    assert air.jammer.heard == [FRAME]


def test_a_node_jams_and_sends_one_after_the_other() -> None:
    """A jammer's own frame waits until its noise is over, and its noise for its frame."""
    air = Air(gain_dB=20.0)
    air.jam(5_000)
    air.medium.transmit(air.jammer, FRAME, NO_CAUSE, waits=False)
    air.wait(5_000 + AIRTIME)
    assert not air.listener.heard
    air.wait(1)
    assert air.listener.heard == [FRAME]
    air.medium.transmit(air.jammer, FRAME, NO_CAUSE)
    air.jam(5_000)
    air.wait(10_000)
    assert len(air.listener.heard) == 2


def test_noise_does_not_keep_others_from_sending() -> None:
    """Nodes wait for frames that they hear, not for noise."""
    air = Air(jammer_m=50.0)
    air.jam(1_000_000)
    air.send()
    air.wait(AIRTIME + 1)
    assert air.listener.heard == [FRAME]


def test_what_would_be_lost_anyway_is_not_put_down_to_noise() -> None:
    """A frame that the dice lose without noise is lost for its margin, with noise or not."""
    whys = []
    for jams in (False, True):
        air = Air(margin_at_1m_dB=10.0, gain_dB=20.0)
        for _ in range(200):
            if jams:
                air.jam(AIRTIME)
            air.send()
            air.wait(1_000_000)
        whys.append(air.lost())
    quiet, noisy = whys
    assert 0 < len(quiet) == noisy.count("margin")
    assert len(noisy) > len(quiet)


requests = st.lists(st.tuples(st.integers(0, 800), st.integers(0, 1_500)), min_size=1, max_size=15)


def time_on(bursts: list[tuple[int, int]], window_end: int) -> int:
    """Return for how long bursts are on in the window that ends at an instant."""
    edge = window_end - WINDOW
    return sum(max(0, min(last, window_end) - max(first, edge)) for first, last in bursts)


@quick
@given(requests, st.integers(0, WINDOW))
def test_no_window_exceeds_the_duty_limit(asked: list[tuple[int, int]], budget: int) -> None:
    """However it is asked for, no sliding window holds more noise than the limit allows."""
    limit, now, bursts = DutyLimit(budget / WINDOW, WINDOW), 0, []
    for pause, duration in asked:
        now += pause
        granted = limit.grant(now, duration)
        assert 0 <= granted <= duration
        bursts.append((now, now + granted))
        now += granted
    # The time on in a window only changes its slope where a burst, or a window, begins or ends.
    corners = {edge + shift for burst in bursts for edge in burst for shift in (0, WINDOW)}
    assert max(time_on(bursts, corner) for corner in corners) <= budget


@quick
@given(requests, st.integers(0, WINDOW - 1))
def test_the_duty_limit_cuts_no_sooner_than_it_must(
    asked: list[tuple[int, int]], budget: int
) -> None:
    """A burst that was cut would, a microsecond longer, have broken the limit."""
    limit, now, bursts = DutyLimit(budget / WINDOW, WINDOW), 0, []
    for pause, duration in asked:
        now += pause
        granted = limit.grant(now, duration)
        longer = [*bursts, (now, now + granted + 1)]
        if granted < duration:
            assert time_on(longer, now + granted + 1) > budget
        bursts.append((now, now + granted))
        now += granted


def test_a_steady_jammer_gets_its_share() -> None:
    """Who asks for everything all the time jams for the limit's share, and it is recorded."""
    air = Air(jam_duty_limit=0.1)
    for _ in range(1_000):
        air.jam(10_000)
        air.wait(10_000)
    events = [event for event in air.recorder.events() if type(event) is Jammed]
    assert len(events) == 1_000
    assert {event.asked_us for event in events} == {10_000}
    assert sum(event.granted_us for event in events) == 10 * US_PER_S // 10
    assert events[9].granted_us == 10_000
    assert events[10].granted_us == 0


def test_without_a_limit_nothing_is_cut() -> None:
    """With the whole window as the limit a burst lasts as long as it was asked to."""
    air = Air(jam_duty_limit=1.0)
    assert air.jam(3_600 * US_PER_S) == 3_600 * US_PER_S


def test_each_node_has_a_limit_of_its_own() -> None:
    """One jammer's noise takes nothing from another's limit."""
    air = Air(jam_duty_limit=0.1)
    assert air.jam(US_PER_S) == US_PER_S // 10
    assert air.medium.jam(air.sender, US_PER_S, NO_CAUSE) == US_PER_S // 10


def test_time_does_not_run_backwards() -> None:
    """A negative duration is refused, with the value."""
    with pytest.raises(ValueError, match="negative duration -1"):
        Air().jam(-1)
