"""An hour in a cafe: the small scenario that tests of commands, pages and files call on."""

from __future__ import annotations

SMALL = """\
title = "An hour in a cafe"

[time]
start    = "12:00"
duration = "2h"

[[meal]]
at      = "12:30"
carbs_g = 70

[[stay]]
from  = "12:00"
until = "13:45"
place = "cafe"

[pump]
remote_bolus = true
max_bolus_U  = 10

[link]
pairing = "serial-derived"

[[pairing]]
device = "meter"
at     = "12:10"

[attacker]
place      = "cafe"
distance_m = 4

[[attacker.step]]
do = "overhear-pairing"

[[attacker.step]]
do    = "remote-bolus"
after = "30min"
units = 10

[study]
seed       = 7
replicates = 2
baseline   = "as-shipped"

[study.arms]
as-shipped       = []
remote-bolus-off = ["remote-bolus-off"]

[[expect]]
arm     = "remote-bolus-off"
metric  = "unauthorised_U"
at_most = 0
"""
