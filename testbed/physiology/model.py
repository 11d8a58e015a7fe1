"""What a glucose-insulin model is to the rest of the program: its people, and how they live on.

A model here is one file and its registration in ``models``.  A model elsewhere joins by an
entry point in the group ``testbed.physiology`` that names a class with the interface of
:class:`Model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

# A run's tape: four rows, one column a minute, so that a call passes one array and not four.
CARBS: Final = 0
INSULIN: Final = 1
PLASMA: Final = 2
INTERSTITIAL: Final = 3
ROWS: Final = 4

Advance: TypeAlias = Callable[[FloatArray, FloatArray, int, int], None]
"""``advance(tape, memory, first, last)`` lives the minutes ``first`` to ``last - 1``.

``tape`` has shape (4, n + 1).  Row CARBS in g/min and row INSULIN in U/min hold for a whole
minute and are read in columns ``first`` to ``last - 1``; rows PLASMA and INTERSTITIAL in mg/dL
are written in columns ``first + 1`` to ``last``.  ``memory`` is all that is carried from call
to call: a copy of a patient's ``packed``, or as an earlier call left it.  However a run is cut
into calls, the numbers must be the same to the bit.  This is the program's hot path: compile it.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Patient:
    """One virtual patient; compared by identity, there is one object a name.

    Attributes:
        name: For instance ``adult#001``; no two models have one name.
        cohort: The cohort of the model that the patient is of.
        age_years: Age, or None where the model does not know it.
        weight_kg: Body weight.
        basal_U_per_min: Insulin that keeps the fasting patient at ``basal_glucose_mgdl``.
        basal_glucose_mgdl: Glucose at the start and in the steady state.
        carb_ratio_g_per_U: Carbohydrate that one unit covers (CR).
        correction_factor_mgdl_per_U: Glucose that one unit takes away (CF).
        total_daily_insulin_U: Usual insulin in a day (TDI).
        packed: Parameters and start of a run as the model lays them out, read-only.
        advance: How the patient lives on; see :data:`Advance`.
    """

    name: str
    cohort: str
    age_years: int | None
    weight_kg: float
    basal_U_per_min: float
    basal_glucose_mgdl: float
    carb_ratio_g_per_U: float
    correction_factor_mgdl_per_U: float
    total_daily_insulin_U: float
    packed: FloatArray = field(repr=False)
    advance: Advance = field(repr=False)


class Model(Protocol):
    """A glucose-insulin model with its virtual patients."""

    @property
    def name(self) -> str:
        """The name that scenarios use."""

    @property
    def about(self) -> str:
        """What it is, in a sentence."""

    @property
    def source(self) -> str:
        """Where its equations were published."""

    @property
    def cohorts(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the patients of each cohort; the first cohort is taken unless told otherwise.

        Every patient is in one of them.  Read whenever a scenario is, so it should cost nothing.
        """

    def patient(self, name: str) -> Patient:
        """Return the patient called ``name``, one of those in ``cohorts``; always the same."""

    def people(self) -> str:
        """Return how the patients came to be, in a sentence or two."""
