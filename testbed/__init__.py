"""A simulated testbed for the security of insulin-pump links.

Everything is software: virtual devices, a stand-in protocol made up for this project, real
cryptography on real bytes, a published physiological model, and an attacker who has no
powers except the ones a scenario hands out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from testbed.api import Run, Scenario, Study, load, run_study, simulate

__all__ = ["Run", "Scenario", "Study", "__version__", "load", "run_study", "simulate"]


def __getattr__(name: str) -> Any:
    # The compiled model takes a while to import; `testbed --help` need not wait for it.
    if name in __all__:
        from testbed import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
