"""The people: what they do in a day, and how they answer what the devices tell them.

People touch and see devices, never their insides.
"""

from testbed.people.agenda import Exercise, Meal, PairingAppointment, Stay, Unattended
from testbed.people.behaviour import Behaviour
from testbed.people.care_partner_settings import CarePartnerSettings, Presence
from testbed.people.fleet import FleetSettings
from testbed.people.journey import HOME
from testbed.people.left_alone import LeftAlone
from testbed.people.noticing import Noticing
from testbed.people.profiles import PARTNERS, PROFILES
from testbed.people.wearer import Belongings, Wearer

__all__ = [
    "HOME",
    "PARTNERS",
    "PROFILES",
    "Behaviour",
    "Belongings",
    "CarePartnerSettings",
    "Exercise",
    "FleetSettings",
    "LeftAlone",
    "Meal",
    "Noticing",
    "PairingAppointment",
    "Presence",
    "Stay",
    "Unattended",
    "Wearer",
]
