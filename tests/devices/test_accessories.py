"""Further devices: linked and heard like others, and taken from only what they may ask."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from testbed.devices import ACCESSORIES, Accessory, PumpSettings
from testbed.devices.accessories.accessory import ASKED_FOR
from testbed.protocol.payloads import BolusRequest, HistoryReply, HistoryRequest, Payload
from testbed.scenario.model import Scenario
from testbed.trace import FrameSent, Linked
from testbed.world import live

from .conftest import Rig

FOLLOWED = {
    "title": "followed",
    "time": {"start": "11:00", "duration": "1h"},
    "device": {"follower": {"owned": True}},
}


def _senders(written: dict[str, Any]) -> list[str]:
    trace = live(Scenario.from_written(written, "followed"), 0, attack=False)
    return [event.node for event in trace.events if isinstance(event, FrameSent)]


def test_follower_asks_and_is_answered() -> None:
    """An owned follower asks every five minutes, and the pump answers; one not owned is silent."""
    senders = _senders(FOLLOWED)
    assert senders.count("follower") == 11  # the twelfth is due as the hour ends
    assert senders.count("pump") >= 10
    assert "follower" not in _senders({**FOLLOWED, "device": {}})


def test_it_is_linked_when_the_scenario_says() -> None:
    """With an appointment both sides are linked by the system's method, and nothing before it."""
    written = {**FOLLOWED, "pairing": [{"device": "follower", "at": "11:30"}]}
    trace = live(Scenario.from_written(written, "followed"), 0, attack=False)
    linked = [event for event in trace.events if isinstance(event, Linked)]
    assert len(linked) == 2
    first = next(e for e in trace.events if isinstance(e, FrameSent) and e.node == "follower")
    assert first.t >= 30 * 60_000_000


def test_appointment_of_what_is_taken_away_comes_to_nothing() -> None:
    """A run in which a mitigation took the device away goes on without its linking."""
    written = {**FOLLOWED, "device": {}, "pairing": [{"device": "follower", "at": "11:30"}]}
    assert "follower" not in _senders(written)


@pytest.mark.parametrize("kind", ACCESSORIES.values(), ids=list(ACCESSORIES))
def test_pump_takes_what_it_asks_and_nothing_else(kind: type[Accessory]) -> None:
    """Over a link of its kind the pump has someone take exactly the payloads in ``asks``."""
    rig = Rig(pump=PumpSettings())
    takes = rig.pump.endpoint._takes
    assert {payload for name, payload in takes if name == kind.name} == set(kind.asks)


def test_everything_that_may_be_asked_for_is_taken_from_someone() -> None:
    """Whatever an accessory may state in ``asks`` a pump takes already."""
    taken = {payload for _, payload in Rig().pump.endpoint._takes}
    assert set(ASKED_FOR) <= taken


@pytest.mark.parametrize(
    ("called", "asked", "words"),
    [
        ("metering", (BolusRequest,), "three first letters"),
        ("display", (HistoryReply,), "asks: expected some of"),
        ("display", (), "asks: expected one, found none"),
    ],
)
def test_wrong_kind_cannot_be_defined(
    called: str, asked: tuple[type[Payload], ...], words: str
) -> None:
    """A class that a pump could not tell apart, or that asks for what none takes, is refused."""
    with pytest.raises(TypeError, match=words):

        class Wrong(Accessory):
            name: ClassVar[str] = called
            about: ClassVar[str] = "wrong"
            asks: ClassVar[tuple[type[Payload], ...]] = asked


def test_follower_commands_nothing() -> None:
    """The one device of this package only reads."""
    assert ACCESSORIES["follower"].asks == (HistoryRequest,)
