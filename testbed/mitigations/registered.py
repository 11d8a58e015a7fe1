"""Every mitigation there is, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.mitigations import cancel_unexpected_bolus, pair_in_private, remote_bolus_off
from testbed.mitigations.mitigation import Mitigation
from testbed.registry import registry

MITIGATIONS: Final[Mapping[str, Mitigation]] = registry(
    "testbed.mitigations",
    (
        remote_bolus_off.MITIGATION,
        pair_in_private.MITIGATION,
        cancel_unexpected_bolus.MITIGATION,
    ),
)
"""Every mitigation by its name."""
