"""A computer on which nobody's software runs but the pump maker's."""

from __future__ import annotations

from collections.abc import Callable

from testbed.protocol.payloads import Payload


class ClosedComputer:
    """A computer as software sees it that does not get to run: nothing ever happens there."""

    @property
    def reaches_pump(self) -> bool:
        """Whether a stick is in it: not for this software."""
        return False

    def when_plugged(self, call: Callable[[], None]) -> None:
        """Never call ``call``."""

    def pass_on(self, payload: Payload, cause: int) -> bool:
        """Send nothing."""
        return False

    def when_answered(self, call: Callable[[Payload, int], None]) -> None:
        """Never call ``call``."""
