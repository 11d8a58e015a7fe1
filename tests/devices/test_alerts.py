"""Alerts begin soft, get louder, and ring again until somebody answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from testbed.devices import (
    CONFIRM_BOLUS,
    LOW_GLUCOSE,
    NO_SIGNAL,
    REMOTE_BOLUS,
    Loudness,
    PumpSettings,
)
from testbed.protocol.payloads import BolusRequest, CgmReading
from testbed.trace import Alerted
from testbed.units import US_PER_MIN, US_PER_S

quick = settings(derandomize=True, deadline=None, max_examples=60)

MakeRig = Callable[..., Any]


def rig_of(Rig: MakeRig, minutes: int = 180, **changes: Any) -> Any:
    """Return a rig at which nobody acknowledges."""
    changes.setdefault("no_signal_after", "24h")
    return Rig(minutes, PumpSettings.model_validate(changes), acknowledges=False)


def low(rig: Any) -> None:
    """Let the sensor read low, once."""
    rig.say(rig.peer("cgm"), CgmReading(60, 0))
    rig.run(US_PER_S)


@quick
@given(
    count=st.integers(1, 6),
    every=st.integers(1, 20),
    soft=st.integers(0, 6),
)
def test_an_alert_rings_so_often_so_far_apart_and_louder(
    Rig: MakeRig, count: int, every: int, soft: int
) -> None:
    """Unanswered it rings the stated number of times, the first of them only vibrating."""
    rig = rig_of(Rig, alert_rings=count, alert_repeat=f"{every}min", alert_vibrations=soft)
    loud: list[Loudness] = []
    rig.pump.when_alerting(
        lambda kind, _at: (
            rig.alerts.append((rig.env.now, kind)),
            loud.append(rig.pump.alert_loudness(kind)),
        )
    )
    low(rig)
    rig.finish()
    times = [t for t, _ in rig.alerts]
    assert times == [times[0] + n * every * US_PER_MIN for n in range(count)]
    assert loud == [Loudness.VIBRATION if n < soft else Loudness.SOUND for n in range(count)]


def test_an_acknowledged_alert_is_over(Rig: MakeRig) -> None:
    """Once acknowledged it rings no more; acknowledging again finds nothing."""
    rig = rig_of(Rig)
    low(rig)
    assert rig.pump.alerts_on_screen == (LOW_GLUCOSE,)
    assert rig.pump.alert_since(LOW_GLUCOSE) is not None
    assert rig.pump.press_acknowledge(LOW_GLUCOSE)
    assert not rig.pump.press_acknowledge(LOW_GLUCOSE)
    assert rig.pump.alert_loudness(LOW_GLUCOSE) is Loudness.SILENT
    assert rig.pump.alert_since(LOW_GLUCOSE) is None
    rig.finish()
    assert len(rig.alerts) == 1


def test_a_low_that_is_over_rings_no_more(Rig: MakeRig) -> None:
    """A reading above the threshold ends the alert."""
    rig = rig_of(Rig)
    low(rig)
    rig.say(rig.peer("cgm"), CgmReading(90, 1))
    rig.finish()
    assert len(rig.alerts) == 1


def test_a_sensor_that_is_back_ends_its_alert(Rig: MakeRig) -> None:
    """The alert of a missing sensor ends with the next reading."""
    rig = rig_of(Rig, no_signal_after="30min")
    rig.run(31 * US_PER_MIN)
    assert rig.pump.alerts_on_screen == (NO_SIGNAL,)
    rig.say(rig.peer("cgm"), CgmReading(120, 0))
    rig.run(US_PER_S)
    assert rig.pump.alerts_on_screen == ()


def test_an_answered_prompt_rings_no_more(Rig: MakeRig) -> None:
    """The alert of a prompt is over with the prompt, answered or timed out."""
    rig = rig_of(Rig, confirm_remote_bolus=True, alert_repeat="20s", prompt_timeout="50s")
    meter = rig.peer("meter")
    rig.say(meter, BolusRequest(500, 1))
    rig.run(30 * US_PER_S)
    rig.pump.press_answer(False)
    rig.run(30 * US_PER_MIN)
    assert [kind for _, kind in rig.alerts] == [CONFIRM_BOLUS] * 2
    rig.say(meter, BolusRequest(500, 2))
    rig.run(30 * US_PER_MIN)
    assert [kind for _, kind in rig.alerts] == [CONFIRM_BOLUS] * 5


def test_every_ring_is_written_down_with_one_cause(Rig: MakeRig) -> None:
    """Each ring is a line of the trace, all caused by what the alert is about."""
    rig = rig_of(Rig)
    rig.say(rig.peer("meter"), BolusRequest(500, 1))
    rig.finish()
    rings = rig.events(Alerted)
    assert [(ring.t, ring.kind) for ring in rings] == rig.alerts
    assert [ring.kind for ring in rings] == [REMOTE_BOLUS] * 3
    assert len({ring.cause for ring in rings}) == 1
