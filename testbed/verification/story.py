"""Stories: a counterexample as arrows between device, attacker and pump, and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from testbed.protocol.roles import Role
from testbed.verification.answers import SEARCHED
from testbed.verification.channel_use import Frame
from testbed.verification.search import Attack
from testbed.verification.states import Party
from testbed.verification.terms import OWN, VARIABLE, Term
from testbed.verification.verify import Counterexample

DEVICE: Final = "device"
ATTACKER: Final = "attacker"
PUMP: Final = "pump"
LIFELINES: Final = (DEVICE, ATTACKER, PUMP)


class Line(NamedTuple):
    """One line of a story: an arrow from one lifeline to another, or a note at one.

    Attributes:
        at: The lifeline that it starts from.
        to: Where an arrow ends; None for a note.
        text: What is sent or happens.
    """

    at: str
    to: str | None
    text: str


def story(told: Counterexample) -> tuple[Line, ...]:
    """Return the lines of a counterexample."""
    lines: list[Line] = []
    if told.pairing is not None:
        lines += _pairing(told.pairing)
        if told.frames:
            lines.append(Line(ATTACKER, None, "has the pump's link key"))
    elif told.frames:
        lines.append(Line(DEVICE, None, "is linked with the pump as meant"))
    lines += (_frame(frame) for frame in told.frames)
    return tuple(lines)


def _where(party: Party) -> str:
    return DEVICE if party.role is Role.INITIATOR else PUMP


def _pairing(attack: Attack) -> Iterator[Line]:
    heard: set[Term] = set()
    several = any(act.party.session for act in attack.acts)
    active = attack.setting.ability.active
    for act in attack.acts:
        at = _where(act.party)
        number = f"[{act.party.session + 1}] " if several else ""
        if act.kind == "begin":
            yield Line(at, None, f"{number}starts to link")
        elif act.kind == "send":
            heard.update(act.values)
            if active:
                yield Line(at, ATTACKER, f"{number}{act.note}")
        elif act.kind == "deliver":
            if active:
                fields = ", ".join(_from_where(value, heard) for value in act.values)
                yield Line(ATTACKER, at, f"{number}{act.note}: {fields}")
            else:
                yield Line(DEVICE if at == PUMP else PUMP, at, f"{number}{act.note}")
        elif act.kind == "asks" and act.note == "show":
            yield Line(at, None, f"{number}shows a code")
        elif act.kind in ("answer", "press"):
            who = "the person" if act.kind == "answer" else "the attacker"
            yield Line(at, None, f"{number}{who} {act.note}")
        elif act.kind == "guess":
            yield Line(ATTACKER, None, f"tries all values: learns {_short(act.values[0])}")
        elif act.kind == "done":
            yield Line(at, None, f"{number}is linked")


def _short(term: Term) -> str:
    return f"bit {term.meta[0] + 1} of the code" if term.op == "bit" else "the code"


def _from_where(term: Term, heard: set[Term]) -> str:
    """Return in a word where the attacker has a value from."""
    if term in heard:
        return "as heard"
    if term.op in (OWN, VARIABLE) and SEARCHED in term.meta[0]:
        return "searched for"
    if term.op in (OWN, VARIABLE) or (term.op in ("public", "share") and term.args[0].op == OWN):
        return "own"
    return "computed"


def _frame(frame: Frame) -> Line:
    if frame.kind in ("command", "status"):
        return Line(frame.who, ATTACKER, f"{frame.note}, counter {frame.counter}")
    if frame.kind == "deliver":
        return Line(ATTACKER, PUMP, f"{frame.note}, counter {frame.counter}: accepted")
    return Line(frame.who, None, frame.note)
