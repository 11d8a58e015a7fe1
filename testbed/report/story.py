"""One run as a story, cause by cause: a pure function of its trace and its twin's.

What a person did, what the attacker tried and what the pump made of it are moments, each under
the moment that led to it.  Routine, such as the readings of a sensor, is counted instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from testbed.attacks import NODE
from testbed.outcomes import METRICS
from testbed.outcomes.facts import Facts
from testbed.outcomes.origins import Origin
from testbed.report.sentences import is_counted, named, sentence
from testbed.report.traces import who
from testbed.trace import (
    NO_CAUSE,
    Attacked,
    FrameLost,
    FrameOverheard,
    FrameRefused,
    FrameSent,
    Moved,
    PairingOpened,
    ReadingStored,
    RunStarted,
    Trace,
)
from testbed.units import US_PER_MIN, format_clock, to_units

_LOWS: Final = (70, 54)
"""mg/dL; the consensus limits of hypoglycaemia of level 1 and 2."""

_HIGH: Final = 250
"""mg/dL; the limit of hyperglycaemia of level 2 of the same consensus."""
_BY_DECEIT: Final = {
    "miscued_U": "came because of false readings",
    "missed_U": "did not come that would have without the attacker",
}
"""Metrics of harm in units beside what an attacker gives, in words."""


@dataclass(slots=True)
class Moment:
    """Something that is told, and what it led to.

    Attributes:
        event: Position in the trace; ``None`` for what the body did.
        t: Microseconds since the scenario's start.
        clock: The time of the day, ``HH:MM``, with ``+Nd`` on later days.
        who: Whose moment it is, as in the trace.
        text: What happened, as a sentence.
        because: Position of the moment that led to it, or ``None``.
        times: How often it happened; the same thing again is told once.
        until: The time of the day at which it happened last.
        led_to: The moments that it led to, in order.
    """

    event: int | None
    t: int
    clock: str
    who: str
    text: str
    because: int | None = None
    times: int = 1
    until: str = ""
    led_to: list[Moment] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the moment as plain data, what it led to inside it."""
        told = {
            name: getattr(self, name)
            for name in ("event", "t", "clock", "who", "text", "because", "times", "until")
        }
        return {**told, "led_to": [each.as_json() for each in self.led_to]}


@dataclass(frozen=True, slots=True)
class Story:
    """A run, told.

    Attributes:
        moments: What nothing that is told led to, in the order of time.
        meanwhile: What was only counted, in sentences.
        ending: What came of it, in sentences.
        numbers: The same for programs: glucose in mg/dL, insulin in U, times in minutes.
    """

    moments: tuple[Moment, ...]
    meanwhile: tuple[str, ...]
    ending: tuple[str, ...]
    numbers: dict[str, Any]

    def walk(self) -> Iterator[tuple[int, Moment]]:
        """Yield how deep each moment stands, and the moment, cause before effect."""
        stack = [(0, each) for each in reversed(self.moments)]
        while stack:
            depth, moment = stack.pop()
            yield depth, moment
            stack += [(depth + 1, each) for each in reversed(moment.led_to)]


def tell(trace: Trace, twin: Trace) -> Story:
    """Return the story of a run.

    Args:
        trace: The run.
        twin: The same run without the attacker, or the run itself where nobody attacks.
    """
    start = next((event.start_us for _, event in trace.of(RunStarted)), 0)
    moments = _moments(trace, start)
    moments.append(_lowest(trace, twin, start))
    moments.sort(key=lambda moment: moment.t)
    numbers = _numbers(trace, twin)
    return Story(
        tuple(moments),
        tuple(_meanwhile(trace, start)),
        tuple(_ending(trace, twin, numbers)),
        numbers,
    )


def clock_of(t: int, start: int) -> str:
    """Return a simulated time as ``HH:MM``, with ``+Nd`` after midnight."""
    time, _, day = format_clock(t, start).partition(" ")
    return f"{time[:5]} {day}".rstrip()


def _moments(trace: Trace, start: int) -> list[Moment]:
    """Return what is told and nothing that is told led to; the rest hangs on it."""
    told: dict[int, Moment] = {}
    same: dict[tuple[Any, ...], Moment] = {}
    roots: list[Moment] = []
    for position, event in enumerate(trace):
        if isinstance(event, RunStarted) or is_counted(trace, position):
            continue
        above = _told_cause(trace, position, told)
        text = sentence(trace, position)
        clock = clock_of(event.t, start)
        # A frame that is refused again and again is one thing, whatever each came from.
        key = (type(event), text, None if isinstance(event, FrameRefused) else id(above))
        again = same.get(key)
        if again is not None and (key[2] is None or above is not None or again is roots[-1]):
            told[position] = again
            again.times += 1
            again.until = clock
            continue
        because = None if above is None else above.event
        same[key] = told[position] = Moment(position, event.t, clock, who(event), text, because)
        (roots if above is None else above.led_to).append(told[position])
    return roots


def _told_cause(trace: Trace, position: int, told: dict[int, Moment]) -> Moment | None:
    """Return the nearest moment on the way back from an event."""
    cause = trace.events[position].cause
    while cause != NO_CAUSE:
        if cause in told:
            return told[cause]
        cause = trace.events[cause].cause
    return None


def _lowest(trace: Trace, twin: Trace, start: int) -> Moment:
    minute = int(np.argmin(trace.plasma_mgdl))
    text = f"Glucose is at its lowest: {trace.plasma_mgdl[minute]:.1f} mg/dL"
    if twin is not trace:
        text += f"; without the attacker it would be {twin.plasma_mgdl[minute]:.1f} now"
    t = minute * US_PER_MIN
    return Moment(None, t, clock_of(t, start), "body", text)


def _meanwhile(trace: Trace, start: int) -> Iterator[str]:
    """Yield what was counted: who did it, how often, from when until when."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    last: dict[tuple[str, str], int] = {}
    for position, event in enumerate(trace):
        if isinstance(event, FrameSent):
            what = "sent {} frame{s}"
        elif isinstance(event, FrameOverheard):
            what = "overheard {} frame{s}"
        elif not is_counted(trace, position):
            continue
        elif isinstance(event, FrameLost):
            what = f"missed {{}} frame{{s}} ({event.why})"
        elif isinstance(event, ReadingStored):
            what = f"stored {{}} reading{{s}} of the {event.source}"
        else:
            continue
        key = (who(event), what)
        counts[key] += 1
        first.setdefault(key, event.t)
        last[key] = event.t
    for key, count in counts.items():
        node, what = key
        said = f"{named(node)} {what.format(count, s='' if count == 1 else 's')}"
        since, until = (clock_of(each[key], start) for each in (first, last))
        yield f"{said[:1].upper()}{said[1:]}, {since}" + (f" to {until}" if until != since else "")


def _numbers(trace: Trace, twin: Trace) -> dict[str, Any]:
    calm = Facts(twin)

    def side(run: Trace) -> dict[str, Any]:
        facts = calm if run is twin else Facts(run)
        return {
            "lowest_mgdl": round(float(run.plasma_mgdl.min()), 1),
            "highest_mgdl": round(float(run.plasma_mgdl.max()), 1),
            **{f"below_{low}_min": int((facts.held_mgdl < low).sum()) for low in _LOWS},
            f"above_{_HIGH}_min": int((facts.held_mgdl > _HIGH).sum()),
            **{name: METRICS[name].of(facts, calm) for name in _BY_DECEIT},
            "insulin_U": {o.value: to_units(facts.by_origin[o]) for o in Origin},
            "carbs_g": round(float(run.carbs_g.sum()), 1),
        }

    attacked = side(trace)
    return {"attacked": attacked, "twin": attacked if twin is trace else side(twin)}


def _ending(trace: Trace, twin: Trace, numbers: dict[str, Any]) -> Iterator[str]:
    here, there = numbers["attacked"], numbers["twin"]
    theirs = here["insulin_U"][Origin.ATTACKER.value]
    if twin is trace:
        yield "Nobody attacks in this run."
    elif theirs:
        yield f"{theirs:.3g} U of the insulin are the attacker's."
    else:
        yield "None of the insulin is the attacker's."
        yield from _why_not(trace)
    for name, words in _BY_DECEIT.items():
        if here[name]:
            yield f"{here[name]:.3g} U of insulin {words}."
    origins = ", ".join(f"{u:.3g} U {o}" for o, u in here["insulin_U"].items() if u)
    yield f"Insulin by origin: {origins or 'none'}."
    for name, words in (
        ("lowest_mgdl", "Lowest glucose {:.1f} mg/dL"),
        *((f"below_{low}_min", f"{{:g}} min below {low} mg/dL") for low in _LOWS),
        ("highest_mgdl", "Highest glucose {:.1f} mg/dL"),
        (f"above_{_HIGH}_min", f"{{:g}} min above {_HIGH} mg/dL"),
    ):
        said = words.format(here[name])
        yield said + ("." if twin is trace else f"; without the attacker {there[name]:g}.")


def _why_not(trace: Trace) -> Iterator[str]:
    """Yield how far the attack came, and what in the run kept it from going on."""
    *_, last = (None, *(event for _, event in trace.of(Attacked)))
    if last is None:
        yield "The attacker waited for something to attack, and it never came."
    else:
        note = f" ({last.note})" if last.note else ""
        answer = "yes" if last.passed else "no"
        yield f"Its last attempt was {last.step}: {last.gate}: {answer}{note}."
    heard = {event.cause for _, event in trace.of(FrameOverheard)}
    start = next((event.start_us for _, event in trace.of(RunStarted)), 0)
    acts = dict.fromkeys(event.cause for _, event in trace.of(PairingOpened))
    linkings: dict[tuple[str, str], set[int]] = {}
    for act in acts:
        if act == NO_CAUSE or isinstance(trace.events[act], Attacked):
            continue
        at = trace.events[act].t
        place = next((e.place for _, e in reversed([*trace.of(Moved)]) if e.t <= at), "nowhere")
        linkings.setdefault((clock_of(at, start), place), set()).update(
            position
            for position, event in trace.of(FrameSent)
            if event.node != NODE and act in _causes(trace, position)
        )
    for (clock, place), frames in linkings.items():
        if frames:
            yield (
                f"The linking of {clock} was at: {place}; the attacker heard "
                f"{len(heard & frames)} of its {len(frames)} frames."
            )


def _causes(trace: Trace, position: int) -> Iterator[int]:
    while (position := trace.events[position].cause) != NO_CAUSE:
        yield position
