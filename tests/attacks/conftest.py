"""The cafe scenario, with the radio's shadowing off so that reach is a matter of distance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from testbed.api import load
from testbed.scenario import Scenario
from testbed.trace import Attacked, CommandAccepted, FrameSent, Trace
from testbed.world import live

CAFE = Path(__file__).parents[2] / "scenarios" / "cafe_pairing.toml"


@pytest.fixture(scope="session")
def cafe() -> Callable[..., Scenario]:
    """The means to make the cafe scenario; ``__`` stands for a dot in a key."""
    scenario = load(CAFE)

    def make(**changes: Any) -> Scenario:
        dotted = {key.replace("__", "."): value for key, value in changes.items()}
        return scenario.patched({"radio.shadowing_sd_dB": 0.0, **dotted})

    return make


@pytest.fixture(scope="session")
def attacked() -> Callable[..., Trace]:
    """The means to run a scenario with its attacker."""

    def run(scenario: Scenario, replicate: int = 0) -> Trace:
        return live(scenario, replicate, attack=True)

    return run


@pytest.fixture(scope="session")
def gates() -> Callable[[Trace], list[tuple[str, str, bool]]]:
    """Every gate of a run: step, gate, and whether it was passed."""
    return lambda trace: [(e.step, e.gate, e.passed) for _, e in trace.of(Attacked)]


@pytest.fixture(scope="session")
def injected() -> Callable[[Trace], list[int]]:
    """Positions of the frames that the attacker sent."""
    return lambda trace: [at for at, e in trace.of(FrameSent) if e.node == "attacker"]


@pytest.fixture(scope="session")
def accepted() -> Callable[[Trace], list[int]]:
    """Positions of the attacker's frames that a command was accepted for."""

    def find(trace: Trace) -> list[int]:
        causes = [event.cause for _, event in trace.of(CommandAccepted)]
        return [
            at
            for at in causes
            if isinstance(trace.events[at], FrameSent) and trace.events[at].node == "attacker"
        ]

    return find
