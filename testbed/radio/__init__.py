"""The simulated air: places, distance, loss, and who hears which bytes.

Owns where nodes are and what reaches them: loss by distance, shadowing and bodies, frames
that collide or are captured, and noise.  Margins are dimensionless decibels above the level
at which half of the frames get through; no band or power of any device is in here.
"""

from testbed.radio.medium import Medium
from testbed.radio.node import Node, Position
from testbed.radio.places import PLACES, PlaceSettings
from testbed.radio.settings import RadioSettings

__all__ = ["PLACES", "Medium", "Node", "PlaceSettings", "Position", "RadioSettings"]
