"""What a sensitivity sweep finds: which assumptions move a conclusion, and where it turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import msgspec

from testbed.study.estimate import Effect

Method = Literal["morris", "sobol"]

SOURCES: Final[Mapping[Method, str]] = {
    "morris": "elementary effects (Morris, Technometrics 1991;33:161; Campolongo et al., Environ "
    "Model Softw 2007;22:1509)",
    "sobol": "variance-based indices (Sobol, Math Comput Simul 2001;55:271; Saltelli et al., "
    "Comput Phys Commun 2010;181:259)",
}


class Influence(NamedTuple):
    """How much an assumption moves the difference.

    Attributes:
        name: The assumption.
        effect: Morris' mean absolute elementary effect, in the metric's unit over the whole range;
            or Sobol's total index, a share of the variance.
        plus_minus: Half the width of its 95 % interval, by resampling the points.
        direct: Morris' mean elementary effect, with its sign; or Sobol's first-order index.
        spread: Morris' standard deviation of elementary effects, large where it depends on other
            assumptions; ``None`` for Sobol.
    """

    name: str
    effect: float
    plus_minus: float
    direct: float
    spread: float | None


class Flip(NamedTuple):
    """Between which values the conclusion turns over, all else as the scenario has it."""

    holds_at: float
    fails_at: float


class Walk(NamedTuple):
    """The difference along the range of one assumption, all else as the scenario has it."""

    name: str
    unit: str
    values: tuple[float, ...]
    differences: tuple[float | None, ...]
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What a sweep found.

    Attributes:
        conclusion: The conclusion, in words.
        method: ``morris`` or ``sobol``.
        replicates: Replicates at each point, the same dice at all.
        points: How many points.
        undefined: At how many of them no replicate defined the metric in both arms.
        held: At how many of the others the conclusion held.
        equal: At how many of them both arms had the same mean.
        as_it_is: The difference as the scenario has it.
        influences: The assumptions, those that move the difference most first.
        walks: The range of each of the first few.
    """

    conclusion: str
    method: Method
    replicates: int
    points: int
    undefined: int
    held: int
    equal: int
    as_it_is: Effect
    influences: tuple[Influence, ...]
    walks: tuple[Walk, ...]

    @property
    def survives(self) -> bool:
        """Whether the conclusion held at every point and along every walk."""
        walked = [d for walk in self.walks for d in walk.differences if d is not None]
        return self.held == self.points - self.undefined and all(d < 0 for d in walked)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        told["influences"] = [each._asdict() for each in self.influences]
        told["walks"] = [
            {**walk._asdict(), "flips": [flip._asdict() for flip in walk.flips]}
            for walk in self.walks
        ]
        return {**told, "survives": self.survives, "source": SOURCES[self.method]}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Sensitivity:
        """Return what :meth:`as_json` gave.

        Raises:
            ValueError: If it is not that.
        """
        try:
            walks = [
                Walk(**{**walk, "flips": tuple(Flip(**flip) for flip in walk["flips"])})
                for walk in told["walks"]
            ]
            influences = [Influence(**each) for each in told["influences"]]
            # Named tuples are arrays to the library, and are checked as such.
            return msgspec.convert({**told, "influences": influences, "walks": walks}, cls)
        except (KeyError, TypeError, msgspec.ValidationError) as error:
            raise ValueError(f"expected what a sensitivity sweep found: {error}") from None
