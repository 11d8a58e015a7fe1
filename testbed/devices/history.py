"""The pump's own history: what it delivered for whom, what it refused, and when it alerted.

It holds what the pump itself saw.  Who was really behind it is not known to a device.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

BOLUS: Final = "bolus"
BASAL: Final = "basal"
BUTTONS: Final = "pump"
"""The source of what was asked for with the pump's own buttons."""
LOOP: Final = "loop"
"""The source of what a therapy ordered."""
PROGRAMME: Final = "programme"
"""The source of what the pump does by itself."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One row.

    Attributes:
        t: When it began, microseconds since the scenario's start.
        what: ``bolus``, ``basal``, ``temporary-basal``, ``suspended``, ``resumed``, ``setting``,
            ``reservoir``, ``alert``, ``acknowledged``, ``refused``.
        source: Where it came from: ``pump`` (its buttons), the kind of a linked device such as
            ``meter`` or ``usb``, ``loop``, or ``programme``.
        asked_nU: The nanounits asked for, where a dose was.
        delivered_nU: The nanounits that went in; 0 as long as a bolus flows.
        note: How it ended, what was refused and why, or which alert it was.
    """

    t: int
    what: str
    source: str
    asked_nU: int = 0
    delivered_nU: int = 0
    note: str = ""


class History:
    """The rows of one pump, oldest first.

    Attributes:
        rows: Every row.
    """

    __slots__ = ("_bolus", "_boluses", "_total_nU", "rows")

    def __init__(self) -> None:
        self.rows: list[HistoryRow] = []
        self._bolus = -1
        self._boluses = 0
        self._total_nU = 0

    def add(self, t: int, what: str, source: str, note: str = "", delivered_nU: int = 0) -> None:
        """Add a row of anything but a bolus."""
        self.rows.append(HistoryRow(t, what, source, 0, delivered_nU, note))

    def bolus_started(self, t: int, source: str, asked_nU: int) -> None:
        """Add a row for a bolus that begins to flow."""
        self._bolus = len(self.rows)
        self._boluses += 1
        self.rows.append(HistoryRow(t, BOLUS, source, asked_nU))

    def bolus_ended(self, delivered_nU: int, why: str) -> None:
        """Fill in what the newest bolus delivered, and how it ended."""
        row = self.rows[self._bolus]
        self.rows[self._bolus] = replace(row, delivered_nU=delivered_nU, note=why)
        self._total_nU += delivered_nU

    @property
    def last_bolus(self) -> HistoryRow | None:
        """The newest bolus, None if there is none."""
        return self.rows[self._bolus] if self._bolus >= 0 else None

    def of(self, what: str, since: int) -> Iterator[HistoryRow]:
        """Yield the rows of one sort that began at a time or later, the last added first.

        A stretch of basal is added when it ends, with the time at which it began, so rows are not
        in the order of their times.
        """
        for row in reversed(self.rows):
            if row.what == what and row.t >= since:
                yield row

    @property
    def boluses(self) -> int:
        """How many boluses there are."""
        return self._boluses

    @property
    def bolus_nU(self) -> int:
        """What the boluses that have ended delivered, nanounits."""
        return self._total_nU
