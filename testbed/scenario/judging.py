"""What a scenario says of how its runs are judged: limits of unsafe doses, and severity."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from testbed.settings import NO_PUBLISHED_RATE, OneOf, Settings, assumption

Word = Literal["minor", "serious", "critical", "catastrophic"]
WORDS: Final[tuple[Word, ...]] = ("minor", "serious", "critical", "catastrophic")
"""The words of severity above ``negligible``, in order (ISO 14971:2019's usual five)."""

_KIND: Final = "kind of limit: ICSMA-16-279-01, compensating controls"


class UnsafeSettings(Settings):
    """Above which limits a dose is called unsafe, whatever the pump allows."""

    max_bolus_U: float = assumption(
        10.0,
        ge=0.1,
        le=100.0,
        unit="U",
        source=f"{_KIND}; 10 U is a usual first setting of pumps, not confirmed; "
        f"{NO_PUBLISHED_RATE}",
        description="The largest single bolus of an attack that is not called unsafe.",
    )
    most_in_2h_U: float = assumption(
        20.0,
        ge=1.0,
        le=100.0,
        unit="U",
        source=f"{_KIND}; {NO_PUBLISHED_RATE}",
        description="What any two hours hold at most, basal and boluses, before it is unsafe.",
    )
    most_in_24h_U: float = assumption(
        100.0,
        ge=5.0,
        le=500.0,
        unit="U",
        source=f"{_KIND}; {NO_PUBLISHED_RATE}",
        description="What any 24 hours hold at most, basal and boluses, before it is unsafe.",
    )


class Thresholds(Settings):
    """From which values of one metric on a run is how severe; a word left out is never said."""

    minor: float | None = None
    """From here on at least minor."""
    serious: float | None = None
    """From here on at least serious."""
    critical: float | None = None
    """From here on at least critical."""
    catastrophic: float | None = None
    """From here on catastrophic."""

    @property
    def steps(self) -> dict[Word, float]:
        """The words that are said, with their thresholds, from the least severe on."""
        given: dict[Word, float | None] = {word: getattr(self, word) for word in WORDS}
        return {word: value for word, value in given.items() if value is not None}

    @model_validator(mode="after")
    def _increasing(self) -> Thresholds:
        """Refuse thresholds of which a worse word has no higher one."""
        steps = list(self.steps.items())
        if not steps:
            raise ValueError(f"expected a threshold of {', '.join(WORDS)}, found none")
        for (milder, low), (worse, high) in pairwise(steps):
            if not high > low:
                raise PydanticCustomError(
                    "increasing",
                    "expected a number above {low}, that of {milder}, found {high}",
                    {"low": f"{low:g}", "milder": milder, "high": f"{high:g}", "at": (worse,)},
                )
        return self


class Scale:
    """A scale of severity that has a name: what it is, and its thresholds by metric."""

    __slots__ = ("about", "source", "thresholds")

    def __init__(self, about: str, source: str, thresholds: Mapping[str, Thresholds]) -> None:
        self.about = about
        self.source = source
        self.thresholds = MappingProxyType(dict(thresholds))


SCALES: Final[Mapping[str, Scale]] = MappingProxyType(
    {
        "tidepool": Scale(
            "Tidepool's bands of the low blood glucose index and of hours that lack insulin",
            "Tidepool, data-science-metrics and its severity evaluation (public code): scores 0 "
            "and 1 are negligible here, 2 to 5 the words above it; bands of LBGI after Kovatchev "
            "et al., Diabetes Care 1998;21:1870, fitted to a month and not to a day",
            {
                "lbgi": Thresholds(minor=2.5, serious=5.0, critical=10.0),
                "dka_index_h": Thresholds(minor=8.0, serious=14.0, critical=21.0),
                "longest_below_40_min": Thresholds(catastrophic=240.0),
            },
        ),
        "consensus": Scale(
            "levels of hypo- and hyperglycaemia of the international consensus, by how long",
            "levels and the 15 min of an event: Battelino et al., Diabetes Care 2019;42:1593; "
            "prolonged from 2 h: Danne et al., Diabetes Care 2017;40:1631; which word a level "
            "has is this testbed's choice",
            {
                "below_70_min": Thresholds(minor=15.0),
                "below_54_min": Thresholds(serious=15.0, critical=120.0),
                "above_250_min": Thresholds(minor=15.0, serious=120.0),
                "longest_below_40_min": Thresholds(critical=15.0, catastrophic=120.0),
            },
        ),
    }
)
"""The scales that have a name."""


class SeveritySettings(Settings):
    """How severe a run is called, in five words; it changes no run, only what is said of it."""

    scale: Annotated[str, OneOf("a scale of severity", SCALES)] = "tidepool"
    """A scale that has a name; not used where own thresholds are given."""
    thresholds: dict[str, Thresholds] = Field(default={})
    """Own thresholds, by metric; the most severe word of any of them counts."""

    @model_validator(mode="after")
    def _one_of_both(self) -> SeveritySettings:
        """Refuse a named scale beside own thresholds."""
        if self.thresholds and "scale" in self.model_fields_set:
            raise PydanticCustomError(
                "one_scale",
                "expected either a scale or own thresholds, found both",
                {"at": ("scale",)},
            )
        return self

    @property
    def name(self) -> str:
        """The name of the scale, ``own`` where the scenario brings its thresholds."""
        return "own" if self.thresholds else self.scale

    @property
    def steps(self) -> dict[str, dict[str, float]]:
        """The thresholds by metric and word."""
        chosen = self.thresholds or SCALES[self.scale].thresholds
        return {
            metric: {str(word): value for word, value in each.steps.items()}
            for metric, each in chosen.items()
        }
