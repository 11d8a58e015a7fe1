"""What a glucose value looks like on a screen: whole, and within what the device shows."""

from __future__ import annotations


def shown_mgdl(mgdl: float, lowest: int, highest: int) -> int:
    """Return a value as it is shown, in whole mg/dL from ``lowest`` to ``highest``.

    Raises:
        ValueError: If the value is not a number: glucose that is not lived yet.
    """
    if mgdl <= lowest:
        return lowest
    if mgdl >= highest:
        return highest
    return round(mgdl)
