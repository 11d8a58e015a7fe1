"""The one place where numba is configured, with its types kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return ``function`` compiled to machine code at its first call, cached on disk.

    Without ``fastmath``, so that the compiler neither reorders sums nor fuses a product with a
    sum: a result is the same to the bit whether it is reached in one call or in many.  Division
    by zero gives infinity as in numpy instead of raising, which keeps a branch out of the loop.
    """
    return cast(Callable[_P, _R], numba.njit(cache=True, error_model="numpy")(function))
