"""How a person looks after their glucose: late boluses, finger-sticks, corrections, help."""

from __future__ import annotations

from typing import Final

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption

_LEVELS: Final = "Battelino et al., Diabetes Care 2019;42:1593"


class GlucoseCare(Settings):
    """What a person does about glucose beyond bolusing for meals and treating alerted lows."""

    late_bolus: float = assumption(
        0.0,
        ge=0.0,
        le=0.5,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of meals bolused for that are bolused for late.",
    )
    late_by_min: float = assumption(
        30.0,
        ge=5.0,
        le=120.0,
        unit="min",
        source=f"boluses 0 to 30 min late are usual in simulation trials; {NO_PUBLISHED_RATE}",
        description="How long after the first bite a late bolus comes.",
    )
    calculator_at_meals: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=f"of calculated doses 13 % (SD 17) are not followed, PMC5478025; for how often the "
        f"calculator is asked {NO_PUBLISHED_RATE}",
        description="Share of meals dosed by the pump's calculator, which corrects for glucose "
        "and takes insulin on board off.",
    )
    stick_before_meals: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of meals with a finger-stick before them.",
    )
    stick_after_suspicion: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of suspicious events noticed that are followed by finger-sticks.",
    )
    sticks_per_suspicion: int = assumption(
        8,
        ge=1,
        le=12,
        unit="1",
        source=f"for four hours at stick_again_min, while a bolus acts; {NO_PUBLISHED_RATE}",
        description="How many finger-sticks follow such an event.",
    )
    stick_again_min: float = assumption(
        30.0,
        ge=5.0,
        le=120.0,
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="Time from one of these finger-sticks to the next.",
    )
    low_mgdl: float = assumption(
        70.0,
        ge=54.0,
        le=90.0,
        unit="mg/dL",
        source=f"level 1 hypoglycaemia, {_LEVELS}",
        description="Result of a finger-stick below which the person treats a low.",
    )
    correct_highs: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of high values seen that are corrected with the pump's calculator.",
    )
    high_mgdl: float = assumption(
        250.0,
        ge=150.0,
        le=350.0,
        unit="mg/dL",
        source=f"level 2 hyperglycaemia, {_LEVELS}",
        description="Value above which the person takes glucose for high.",
    )
    look_every_min: float = assumption(
        120.0,
        ge=15.0,
        le=480.0,
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How often a person who is awake looks at what the sensor says.",
    )
    calls_for_help: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of lows seen below help_below_mgdl in which the person calls for help.",
    )
    help_below_mgdl: float = assumption(
        54.0,
        ge=40.0,
        le=70.0,
        unit="mg/dL",
        source=f"level 2 hypoglycaemia, {_LEVELS}",
        description="Value seen below which help may be called.",
    )
    help_after_min: float = assumption(
        15.0,
        ge=2.0,
        le=60.0,
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="Time from the call until help is there.",
    )
    help_carbs_g: float = assumption(
        25.0,
        ge=10.0,
        le=50.0,
        unit="g",
        source="25 g of glucose, the usual emergency dose of adults; not confirmed, and here eaten",
        description="Carbohydrate that help gives.",
    )
    reports: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of suspicious events noticed that the person reports to the maker.",
    )
    report_after_h: float = assumption(
        24.0,
        ge=0.5,
        le=336.0,
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="Time from noticing to reporting; put off to the morning if asleep then.",
    )
