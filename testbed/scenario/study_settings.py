"""What a study compares: arms written one by one, factors that make arms, and how surely."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from testbed.settings import Duration, Settings

ADVICE_GROUP = "@advice"
"""In an arm, stands for every line of advice to wearers at once."""

Of = Literal["metric", "effect", "price"]
"""The mean itself, its difference from the baseline, or the same without an attacker."""


class PrecisionSettings(Settings):
    """How surely one number is to be known; the study stops when it is."""

    metric: str
    """The metric that it is about; ``testbed list metrics``."""
    arm: str
    """The arm that it is about."""
    of: Of = "metric"
    """The mean itself, its difference from the baseline, or the same without an attacker."""
    half_width: float = Field(gt=0)
    """Stop when half the distance between the 95 % limits is at most this, in the metric's unit."""
    look_every: int = Field(ge=2, le=10_000_000)
    """After how many replicates each the study looks; one for each patient or more."""


class Adoption(Settings):
    """A mitigation that is not taken by everybody, or not every time."""

    name: str
    """The mitigation; ``testbed list mitigations``."""
    adherence: float = Field(default=1.0, ge=0.0, le=1.0)
    """The share of the wearers who take it; of a share of occasions, how far it moves."""
    out_for: Duration | None = None
    """How long ago its maker began to send it out; left out where everybody has it."""
    half_life: Duration | None = Field(default=None, gt=0)
    """After how long half have what is sent out; goes with ``out_for``."""

    @model_validator(mode="after")
    def _both_or_neither(self) -> Adoption:
        if (self.out_for is None) != (self.half_life is None):
            raise ValueError("expected out_for and half_life together, found one of them")
        return self

    @property
    def taken(self) -> float:
        """The share that takes it by now: adherence times 1 - 2^(-out_for/half_life)."""
        if self.out_for is None or self.half_life is None:
            return self.adherence
        return self.adherence * (1.0 - math.exp2(-self.out_for / self.half_life))


Level = bool | int | float | str


class OwnArm(Settings):
    """An arm with settings of its own."""

    takes: tuple[str | Adoption, ...] = ()
    """Its mitigations."""
    settings: dict[str, Level] = Field(default={})
    """Values of settings by dotted key, under the mitigations."""


class Sweep(Settings):
    """Values from one number to another."""

    from_: float = Field(alias="from")
    """The first value."""
    to: float
    """The last value."""
    steps: int = Field(ge=2, le=1000)
    """How many values, both ends counted."""
    scale: Literal["linear", "log"] = "linear"
    """Whether values are as far apart, or as many times each other."""


Share = Annotated[float, Field(ge=0.0, le=1.0)]
Design = Literal["full", "fractional", "one-at-a-time", "leave-one-out"]


class FactorSettings(Settings):
    """Factors whose combinations are arms of the study."""

    design: Design = "full"
    """Which combinations: all of them; a balanced fraction of those of factors with two levels;
    each level by itself; or everything, and everything but one."""
    resolution: Literal[3, 4, 5] = 4
    """Of a fraction: 3 keeps main effects apart from each other, 4 from effects of two as well,
    and 5 keeps effects of two apart from each other."""
    mitigations: tuple[str | Adoption, ...] = ()
    """Mitigations that an arm takes or does not; ``@advice`` for every line of advice."""
    adherence: dict[str, tuple[Share, ...] | Sweep] = Field(default={})
    """Adherences at which a mitigation is taken, by its name."""
    settings: dict[str, tuple[Level, ...] | Sweep] = Field(default={})
    """Values of a setting, by its dotted key."""
    exclude: tuple[dict[str, Level], ...] = ()
    """Combinations to leave out: levels by factor, all of which must be met."""


class ConclusionSettings(Settings):
    """What the study is to show: one number of one arm below another's."""

    metric: str
    """The metric that is compared; ``testbed list metrics``."""
    less: str
    """The arm whose mean is the smaller one."""
    than: str
    """The arm whose mean is the greater one."""


class StudySettings(Settings):
    """Which arms are compared, and on how many replicates."""

    seed: int = Field(default=1, ge=0, lt=2**64)
    """The seed of every random stream."""
    replicates: int = Field(default=100, ge=1, le=10_000_000)
    """How many times each arm is run; at most so many where a precision is asked for."""
    precision: PrecisionSettings | None = None
    """Stop earlier, when one interval is narrow enough."""
    baseline: str = "as-shipped"
    """The arm that the others are compared with."""
    arms: dict[str, tuple[str | Adoption, ...] | OwnArm] = Field(
        default={"as-shipped": ()}, min_length=1
    )
    """Mitigations of each arm, by the arm's name; ``testbed list mitigations``.  Each a name, or
    a table with ``name`` and ``adherence``, or ``out_for`` and ``half_life``; or a table of
    ``takes`` and ``settings``."""
    factors: FactorSettings | None = None
    """Arms made of combinations, beside those written."""
    conclusion: ConclusionSettings | None = None
    """What ``testbed sensitivity`` asks whether it holds."""
