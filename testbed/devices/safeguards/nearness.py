"""Nearness: a command over the air is only taken from within reach of the body.

Li, Raghunathan and Jha ("Hijacking an insulin pump", HEALTHCOM 2011) propose communication
through the body, so that who speaks to the pump has to touch its wearer.  Here the pump goes by
how strongly a frame arrives, a dimensionless margin.  That is weaker, and meant to be: strength is
distance less gain, so an attacker with a better antenna comes from farther away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from testbed.devices.bench import Bench
from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption

if TYPE_CHECKING:
    from testbed.devices.setup import Setup
    from testbed.radio import Node


class NearnessSettings(Settings):
    """How strongly a command has to arrive."""

    on: bool = False
    """Whether commands that arrive too weakly are refused."""
    least_margin_dB: float = assumption(
        30.0,
        ge=0.0,
        le=60.0,
        unit="dB",
        source=f"below the margin of two devices on one body, radio.margin_on_body_dB; "
        f"{NO_PUBLISHED_RATE}",
        description="Margin with which a command over the air has to arrive to be taken.",
    )


class Nearness:
    """What one pump makes of the strength of frames.

    Args:
        bench: What the pump stands on.
        setup: How strong a command has to be.
    """

    def __init__(self, bench: Bench, setup: Setup) -> None:
        self._bench = bench
        self._setup = setup
        self._pump: Node | None = None

    def measure_at(self, pump: Node) -> None:
        """Say at which radio strength is measured."""
        self._pump = pump

    def allows(self, frame: int) -> bool:
        """Return whether a frame that has just arrived came from near enough."""
        nearness = self._setup.now.nearness
        if not nearness.on or self._pump is None:
            return True
        strength = self._bench.medium.strength_dB(self._pump, frame)
        return strength >= nearness.least_margin_dB
