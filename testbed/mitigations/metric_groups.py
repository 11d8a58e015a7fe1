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
"""Everything that an own bolus moves which comes later, is smaller, or never comes."""
THE_DAY: Final = ("remote_origin_U", *GLUCOSE)
"""The same for a bolus that was asked for over the air."""
LIVED: Final = (
    *THE_DAY,
    "longest_below_40_min",
    "most_in_2h_U",
    "over_in_2h",
    "most_in_24h_U",
    "over_in_24h",
    "false_alarms",
    "night_wakings",
)
"""The same for a day that is lived differently: other rescues, other lows, other alarms."""
BOLUSING: Final = (
    "prompts",
    "own_refused",
    "meals_without_bolus",
    "bolus_delay_min",
    "finger_sticks",
    "false_cancels",
)
"""What bolusing by another way costs a person, besides glucose."""
ATTACKED: Final = ("unauthorised_U", "extra_U", "unsafe_dose")
"""What an attacker's insulin is counted by."""
CHECKED: Final = (
    "remote_origin_U",
    "prompts",
    "own_refused",
    "meals_without_bolus",
    "bolus_delay_min",
    "false_cancels",
    "false_alarms",
    "night_wakings",
    "over_max_bolus",
    "most_in_2h_U",
    "over_in_2h",
    "most_in_24h_U",
    "over_in_24h",
    "eventual_mgdl",
    "eventual_below_70",
    *GLUCOSE,
)
"""What may change on a day that nobody attacks where own commands over the air are checked."""
