"""What every step of an attack is made of, and what the attacker has learned so far."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import simpy

from testbed.attacks.capabilities import Antenna
from testbed.attacks.links import HeldLink
from testbed.attacks.sight import Sight
from testbed.attacks.touch import Touch
from testbed.protocol.settings import LinkSettings
from testbed.protocol.suite import ConcreteSuite
from testbed.randomness import Streams
from testbed.settings import Duration, Settings
from testbed.simulation import Simulation
from testbed.trace import NO_CAUSE, Attacked, Recorder

if TYPE_CHECKING:
    from testbed.attacks.puppet import Puppet

Process = Generator[simpy.Event, Any, None]


@dataclass(slots=True)
class HeardPairing:
    """A pairing that the attacker overheard.

    Attributes:
        initiator: Address of the device that asked.
        responder: Address of the pump that answered.
        method: Name of the pairing method in its frames.
        link_key: The key as computed from what was heard, or None where that gives none.
    """

    initiator: bytes
    responder: bytes
    method: str
    link_key: bytes | None


@dataclass(slots=True)
class Knowledge:
    """What the attacker has learned.

    Attributes:
        pairings: Linkings that it overheard.
        links: Links that it holds with the pump.
        code: A code that the devices use, as a linking or a screen told it.
        begun: A linking with the pump that it has begun and keeps waiting.
    """

    pairings: list[HeardPairing] = field(default_factory=list)
    links: list[HeldLink] = field(default_factory=list)
    code: bytes | None = None
    begun: Puppet | None = None


@dataclass(slots=True)
class Situation:
    """What a step works with; ``link`` is how the system pairs and speaks, which is public.

    ``sight`` and ``touch`` are None for an attacker that is not given them.
    """

    env: Simulation
    recorder: Recorder
    streams: Streams
    suite: ConcreteSuite
    antenna: Antenna
    link: LinkSettings
    sight: Sight | None = None
    touch: Touch | None = None
    knowledge: Knowledge = field(default_factory=Knowledge)

    def gate(self, step: str, gate: str, passed: bool, note: str = "") -> int:
        """Write down that a step came to a gate; return the position in the trace."""
        return self.recorder.record(Attacked(self.env.now, NO_CAUSE, step, gate, passed, note))


class Step(Settings):
    """One step of an attack; a subclass adds ``do``, its settings and ``run``."""

    after: Duration = 0
    """How long after the step before it (or the scenario's start) this one begins."""

    needs: ClassVar[frozenset[str]] = frozenset({"antenna"})
    """The capabilities without which the step is impossible."""
    gates: ClassVar[tuple[str, ...]] = ()
    """The gates that the step passes, in order."""

    def run(self, situation: Situation) -> Process:
        """Carry the step out, as a process of the simulation."""
        raise NotImplementedError
