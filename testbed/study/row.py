"""One row of a study: a replicate of an arm, attacked and not."""

from __future__ import annotations

import msgspec

from testbed.outcomes.catalogue import Measured

__all__ = ["Measured", "Row"]


class Row(msgspec.Struct, frozen=True):
    """One replicate of one arm.

    Attributes:
        arm: The arm's name.
        replicate: Which replicate, from 0; the same streams in every arm.
        patient: The virtual patient's name.
        attacked: The metrics of the run with the attacker.
        twin: The metrics of the run with the same seed and mitigations and no attacker.
    """

    arm: str
    replicate: int
    patient: str
    attacked: Measured
    twin: Measured
