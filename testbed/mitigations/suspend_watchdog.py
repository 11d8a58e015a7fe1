"""Watchdog: delivery that was stopped over the air rings again, and resumes by itself."""

from testbed.mitigations.metric_groups import CHECKED
from testbed.mitigations.mitigation import Mitigation

MITIGATION = Mitigation(
    name="suspend-watchdog",
    advice="Ring again while delivery is stopped by a command over the air, and resume after"
    " half an hour.",
    bearer="maker",
    source="no published source; a design option",
    against=("halt-delivery",),
    moves=("dka_index_h",),
    keeps="a stop for less than half an hour, and one that is made on the pump",
    price=CHECKED,
    changes={"pump.watchdog.on": True},
)
