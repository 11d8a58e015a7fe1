"""One run as a story, cause by cause."""

from __future__ import annotations

import json
import typing
from pathlib import Path

import numpy as np
import pytest
from testbed.api import load, simulate
from testbed.attacks import NODE
from testbed.report.explained import Run
from testbed.report.sentences import is_counted, sentence
from testbed.report.story import Story, tell
from testbed.trace import NO_CAUSE, AnyEvent, Event, FrameSent, RunStarted, Trace
from testbed.units import NANOUNITS_PER_UNIT, US_PER_HOUR

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def attacked() -> Run:
    """A run of the cafe in which the attacker's bolus comes, and is cancelled."""
    scenario = load(SCENARIOS / "cafe_pairing.toml")
    runs = (simulate(scenario, "cancel-unexpected-bolus", replicate) for replicate in range(60))
    return next(run for run in runs if "cancels the bolus" in run.explain().text())


def _texts(story: Story) -> list[str]:
    return [moment.text for _, moment in story.walk()]


def test_chain_goes_from_the_attack_to_what_stopped_it(attacked: Run) -> None:
    """Attempt, command, bolus, alert, noticing, cancelling and end stand each under its cause."""
    depths: dict[str, int] = {}
    chain = ["knows whom to address: yes", "that the attacker sent"]
    chain += [
        "starts a bolus of 10 U, asked for over the air",
        "alerts: remote-bolus-started",
        "notices remote-bolus-started, not",
    ]
    chain += ["cancels the bolus"]
    for depth, moment in attacked.explain().story.walk():
        for words in chain:
            if words in moment.text:
                depths.setdefault(words, depth)
    assert [depths[words] for words in chain] == list(range(6))
    ends = [text for text in _texts(attacked.explain().story) if "in: cancelled" in text]
    units = attacked.outcome["unauthorised_U"]
    assert ends == [f"The bolus ends with {units:.3g} U in: cancelled"]


def test_every_event_is_told_or_counted_once(attacked: Run) -> None:
    """No event of a run is left out, and none is told twice: times and counts add up."""
    trace, story = attacked.trace, attacked.explain().story
    told = sum(moment.times for _, moment in story.walk() if moment.event is not None)
    counted = sum(is_counted(trace, position) for position in range(len(trace)))
    assert told + counted + 1 == len(trace)  # and the event that starts it


def test_effect_stands_under_a_cause_that_the_trace_names(attacked: Run) -> None:
    """What a moment stands under is on its way back through the trace, and came before it."""
    trace = attacked.trace
    for _, moment in attacked.explain().story.walk():
        for effect in moment.led_to:
            assert effect.event is not None
            way, position = [], effect.event
            while position != NO_CAUSE:
                position = trace.events[position].cause
                way.append(position)
            assert moment.event in way
            assert effect.because == moment.event


def test_numbers_are_those_of_the_metrics(attacked: Run) -> None:
    """Insulin of the attacker, lowest glucose and minutes below are what the metrics say."""
    numbers = attacked.explain().story.numbers
    for side, outcome in (("attacked", attacked.outcome), ("twin", attacked.twin.outcome)):
        assert numbers[side]["insulin_U"]["attacker"] == outcome["unauthorised_U"]
        assert numbers[side]["below_70_min"] == outcome["below_70_min"]
        assert numbers[side]["below_54_min"] == outcome["below_54_min"]
    total = sum(numbers["attacked"]["insulin_U"].values())
    assert total == pytest.approx(attacked.trace.insulin_nU.sum() / NANOUNITS_PER_UNIT)


@pytest.mark.parametrize(
    ("arm", "says"),
    [
        (
            "pair-in-private",
            [
                "None of the insulin is the attacker's.",
                "The attacker waited for something to attack, and it never came.",
                "was at: home; the attacker heard 0 of its 4 frames.",
            ],
        ),
        (
            "remote-bolus-off",
            [
                "None of the insulin is the attacker's.",
                "Its last attempt was remote-bolus: command accepted: no (feature-off).",
                "was at: cafe; the attacker heard 4 of its 4 frames.",
            ],
        ),
    ],
)
def test_attack_that_came_to_nothing_says_why(arm: str, says: list[str]) -> None:
    """Where nothing came of the attack, the story says how far it came and what it could hear."""
    ending = " ".join(
        simulate(load(SCENARIOS / "cafe_pairing.toml"), arm, 3).explain().story.ending
    )
    for words in says:
        assert words in ending


@pytest.mark.parametrize(
    ("file", "metric", "words"),
    [
        ("software_on_the_computer", "missed_U", "did not come that would have"),
        ("false_fingerstick", "miscued_U", "came because of false readings"),
    ],
)
def test_harm_by_less_or_by_deceit_is_told(file: str, metric: str, words: str) -> None:
    """Units that are missing, or that a false reading led to, stand at the end with highs."""
    scenario = load(SCENARIOS / f"{file}.toml")
    runs = (simulate(scenario, None, replicate) for replicate in range(20))
    run = next(run for run in runs if run.outcome[metric])
    ending = run.explain().story.ending
    (line,) = (each for each in ending if words in each)
    assert line.startswith(f"{run.outcome[metric]:.3g} U of insulin ")
    (high,) = (each for each in ending if "above 250 mg/dL" in each)
    assert high.startswith(f"{run.outcome['above_250_min']:g} min")


def test_twin_has_nobody_who_attacks(attacked: Run) -> None:
    """The story of the twin is that nobody attacks, and compares it with nothing."""
    told = attacked.twin.explain()
    assert told.story.ending[0] == "Nobody attacks in this run."
    assert "attacker" not in "".join(_texts(told.story))
    assert "without the attacker" not in told.text()


def test_refusal_that_comes_again_is_told_once() -> None:
    """The same thing over and over is one line that says how often and until when."""
    run = simulate(load(SCENARIOS / "code_typed_again.toml"), None, 1)
    lines = [line for line in run.explain().text().splitlines() if "another peer" in line]
    (line,) = lines
    assert "times, until 12:1" in line


def test_formats_have_the_same_moments(attacked: Run) -> None:
    """Text, Markdown and JSON tell the same moments in the same order."""
    told = attacked.explain()
    texts = _texts(told.story)
    data = json.loads(json.dumps(told.as_json(), allow_nan=False))
    assert data["run"]["arm"] == "cancel-unexpected-bolus"
    assert [each["text"] for each in data["moments"]] == [e.text for e in told.story.moments]
    for text in (told.text(), told.markdown(), repr(told)):
        places = [text.index(each) for each in texts]
        assert len(places) == len(texts)


VALUES = {"str": "x", "int": 7_200_000_000, "float": 1.5, "bool": True, "bytes": b"\x00" * 14}


@pytest.mark.parametrize("kind", typing.get_args(AnyEvent), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_has_words(kind: type[Event]) -> None:
    """Each kind of event is told in a sentence that has its numbers, from the trace alone."""
    named = {
        field: VALUES[str(annotation)]
        for each in kind.__mro__
        for field, annotation in getattr(each, "__annotations__", {}).items()
    }
    event = kind(**{**named, "cause": 1, "t": US_PER_HOUR})
    empty = np.zeros(2)
    started = RunStarted(0, NO_CAUSE, "p", 0, 60, 10.0, 40.0)
    events = (started, FrameSent(0, NO_CAUSE, NODE, b"\x00" * 14), event)
    said = sentence(Trace(events, empty, empty[:1].astype(int), empty[:1]), 2)
    assert said[0].isupper()
    assert f"{event.__struct_config__.tag}:" not in said  # as what has no words is told
    assert len(said.split()) > 2
    trace = Trace(events, np.full(61, 100.0), np.zeros(60, np.int64), np.zeros(60))
    if "nU" not in "".join(named) and "nanounits" not in named:
        assert tell(trace, trace).moments
