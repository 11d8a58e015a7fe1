"""How long an attacker waits: rows that several steps have in common."""

from __future__ import annotations

from typing import Any

from testbed.settings import NO_PUBLISHED_RATE, assumed_duration


def gives_up_after(default: str, description: str) -> Any:
    """Declare after how long a step is given up, from a second to two weeks."""
    return assumed_duration(
        default, ge="1s", le="336h", unit="h", source=NO_PUBLISHED_RATE, description=description
    )


def says_hello_every() -> Any:
    """Declare how long a hello is left unanswered before it is said again."""
    return assumed_duration(
        "2s",
        ge="100ms",
        le="60s",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long the attacker waits for an answer before saying hello again.",
    )


def waits_for_reply() -> Any:
    """Declare how long the attacker listens for an answer to a command."""
    return assumed_duration(
        "5s",
        ge="100ms",
        le="30min",
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long the attacker listens for the pump's answer to a command.",
    )
