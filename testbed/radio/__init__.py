"""The simulated air: places, distance, loss, and who hears which bytes.

Owns where nodes are and what reaches them.  Margins are dimensionless decibels above the
level at which half of the frames get through; no band or power of any device is in here.
"""

from testbed.radio.medium import Medium, Node, Position, RadioSettings
from testbed.radio.places import PLACES, PlaceSettings

__all__ = ["PLACES", "Medium", "Node", "PlaceSettings", "Position", "RadioSettings"]
