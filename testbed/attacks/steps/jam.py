"""``jam``: make noise where a frame of one kind is expected, or all the time.

The attacker cannot read what it stops.  It tells readings by their length and by their coming at
a steady interval, which it learns by listening; an answer comes as soon as a request has been
heard; and what comes at no known time can only be met with as much noise as the radio allows
(``radio.jam_duty_limit``).  The pump tells the person when no reading has come for long.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from testbed.attacks.commands import is_data_of, size_of
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.frames import decode_header
from testbed.protocol.payloads import BolusRequest, CgmReading
from testbed.settings import NO_PUBLISHED_RATE, Duration, assumed_duration

_KNOWS, _JAMS = "knows when to make noise", "makes noise"


class Jam(Step):
    """Keep frames of one kind, or all, from being heard."""

    do: Literal["jam"] = "jam"
    """The step's name."""
    what: Literal["readings", "answers", "everything"] = "readings"
    """What to jam: sensor readings, the pump's answers to boluses asked for, or all frames."""
    lasts: Duration = assumed_duration(
        "2h",
        ge="1s",
        le="336h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="For how long the attacker jams, listening included.",
    )
    burst: Duration = assumed_duration(
        "50ms",
        ge="1ms",
        le="60s",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long one burst of noise lasts, unless the radio's limit cuts it.",
    )
    pause: Duration = assumed_duration(
        "450ms",
        ge="0s",
        le="60s",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long the attacker pauses between two bursts that are to jam everything.",
    )

    soonest: Duration = assumed_duration(
        "1min",
        ge="10s",
        le="5min",
        unit="s",
        source=f"sensors send every one to five minutes; for what an attacker takes for too soon "
        f"{NO_PUBLISHED_RATE}",
        description="How soon after a frame of a reading's length another one of its sender may "
        "be the next reading, to an attacker that jams readings; one that comes sooner is none.",
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of whoever is to hear nothing.",
        "Its noise is loud enough there beside the frames, and lasts long enough.",
    )
    gates: ClassVar[tuple[str, ...]] = (_KNOWS, _JAMS)
    stride: ClassVar[frozenset[str]] = frozenset("D")

    def run(self, situation: Situation) -> Process:
        """Jam in the way that fits what is to be jammed, until it has lasted long enough."""
        noise = _Noise(situation, self.burst)
        ends = situation.env.timeout(self.lasts)
        if self.what == "readings":
            yield from self._readings(situation, noise, ends)
        elif self.what == "answers":
            yield from self._answers(situation, noise, ends)
        else:
            noise.knows("at any time")
            while not ends.processed:
                busy = noise.make() + self.pause
                yield situation.env.timeout(busy or self.burst) | ends
        if noise.cause is None:
            situation.gate(self.do, _KNOWS, False, "nothing like it was heard twice")

    def _readings(self, situation: Situation, noise: _Noise, ends: Any) -> Process:
        """Learn from two frames of one sender when the next is due, and make noise around it."""
        env, ear = situation.env, situation.antenna.listen()
        size = size_of(situation, CgmReading(0, 0))
        last: dict[bytes, int] = {}
        interval: dict[bytes, int] = {}
        while not ends.processed:
            due = {sender: last[sender] + every for sender, every in interval.items()}
            sender = min(due, key=due.__getitem__, default=None)
            alarm = env.event()
            if sender is not None:
                # The clock says when the frame was through: half of the noise goes before that.
                alarm = env.timeout(max(0, due[sender] - self.burst // 2 - env.now))
            yield ear.wait() | alarm | ends
            heard = ear.take()
            if heard is not None:
                if is_data_of(heard.data, size):
                    self._learn(decode_header(heard.data)[1], env.now, last, interval)
                    if interval and noise.cause is None:
                        noise.knows("by the interval of the frames")
            elif sender is not None and alarm.processed:
                last[sender] = due[sender]
                yield env.timeout(noise.make())

    def _learn(
        self, sender: bytes, now: int, last: dict[bytes, int], interval: dict[bytes, int]
    ) -> None:
        """Take note of a frame; frames that were missed make an interval too long, never short.

        Other frames of the same length (of a rotation of keys) come in one go.
        """
        if sender in last and now > last[sender]:
            since = now - last[sender]
            if since < self.soonest:
                return
            interval[sender] = min(interval.get(sender, since), since)
        last[sender] = now

    def _answers(self, situation: Situation, noise: _Noise, ends: Any) -> Process:
        """Make noise as soon as a request has been heard."""
        ear = situation.antenna.listen()
        size = size_of(situation, BolusRequest(0, 0))
        while not ends.processed:
            yield ear.wait() | ends
            heard = ear.take()
            if heard is not None and is_data_of(heard.data, size):
                if noise.cause is None:
                    noise.knows("after a request")
                noise.make()


class _Noise:
    """The noise of one step, and the gates that it comes to."""

    def __init__(self, situation: Situation, burst: int) -> None:
        self._situation = situation
        self._burst = burst
        self._made = False
        self.cause: int | None = None

    def knows(self, how: str) -> None:
        """Write down that it knows when to make noise."""
        self.cause = self._situation.gate(Jam.model_fields["do"].default, _KNOWS, True, how)

    def make(self) -> int:
        """Make noise; return for how long the radio let it, microseconds."""
        cause = self.cause if self.cause is not None else -1
        granted = self._situation.antenna.jam(self._burst, cause)
        if granted and not self._made:
            self._made = True
            self._situation.gate(Jam.model_fields["do"].default, _JAMS, True)
        return granted
