"""The attacker and its steps: the public codec, the radio and capabilities.

An attack succeeds because bytes verify.  Nothing in this room reaches into a device, and no
parameter anywhere is the probability that an attack works.
"""

from testbed.attacks.attacker import Attacker, AttackerSettings
from testbed.attacks.capabilities import CAPABILITIES, NODE
from testbed.attacks.step import STRIDE, Step
from testbed.attacks.steps import STEPS

__all__ = ["CAPABILITIES", "NODE", "STEPS", "STRIDE", "Attacker", "AttackerSettings", "Step"]
