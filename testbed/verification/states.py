"""What a search looks at: who takes part, how far each is, and what can happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from testbed.protocol.roles import Ask, Established, Message, PairingMethod, Role
from testbed.verification.abilities import Ability, Person
from testbed.verification.intruder import Knowledge
from testbed.verification.terms import Term
from testbed.verification.unification import Pairs


class Party(NamedTuple):
    """One device in one session.

    Attributes:
        role: Which side it plays.
        session: Which session, from 0.
    """

    role: Role
    session: int

    def __str__(self) -> str:
        """Return the name that charts show."""
        device = "device" if self.role is Role.INITIATOR else "pump"
        return f"{device} {self.session + 1}"


class Run(NamedTuple):
    """How far a party is.

    Attributes:
        state: The state of its role; None before it has begun and after it has ended.
        asks: What its screen asks of the person, or shows.
        done: The link that it ended with.
        sent: How many messages it has sent.
        said: The last of them, where nobody but the partner will deliver it.
        over: Whether it has ended, or was given up for another session.
        open: The variables in it.
    """

    state: Any = None
    asks: Ask[Term] | None = None
    done: Established[Term] | None = None
    sent: int = 0
    said: Message[Term] | None = None
    over: bool = False
    open: frozenset[Term] = frozenset()


class Act(NamedTuple):
    """One thing that happened, as a counterexample tells it.

    Attributes:
        kind: ``begin``, ``deliver``, ``send``, ``asks``, ``answer`` (by the person), ``press``
            (by the attacker), ``guess`` or ``done``.
        party: Whom it happened to.
        values: The values of it: a message's fields, an answer.
        note: A message's kind, or in words what happened.
    """

    kind: str
    party: Party
    values: tuple[Term, ...] = ()
    note: str = ""


class State(NamedTuple):
    """Where everyone is, and what the attacker knows.

    Attributes:
        runs: How far each party is, in the order of :attr:`Sessions.parties`.
        knowledge: What the attacker has heard, and has still to settle on.
        apart: Pairs of values that were found to differ.
    """

    runs: tuple[Run, ...]
    knowledge: Knowledge
    apart: Pairs = ()


class Move(NamedTuple):
    """A state that can follow, and what happened."""

    state: State
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What one search is about.

    Attributes:
        method: The pairing method, whose own roles run.
        ability: What the attacker can do while devices pair.
        person: How the person answers.
        sessions: How many times device and pump are linked.
        reused: Whether the pump shows one code all its life.
        lucky: Whether every guess of the attacker's is right.
    """

    method: PairingMethod
    ability: Ability
    person: Person = Person.CAREFUL
    sessions: int = 2
    reused: bool = False
    lucky: bool = False
