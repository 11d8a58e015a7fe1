"""An undisturbed pairing on any suite, as a schedule that does not depend on the values."""

from __future__ import annotations

from typing import Any

from testbed.protocol.roles import YES, Ask, Established, Message, PairingMethod, Role, Send, Step

CODES = 4


def run(method: PairingMethod, suite: Any, values: dict[str, Any]) -> list[tuple[Role, Any]]:
    """Return all that two roles put out, in order, until nobody has anything to say.

    Args:
        method: The pairing method.
        suite: The cryptography, on bytes or on terms.
        values: The serial number (``"responder serial"``) and the fresh values
            (``"responder 0"``) of both roles.
    """
    states: dict[Role, Any] = {}
    asks: dict[Role, Ask[Any]] = {}
    on_air: list[tuple[Role, Message[Any]]] = []
    told: list[tuple[Role, Any]] = []

    def take(role: Role, step: Step) -> None:
        states[role] = step.state
        for output in step.outputs:
            told.append((role, output))
            if isinstance(output, Send):
                on_air.append((role.other, output.message))
            elif isinstance(output, Ask):
                asks[role] = output

    for role in (Role.RESPONDER, Role.INITIATOR):
        fresh = [values[f"{role.value} {number}"] for number in range(method.fresh)]
        serial = values[f"{role.value} serial"]
        take(role, method.start(suite, role, serial, fresh, CODES))
    while on_air or len(asks) == 2:
        if on_air:
            role, message = on_air.pop(0)
            take(role, method.receive(suite, states[role], message))
            continue
        shown = {role: asks.pop(role) for role in (Role.RESPONDER, Role.INITIATOR)}
        for role, ask in shown.items():
            if ask.what != "show":
                compares = ask.what == "compare"
                answer = suite.label(YES) if compares else shown[role.other].value
                take(role, method.answer(suite, states[role], answer))
    return told


def keys(told: list[tuple[Role, Any]]) -> dict[Role, Established[Any]]:
    """Return what each role ended with."""
    return {role: output for role, output in told if isinstance(output, Established)}


def names(method: PairingMethod) -> dict[str, int]:
    """Return the name of each value that a run begins with, and its length in bytes."""
    found = {f"{role.value} serial": 12 for role in Role}
    return found | {f"{role.value} {number}": 32 for role in Role for number in range(method.fresh)}
