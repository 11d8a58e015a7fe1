"""Who hears whom: the share of frames that arrive over a distance, by the radio's settings."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from testbed.radio import PlaceSettings, RadioSettings
from testbed.radio.loss import NEAREST_M, distance_loss_dB, miss_probability

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_FARTHEST_M: Final = 100_000.0
_HALVINGS: Final = 60


def share_heard(
    radio: RadioSettings, place: PlaceSettings, distance_m: float, *, worn: int, gain_dB: float = 0
) -> float:
    """Return the share of frames that arrive, over all that walls and furniture may do.

    It is the mean over shadowing of one less the probability of a miss; nobody else speaks and
    nobody makes noise.

    Args:
        radio: The radio's settings.
        place: Where both ends are.
        distance_m: How far apart they are.
        worn: How many of the two ends are worn on a body, of different bodies.
        gain_dB: What antennas gain.
    """
    margin = (
        radio.margin_at_1m_dB
        - distance_loss_dB(place.path_loss_exponent, distance_m)
        - worn * radio.body_loss_dB
        + gain_dB
    )
    return _over_shadowing(radio, margin)


def share_on_body(radio: RadioSettings) -> float:
    """Return the share of frames that arrive between two devices on one body."""
    return 1 - miss_probability(radio.margin_on_body_dB, radio.slope_dB)


def distance_heard_m(
    radio: RadioSettings, place: PlaceSettings, share: float, *, worn: int, gain_dB: float = 0
) -> float:
    """Return how far off so large a share of frames still arrives.

    It is at least the least distance that the radio tells apart, and at most 100 km.
    """

    def enough(distance_m: float) -> bool:
        return share_heard(radio, place, distance_m, worn=worn, gain_dB=gain_dB) >= share

    low, high = math.log(NEAREST_M), math.log(_FARTHEST_M)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if enough(math.exp(middle)) else (low, middle)
    return math.exp(low)


def _over_shadowing(radio: RadioSettings, margin_dB: float) -> float:
    missed = [
        weight * miss_probability(margin_dB - radio.shadowing_sd_dB * node, radio.slope_dB)
        for node, weight in zip(_NODES.tolist(), _WEIGHTS.tolist(), strict=True)
    ]
    return 1 - math.fsum(missed)
