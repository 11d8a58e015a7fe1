"""The people: what they do in a day, and how they answer what the devices tell them.

People touch and see devices, never their insides.
"""

from testbed.people.agenda import Meal, PairingAppointment, Stay, Unattended
from testbed.people.behaviour import PROFILES, Behaviour
from testbed.people.left_alone import LeftAlone
from testbed.people.wearer import HOME, Belongings, Wearer

__all__ = [
    "HOME",
    "PROFILES",
    "Behaviour",
    "Belongings",
    "LeftAlone",
    "Meal",
    "PairingAppointment",
    "Stay",
    "Unattended",
    "Wearer",
]
