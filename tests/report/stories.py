"""Short studies for reports: one of a usual scenario, one whose author means harm to the reader."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import testbed as program
from testbed.scenario import Scenario
from tests.cafe import SMALL

SCRIPT = "</script><script>window.pwned=1</script>"
IMAGE = "\"><img src=x onerror='window.pwned=2'>"
FORMULA = '=HYPERLINK("http://x.invalid","y")'
MATH = "$\\frac{1}{0}$ & {{ 7*7 }} | a_b*c*"


def usual() -> dict[str, Any]:
    """Return the small scenario, with more of what a report tells: a longer one of four arms."""
    written = tomllib.loads(SMALL)
    written["about"] = (
        "A stranger hears the linking, and half an hour later sends the pump a bolus."
    )
    written["sources"] = ["FDA safety communication, 2022-09-20"]
    written["time"]["duration"] = "3h"
    written["study"] |= {"replicates": 6}
    written["study"]["arms"] |= {
        "cancel-unexpected-bolus": ["cancel-unexpected-bolus"],
        "nothing-more": [],
    }
    written["expect"].append({"arm": "as-shipped", "metric": "unauthorised_U", "at_most": 0})
    return written


def hostile() -> dict[str, Any]:
    """Return the usual scenario, with what would harm a reader in every text that is free."""
    written = usual()
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
