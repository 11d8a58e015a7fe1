"""What a device stands on: the simulation, the air, the dice and the cryptography."""

from __future__ import annotations

from dataclasses import dataclass

from testbed.protocol.settings import LinkSettings
from testbed.protocol.suite import ConcreteSuite
from testbed.radio import Medium
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import Recorder


@dataclass(frozen=True, slots=True)
class Bench:
    """The surroundings that every device of one world shares."""

    env: Simulation
    medium: Medium
    recorder: Recorder
    streams: Streams
    suite: ConcreteSuite
    link: LinkSettings
