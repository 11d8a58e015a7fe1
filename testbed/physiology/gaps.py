"""Readings that a sensor does not make: bursts of missing data."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def missing_readings(
    generator: np.random.Generator,
    readings: int,
    period_min: int,
    share: float,
    burst_min: float,
) -> npt.NDArray[np.bool_]:
    """Return which of consecutive readings are missing, shape (readings,).

    A Markov chain of two states, one step a reading, settled from its start; bursts have a
    geometric length.  It is the simplest kind of what is published: three states describe a
    disconnection of the Dexcom G4 (Facchinetti et al., Diabetes Technol Ther 2016;18:264), and
    six the gaps of the G6 ("A Markov model of gap occurrence in continuous glucose monitoring
    data for realistic in silico clinical trials", 2023), whose numbers are not in the abstracts.

    The generator is asked in the order of time, so more readings leave the earlier ones.

    Args:
        generator: Where the dice come from; its state moves on.
        readings: How many, 0 or more.
        period_min: Minutes between two readings.
        share: Share of readings that are missing in the long run, from 0 to 0.5.
        burst_min: Mean length of a burst in minutes, at least a period.
    """
    length = burst_min / period_min
    stays = 1.0 - 1.0 / length
    begins = share / (1.0 - share) / length
    missing = np.zeros(readings, dtype=np.bool_)
    chance = share
    for n, u in enumerate(generator.random(readings).tolist()):
        missing[n] = now = u < chance
        chance = stays if now else begins
    return missing
