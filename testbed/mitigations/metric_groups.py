"""Names of metrics that precautions move together."""

from __future__ import annotations

from typing import Final

GLUCOSE: Final = (
    "lowest_mgdl",
    "below_70_min",
    "below_54_min",
    "above_180_min",
    "above_250_min",
    "tir_pct",
    "hypo_1_events",
    "hypo_2_events",
    "hypo_3_proxy",
    "lbgi",
    "hbgi",
    "tbr_2_pct",
    "tbr_1_pct",
    "tar_1_pct",
    "tar_2_pct",
    "gri",
    "mean_mgdl",
    "cv_pct",
    "gmi_pct",
    "dka_index_h",
)
"""What follows from glucose: whatever changes a dose or a rescue moves all of it."""
ATTACKED: Final = ("unauthorised_U", "extra_U", "unsafe_dose")
"""What an attacker's insulin is counted by."""
