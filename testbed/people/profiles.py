"""Named ways to behave, and who has a care partner."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from testbed.people.behaviour import Behaviour
from testbed.people.care_partner_settings import CarePartnerSettings

PROFILES: Final[Mapping[str, Behaviour]] = MappingProxyType(
    {
        "typical": Behaviour(),
        "attentive": Behaviour(
            missed_bolus=0.03,
            carb_error_cv=0.2,
            answered_fast=0.85,
            never_answered=0.03,
            wakes_to_alert=0.5,
            cancel_unexpected_bolus=0.8,
        ),
        "inattentive": Behaviour(
            missed_bolus=0.19,
            carb_error_cv=0.45,
            answered_fast=0.45,
            never_answered=0.25,
            wakes_to_alert=0.17,
            cancel_unexpected_bolus=0.25,
        ),
        "child-with-care-partner": Behaviour.model_validate(
            {
                "wakes_to_alert": 0.17,  # aged 4 to 6, Buckingham 2005
                "cancel_unexpected_bolus": 0.1,
                "asleep_from": "20:00",
                "asleep_until": "07:00",
            }
        ),
    }
)
"""How people behave, by name; a scenario's ``patient.behaviour`` changes single numbers."""

PARTNERS: Final[Mapping[str, CarePartnerSettings]] = MappingProxyType(
    {"child-with-care-partner": CarePartnerSettings()}
)
"""Who has a care partner by profile; a scenario's ``care_partner`` changes single settings."""
