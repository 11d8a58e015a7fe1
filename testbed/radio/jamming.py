"""Jamming: noise that a node makes, how far it lowers a margin, and how long it may last.

Noise that reaches a listener at the level of a frame with margin J raises the noise there
by 10 log10(1 + 10^((J + protection) / 10)) dB, and every margin falls by as much: half of
the frames arrive where a frame stands above the noise by the protection ratio.  A frame
suffers the noise of every burst that overlaps with it, wherever in the frame that is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from testbed.radio.loss import power_sum_dB


def noise_rise_dB(jammers_dB: Iterable[float], protection_dB: float) -> float:
    """Return by how much every margin at a listener falls.

    Args:
        jammers_dB: The margins that frames of the jammers would have there.
        protection_dB: How far a frame has to stand above the noise.
    """
    level = power_sum_dB(jammers_dB) + protection_dB
    return 10 * math.log10(1 + 10 ** (level / 10))


class DutyLimit:
    """How long one node may still jam: a share of any window that ends now or later.

    Args:
        share: The largest share of a window.
        window: The length of the sliding window in microseconds.
    """

    def __init__(self, share: float, window: int) -> None:
        self._window = window
        self._budget = round(share * window)
        self._bursts: list[tuple[int, int]] = []

    def grant(self, start: int, asked: int) -> int:
        """Return for how long, of the time asked for, a burst may last, and count it.

        Args:
            start: When the burst starts; not before the end of the one before it.
            asked: How long it is to last, in microseconds.
        """
        if self._budget >= self._window:
            return asked
        granted = min(asked, self._longest(start))
        if granted > 0:
            self._bursts.append((start, start + granted))
        return granted

    def _longest(self, start: int) -> int:
        """Return the longest burst that may start now.

        As the burst goes on, the window's far edge moves over bursts of before: while it
        does, as much old noise leaves the window as new noise enters it.
        """
        edge = start - self._window
        self._bursts = [burst for burst in self._bursts if burst[1] > edge]
        left = self._budget - sum(last - max(first, edge) for first, last in self._bursts)
        for first, last in self._bursts:
            pause = first - edge
            if pause > left:
                break
            left -= max(0, pause)
            edge = last
        return edge + left - (start - self._window)
