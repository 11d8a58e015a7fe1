"""Short studies for reports: one of a usual scenario, one whose author means harm to the reader."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import testbed as program
from testbed.scenario import Scenario

USUAL = """
title = "An hour in a cafe"
about = "A stranger hears the linking, and half an hour later sends the pump a bolus."
sources = ["FDA safety communication, 2022-09-20"]
[time]
start = "12:00"
duration = "3h"
[[meal]]
at = "12:30"
carbs_g = 70
[[stay]]
from = "12:00"
until = "13:45"
place = "cafe"
[link]
pairing = "serial-derived"
[[pairing]]
device = "meter"
at = "12:10"
[attacker]
place = "cafe"
distance_m = 4
[[attacker.step]]
do = "overhear-pairing"
[[attacker.step]]
do = "remote-bolus"
after = "30min"
units = 10
[study]
seed = 7
replicates = 6
baseline = "as-shipped"
[study.arms]
as-shipped = []
remote-bolus-off = ["remote-bolus-off"]
cancel-unexpected-bolus = ["cancel-unexpected-bolus"]
nothing-more = []
[[expect]]
arm = "remote-bolus-off"
metric = "unauthorised_U"
at_most = 0
[[expect]]
arm = "as-shipped"
metric = "unauthorised_U"
at_most = 0
"""

SCRIPT = "</script><script>window.pwned=1</script>"
IMAGE = "\"><img src=x onerror='window.pwned=2'>"
FORMULA = '=HYPERLINK("http://x.invalid","y")'
MATH = "$\\frac{1}{0}$ & {{ 7*7 }} | a_b*c*"


def hostile() -> dict[str, Any]:
    """Return the usual scenario, with what would harm a reader in every text that is free."""
    written = tomllib.loads(USUAL)
    written["title"] = f"{SCRIPT}{IMAGE}{MATH}"
    written["about"] = f"]]>{IMAGE}<!--{SCRIPT}</title></style>"
    written["sources"] = [FORMULA, f"{IMAGE}javascript:alert(1)"]
    written["place"] = [{"name": IMAGE[:40], "public": True, "path_loss_exponent": 2.5}]
    written["stay"][0]["place"] = IMAGE[:40]
    written["attacker"]["place"] = IMAGE[:40]
    arms = {f"{IMAGE}{MATH}": [], FORMULA: ["remote-bolus-off"], SCRIPT: [], "-2+3+cmd|x": []}
    written["study"] |= {"arms": arms, "baseline": f"{IMAGE}{MATH}"}
    del written["expect"]
    return written


def lived(written: dict[str, Any], name: str, folder: Path) -> Path:
    """Run the study of a scenario into a folder and return the folder."""
    program.run_study(Scenario.from_written(written, name), store=folder)
    return folder
