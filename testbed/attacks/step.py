"""What every step of an attack is made of, and what the attacker has learned so far."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

import simpy

from testbed.attacks.capabilities import CAPABILITIES, Antenna
from testbed.attacks.host import Host
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

STRIDE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "S": "spoofing",
        "T": "tampering",
        "R": "repudiation",
        "I": "information disclosure",
        "D": "denial of service",
        "E": "elevation of privilege",
    }
)
"""The kinds of threat by their letters (Kohnfelder and Garg, The threats to our products, 1999)."""


@dataclass(slots=True)
class HeardPairing:
    """A pairing that the attacker overheard.

    Attributes:
        initiator: Address of the device that asked.
        responder: Address of the pump that answered.
        method: Name of the pairing method in its frames.
        link_key: The key as computed from what was heard, or None where that gives none.
        held: The initiator's side of the link, once the attacker has spoken in its name.
    """

    initiator: bytes
    responder: bytes
    method: str
    link_key: bytes | None
    held: HeldLink | None = None


@dataclass(slots=True)
class Knowledge:
    """What the attacker has learned.

    Attributes:
        pairings: Linkings that it overheard.
        links: Links that it holds with the pump.
        code: A code that the devices use, as a linking or a screen told it.
        pump: The pump's address, where it is known before the pump has said anything.
        begun: A linking with the pump that it has begun and keeps waiting.
    """

    pairings: list[HeardPairing] = field(default_factory=list)
    links: list[HeldLink] = field(default_factory=list)
    code: bytes | None = None
    pump: bytes | None = None
    begun: Puppet | None = None


@dataclass(slots=True)
class Situation:
    """What a step works with; ``link`` is how the system pairs and speaks, which is public.

    ``sight``, ``touch`` and ``host`` are None for an attacker that is not given them; ``serials``
    are the serial numbers by kind of device that it knows beforehand.
    """

    env: Simulation
    recorder: Recorder
    streams: Streams
    suite: ConcreteSuite
    antenna: Antenna
    link: LinkSettings
    sight: Sight | None = None
    touch: Touch | None = None
    host: Host | None = None
    serials: Mapping[str, bytes] = field(default_factory=dict)
    knowledge: Knowledge = field(default_factory=Knowledge)

    def gate(self, step: str, gate: str, passed: bool, note: str = "") -> int:
        """Write down that a step came to a gate; return the position in the trace."""
        return self.recorder.record(Attacked(self.env.now, NO_CAUSE, step, gate, passed, note))


class Step(Settings):
    """One step of an attack; a subclass adds ``do``, its settings and ``run``.

    Every subclass states what it takes, what it comes to and what kind of threat it is.

    Raises:
        TypeError: Where a subclass is defined that leaves one of them out or is wrong in it.
    """

    after: Duration = 0
    """How long after the step before it (or the scenario's start) this one begins."""

    needs: ClassVar[frozenset[str]] = frozenset({"antenna"})
    """The capabilities without which the step is impossible."""
    preconditions: ClassVar[tuple[str, ...]]
    """What has to be so for the step to come to anything, a sentence each."""
    gates: ClassVar[tuple[str, ...]]
    """The gates that the step comes to, in the order in which they are passed."""
    stride: ClassVar[frozenset[str]]
    """The letters of the kinds of threat that it is; :data:`STRIDE`."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Hold a subclass to what it has to state."""
        for name, allowed in (("preconditions", None), ("gates", None), ("stride", STRIDE)):
            stated = getattr(cls, name, None)
            if not stated or isinstance(stated, str):
                raise TypeError(f"{cls.__name__}.{name}: expected one or more, found {stated!r}")
            if allowed is not None and not set(stated) <= set(allowed):
                letters = "".join(allowed)
                raise TypeError(f"{cls.__name__}.{name}: expected letters of {letters!r}")
        if not cls.needs <= set(CAPABILITIES):
            raise TypeError(f"{cls.__name__}.needs: expected some of {', '.join(CAPABILITIES)}")
        if len(set(cls.gates)) < len(cls.gates):
            raise TypeError(f"{cls.__name__}.gates: expected each gate once")

    def run(self, situation: Situation) -> Process:
        """Carry the step out, as a process of the simulation."""
        raise NotImplementedError
