"""The mitigations, one file each: every one a patch on a scenario.

A mitigation elsewhere joins by an entry point in the group ``testbed.mitigations`` that
names a function returning a :class:`Mitigation`.
"""

from testbed.mitigations.mitigation import ANY, Mitigation

# isort: split
# What joins by an entry point imports the class from here, so it must be here first.
from testbed.mitigations.arms import Adopted, Arm, adopted_by, apply_arm, arm_of, arms_of, expand
from testbed.mitigations.registered import MITIGATIONS

__all__ = [
    "ANY",
    "MITIGATIONS",
    "Adopted",
    "Arm",
    "Mitigation",
    "adopted_by",
    "apply_arm",
    "arm_of",
    "arms_of",
    "expand",
]
