"""A simulated testbed for the security of insulin-pump links.

Everything is software: virtual devices, a stand-in protocol made up for this project, real
cryptography on real bytes, a published physiological model, and an attacker who has no
powers except the ones a scenario hands out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testbed.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from testbed.api import (
        NotebookProgress,
        Run,
        Scenario,
        Study,
        load,
        open_study,
        run_study,
        simulate,
    )

__all__ = [
    "NotebookProgress",
    "Run",
    "Scenario",
    "Study",
    "__version__",
    "load",
    "open_study",
    "run_study",
    "simulate",
]


def __getattr__(name: str) -> Any:
    # The compiled model takes a while to import; `testbed --help` need not wait for it.
    if name in __all__:
        from testbed import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
