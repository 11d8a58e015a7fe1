"""How a wearer behaves: every number with its range and its source."""

from __future__ import annotations

from testbed.people.delivery_care import DeliveryCare
from testbed.people.glucose_care import GlucoseCare
from testbed.people.help_for_highs import HelpForHighs
from testbed.people.noticing import Noticing
from testbed.people.precautions import Precautions
from testbed.people.prompting import Prompting
from testbed.people.pump_care import PumpCare
from testbed.settings import NO_PUBLISHED_RATE, assumption


class Behaviour(
    Noticing, Prompting, GlucoseCare, HelpForHighs, DeliveryCare, PumpCare, Precautions
):
    """What a wearer does, and how often."""

    carb_error_cv: float = assumption(
        0.3,
        ge=0.0,
        le=0.6,
        unit="1",
        source="CV 27.9 to 44.5 % of carbohydrate estimates, PMC2909521",
        description="Coefficient of variation of the wearer's carbohydrate estimates.",
    )
    missed_bolus: float = assumption(
        0.08,
        ge=0.0,
        le=0.3,
        unit="1",
        source="7.5 to 19.4 % by meal, smart-pen users of 21 countries, ADA 2022 843-P",
        description="Share of meals whose bolus is forgotten.",
    )
    remote_bolus_use: float = assumption(
        0.3,
        ge=0.0,
        le=0.8,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of boluses that the wearer asks for on a linked meter.",
    )
    cancel_unexpected_bolus: float = assumption(
        0.5,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed boluses of nobody's asking that the wearer cancels.",
    )
    accept_unexpected_prompt: float = assumption(
        0.05,
        ge=0.005,
        le=0.5,
        unit="1",
        source=f"about 1 % of IT users approve a first blind prompt (Microsoft, on MFA fatigue), "
        f"a lower bound; for pump prompts {NO_PUBLISHED_RATE}",
        description="Share of noticed prompts of nobody's asking that the wearer confirms.",
    )
    answer_own_prompt_s: float = assumption(
        3.0,
        ge=1.0,
        le=30.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time until the wearer answers a prompt that follows from own doing.",
    )
    calibrate_with_own: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of own meter results that the wearer calibrates the sensor with, where "
        "it is one that takes calibrations.",
    )
    calibrate_with_unasked: float = assumption(
        0.05,
        ge=0.0,
        le=0.5,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed meter results of nobody's asking that the wearer calibrates "
        "such a sensor with.",
    )
    pair_in_private: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of linkings that the wearer puts off until in a private place.",
    )
    second_device_s: float = assumption(
        4.0,
        ge=0.0,
        le=60.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time from opening the linking on the pump to opening it on the device.",
    )
    touch_devices_s: float = assumption(
        3.0,
        ge=0.5,
        le=30.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time to hold two devices together when they ask for it.",
    )
    type_code_s: float = assumption(
        8.0,
        ge=2.0,
        le=60.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time to read a code off the pump and type it.",
    )
    retype_code: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of linkings that fail on the device alone after which the wearer types "
        "the code that the pump still shows again.",
    )
    compare_digits_s: float = assumption(
        6.0,
        ge=1.0,
        le=30.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time to compare the digits on two screens.",
    )
    accept_mismatch: float = assumption(
        0.05,
        ge=0.0,
        le=1.0,
        unit="1",
        source="0.5 to 20 % across studies of compare-and-confirm (Uzun, Karvonen, Asokan 2007), "
        "figures quoted second-hand",
        description="Share of differing digits that the person takes for the same.",
    )
    rescue_carbs_g: float = assumption(
        15.0,
        ge=0.0,
        le=40.0,
        unit="g",
        source="15 g rule for treating hypoglycaemia, ADA Standards of Care, section 6",
        description="Carbohydrate eaten when a low-glucose alert is noticed.",
    )
    shares_serials: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of people whose devices' serial numbers an attacker knows beforehand, "
        "because they have shared them.",
    )
