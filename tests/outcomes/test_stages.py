"""How far an attack came, and who noticed it, on hand-made runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from testbed.outcomes import measure
from testbed.outcomes.facts import Facts
from testbed.outcomes.noticing import first_notice
from testbed.outcomes.stages import STAGES
from testbed.trace import (
    Alerted,
    Attacked,
    CommandAccepted,
    FrameOverheard,
    Jammed,
    Noticed,
    ReadingStored,
)
from testbed.units import US_PER_MIN

if TYPE_CHECKING:
    from tests.outcomes.conftest import Script

UNIT = 1_000_000_000
NAMES = tuple(stage.name.removeprefix("stage_") for stage in STAGES)


def came_to(run: Script, twin: Script | None = None, mgdl: float = 120.0) -> list[str]:
    """Return the stages that a run came to, in order."""
    glucose = np.full(run.minutes + 1, 120.0)
    glucose[30:] = mgdl
    trace = run.trace(glucose)
    unattacked = (twin or type(run)()).trace()
    measured = measure(trace, unattacked)
    return [name for name in NAMES if measured[f"stage_{name}"] == 1.0]


def gate(script: Script, name: str, passed: bool = True) -> int:
    """Write a gate that a step came to."""
    return script.add(Attacked(0, -1, "a-step", name, passed))


def test_an_attacker_that_nobody_comes_near_comes_to_no_stage(script: Script) -> None:
    """A gate that was not passed is no stage."""
    gate(script, "heard the linking", passed=False)
    assert came_to(script) == []


@pytest.mark.parametrize(
    "near", [FrameOverheard(0, 1, "attacker"), Jammed(0, -1, "attacker", 1, 1)]
)
def test_who_hears_a_frame_or_makes_noise_is_in_range(script: Script, near: FrameOverheard) -> None:
    """A frame that was heard is enough to be near, and not to have heard what was waited for."""
    gate(script, "says hello")
    script.add(near)
    assert came_to(script) == ["in_range"]


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("heard the linking", 2),
        ("a code is shown in view", 2),
        ("computed the link key", 3),
        ("linked with the pump", 3),
        ("stands between", 3),
    ],
)
def test_a_passed_gate_is_a_stage_and_those_before_it(
    script: Script, name: str, stages: int
) -> None:
    """A gate behind which a key is held is the third stage, another one the second."""
    gate(script, name)
    assert came_to(script) == list(NAMES[:stages])


def test_a_command_that_is_accepted_has_had_the_key_that_it_took(script: Script) -> None:
    """What was accepted came through every stage before, whatever its steps are called."""
    script.add(CommandAccepted(0, script.sent(gate(script, "sent")), "pump", "suspend"))
    assert came_to(script) == ["in_range", "heard", "key", "accepted"]


def test_a_reading_that_is_stored_is_accepted(script: Script) -> None:
    """A false reading needs no command."""
    script.add(ReadingStored(0, script.sent(gate(script, "sent")), "meter", 300))
    assert came_to(script)[-1] == "accepted"


def test_a_persons_own_command_is_no_stage(script: Script) -> None:
    """What a person does during an attack that comes to nothing is not the attack's."""
    gate(script, "heard the linking", passed=False)
    script.add(CommandAccepted(0, script.sent(script.acted()), "pump", "bolus"))
    assert came_to(script) == []


def test_insulin_for_the_attacker_is_delivered_and_unnoticed(script: Script) -> None:
    """A bolus that nobody notices came to all stages but harm."""
    script.bolus(script.sent(script.attacked()), UNIT)
    assert came_to(script) == list(NAMES[:6])


def test_insulin_that_is_missing_is_delivered_otherwise(make_script: type[Script]) -> None:
    """Too little insulin is a delivery that an attack changed, without any command."""
    run, twin = make_script(), make_script()
    run.add(Jammed(0, -1, "attacker", 1, 1))
    twin.bolus(twin.acted(), UNIT)
    assert came_to(run, twin) == ["in_range", "delivered", "unnoticed"]


@pytest.mark.parametrize(
    ("late_min", "units", "other"),
    [
        *((0, 1.0, False), (1, 1.0, False), (29, 1.0, False), (30, 1.0, True)),
        *((0, 0.96, False), (0, 0.95, True), (0, 1.05, True), (0, 0.0, True)),
    ],
)
def test_a_dose_that_comes_a_little_later_is_no_other_insulin(
    make_script: type[Script], late_min: int, units: float, other: bool
) -> None:
    """What counts is that another amount, by 0.05 U or more, has been given for half an hour."""
    run, twin = make_script(), make_script()
    run.add(Jammed(0, -1, "attacker", 1, 1))
    run.bolus(run.acted(), round(units * UNIT))
    twin.bolus(twin.acted(), UNIT)
    trace, own = run.trace(), twin.trace()
    trace.insulin_nU[:] = np.roll(trace.insulin_nU, late_min)
    assert (measure(trace, own)["stage_delivered"] == 1.0) is other


def test_an_attack_that_somebody_notices_is_not_unnoticed(script: Script) -> None:
    """Noticing an alert of the attack's ends that stage, and no other."""
    script.noticed(script.bolus(script.sent(script.attacked()), UNIT), 5)
    assert "unnoticed" not in came_to(script)


@pytest.mark.parametrize("mgdl", [53.0, 251.0])
def test_level_2_glucose_that_the_twin_has_not_is_harm(script: Script, mgdl: float) -> None:
    """Minutes of level 2 on either side beyond the twin's are harm."""
    script.bolus(script.sent(script.attacked()), UNIT)
    assert came_to(script, mgdl=mgdl)[-1] == "harmed"


def test_level_2_glucose_without_a_change_of_insulin_is_no_harm_of_the_attack(
    make_script: type[Script],
) -> None:
    """Glucose that differs while insulin does not is nothing that an attack on a pump did."""
    run = make_script()
    gate(run, "heard the linking")
    assert "harmed" not in came_to(run, mgdl=50.0)


def test_a_run_that_nobody_attacked_comes_to_no_stage(script: Script) -> None:
    """A twin is in no stage, whatever its day was like."""
    script.bolus(script.acted(), UNIT)
    trace = script.trace(np.full(61, 45.0))
    measured = measure(trace, trace)
    assert {measured[stage.name] for stage in STAGES} == {0.0}


def test_noticing_says_who_by_what_and_how_soon(script: Script) -> None:
    """The first to notice counts, from the first thing that a device did for the attack."""
    frame = script.sent(script.attacked(10), 10)
    accepted = script.add(CommandAccepted(12 * US_PER_MIN, frame, "pump", "suspend"))
    alert = script.add(Alerted(12 * US_PER_MIN, accepted, "pump", "remote-command"))
    script.add(Noticed(20 * US_PER_MIN, alert, "care-partner", "remote-command", False))
    script.add(Noticed(25 * US_PER_MIN, alert, "wearer", "remote-command", False))
    trace = script.trace()
    assert first_notice(Facts(trace)) == ("care-partner", "remote-command", 8.0)
    measured = measure(trace, trace)
    assert measured["noticed"] == measured["noticed_by_partner"] == 1.0
    assert measured["noticed_by_wearer"] == 0.0
    assert measured["time_to_detect_min"] == 8.0


def test_noticing_ones_own_doing_is_not_noticing_an_attack(script: Script) -> None:
    """An alert that a person's own act led to is none of the attack's."""
    gate(script, "linked with the pump")
    script.noticed(script.bolus(script.sent(script.acted())), 3)
    trace = script.trace()
    measured = measure(trace, trace)
    assert measured["noticed"] == 0.0
    assert measured["time_to_detect_min"] is None
