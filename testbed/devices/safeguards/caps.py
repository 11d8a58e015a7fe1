"""Caps: the most insulin that boluses may bring, which only the pump's own buttons change.

The menu is that of the compensating controls of ICSMA-16-279-01: a largest single bolus, a
largest amount in two hours and in a day, and beside them a largest bolus over the air.  A
window counts each bolus whole that began in it.  As all flow at one speed, no more than the cap
flows in any stretch of time as long as the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from testbed.devices.history import BOLUS, BUTTONS, History
from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption
from testbed.units import US_PER_DAY, US_PER_HOUR, to_nanounits

if TYPE_CHECKING:
    from testbed.devices.setup import Setup

_MENU: Final = f"that there are such caps: ICSMA-16-279-01; how high they are: {NO_PUBLISHED_RATE}"
_SHORT: Final = 2 * US_PER_HOUR


class CapSettings(Settings):
    """Caps on boluses.  Basal has its own limit, ``max_basal_U_per_h``."""

    on: bool = False
    """Whether boluses over a cap are refused, and no command over the air raises a limit."""
    single_U: float = assumption(
        10.0,
        ge=0.1,
        le=25.0,
        unit="U",
        source=_MENU,
        description="Cap on a single bolus, whoever asks.",
    )
    remote_single_U: float = assumption(
        5.0,
        ge=0.0,
        le=25.0,
        unit="U",
        source=_MENU,
        description="Cap on a single bolus that is asked for over the air.",
    )
    in_2h_U: float = assumption(
        15.0,
        ge=0.1,
        le=50.0,
        unit="U",
        source=_MENU,
        description="Cap on the boluses of any two hours together.",
    )
    in_24h_U: float = assumption(
        50.0,
        ge=0.1,
        le=200.0,
        unit="U",
        source=_MENU,
        description="Cap on the boluses of any 24 hours together.",
    )


class Caps:
    """The caps of one pump.

    Args:
        setup: How high they are.
        history: What boluses there were.
    """

    def __init__(self, setup: Setup, history: History) -> None:
        self._setup = setup
        self._history = history

    def left_nU(self, source: str, now: int) -> int:
        """Return the largest dose that the caps allow now, nanounits.

        Args:
            source: Where it is asked for, as the history names it.
            now: The time.  No bolus may be under way.
        """
        caps = self._setup.now.caps
        single = caps.single_U if source == BUTTONS else min(caps.single_U, caps.remote_single_U)
        return max(
            0,
            min(
                to_nanounits(single),
                to_nanounits(caps.in_2h_U) - self._began_within(_SHORT, now),
                to_nanounits(caps.in_24h_U) - self._began_within(US_PER_DAY, now),
            ),
        )

    def _began_within(self, window: int, now: int) -> int:
        """Return what the boluses delivered that began after ``now - window``, nanounits."""
        rows = self._history.of(BOLUS, now - window + 1)
        return sum(row.delivered_nU for row in rows)
