"""Habit monitor: a bolus over the air unlike the person's own is asked about on the pump.

What a person was led to ask for over the air is such a bolus, too: a dose by a false reading, or
one that a lowered limit has made small.
"""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="habit-monitor",
    advice="Compare a bolus over the air with the person's own in dose and time of day, and "
    "ask on the pump about the strangest twentieth.",
    bearer="maker",
    source="conformal anomaly detection, Laxhammar and Falkman, ICDM 2011; for pumps no "
    "published source; a design option",
    against=(
        "remote-bolus",
        "replay",
        "split-doses",
        "prompt-flooding",
        "host-software",
        "halt-delivery",
        "false-meter-reading",
        "false-cgm-reading",
    ),
    moves=("remote_origin_U", "unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="a dose like those that the person takes at that time",
    price=CHECKED,
    changes={"pump.habit.on": True},
)
