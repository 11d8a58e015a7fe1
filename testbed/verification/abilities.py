"""What an attacker can do while devices pair, and how the person at the devices answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Ability:
    """What an attacker can do while devices pair; afterwards every attacker is active.

    Attributes:
        name: The name on the command line.
        about: What it can do, in a sentence.
        hears: Whether it hears what the devices send.
        active: Whether it decides what reaches whom, and makes messages up.
        knows_serials: Whether it knows both serial numbers beforehand.
        sees_codes: Whether it sees what the screens show.
        touches: Whether it can answer in the person's place, and hold a device of its own
            to another.
    """

    name: str
    about: str
    hears: bool = True
    active: bool = False
    knows_serials: bool = False
    sees_codes: bool = False
    touches: bool = False


ABILITIES: Final[Mapping[str, Ability]] = MappingProxyType(
    {
        each.name: each
        for each in (
            Ability(
                "serial",
                "knows both serial numbers, and is out of earshot while devices pair",
                hears=False,
                knows_serials=True,
            ),
            Ability("passive", "hears every message, and sends none"),
            Ability(
                "active",
                "hears, drops, replays, reorders, makes up and relays every message",
                active=True,
            ),
            Ability(
                "code-seen",
                "is active, and saw the code on the screen",
                active=True,
                sees_codes=True,
            ),
            Ability(
                "touch",
                "is active, sees the screens, and can press the buttons and hold a device of "
                "its own to another in the person's place",
                active=True,
                sees_codes=True,
                touches=True,
            ),
        )
    }
)
"""Every ability by its name, from the weakest."""


class Person(Enum):
    """How the person answers what devices ask.

    A careful person compares what both screens show, types a code once and where it belongs,
    and begins anew on both devices when a linking fails.  A careless one says "same" without
    looking, and types the code that the pump still shows into a device that failed.
    """

    CAREFUL = "careful"
    CARELESS = "careless"
