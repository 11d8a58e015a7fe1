"""Sessions: honest devices that pair with each other, and what can happen to them next.

A session is one linking of the same device with the same pump, as a person begins it.  Each
device runs one session at a time, as the simulated ones do, and one may be in a later session
than the other.  The devices run the project's own roles, on the symbolic suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from testbed.protocol.pairings.confirmation import SERIAL_BYTES
from testbed.protocol.roles import Ask, Message, Role, Step
from testbed.verification.answers import answers
from testbed.verification.intruder import Demand, Knowledge
from testbed.verification.stage import Stage, Way
from testbed.verification.states import Act, Move, Party, Run, Setting, State
from testbed.verification.terms import SECRET, VARIABLE, Term, terms_in, variables_in

CODES: Final = 4
"""How many codes there are in the search: two bits, so that a code has bits to learn."""


class Sessions(Stage):
    """The moves that there are in one setting."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._kinds = tuple(setting.method.layout)
        self._taken: dict[Any, tuple[tuple[Message[Term], tuple[Way, ...]], ...]] = {}

    def moves(self, state: State) -> Iterator[Move]:
        """Yield every state that can follow, but for those in which a role has just failed."""
        yield from self._next_sessions(state)
        for party in self.parties:
            run = self.run(state, party)
            if run.over or run.state is None:
                continue
            if run.asks is not None and run.asks.what != "show":
                yield from answers(self, state, party, run.asks)
            if self.setting.ability.active:
                yield from self._deliveries(state, party)
            else:
                yield from self._as_meant(state, party)

    # Beginning --------------------------------------------------------------------------

    def start(self) -> tuple[State, tuple[Act, ...]]:
        """Return the state in which everything has begun that nothing stands in the way of."""
        ability = self.setting.ability
        known = tuple(self._serials.values()) if ability.knows_serials else ()
        state = State(tuple(Run() for _ in self.parties), Knowledge(known))
        acts: list[Act] = []
        for party in self.parties:
            if party.session == 0:
                state = self._begin(state, party, acts)
        return state, tuple(acts)

    def _begin(self, state: State, party: Party, acts: list[Act]) -> State:
        acts.append(Act("begin", party))
        return self.took(state, party, self._first_step(party), acts)

    def _next_sessions(self, state: State) -> Iterator[Move]:
        """Begin the next session on either device; whatever that one was at is given up."""
        waiting: dict[Role, Party] = {}
        for party, run in zip(self.parties, state.runs, strict=True):
            if run.state is None and not run.over:
                waiting.setdefault(party.role, party)
        for party in waiting.values():
            runs = tuple(
                _given_up(run)
                if other.role is party.role and other.session < party.session
                else run
                for other, run in zip(self.parties, state.runs, strict=True)
            )
            acts: list[Act] = []
            following = self._begin(state._replace(runs=runs), party, acts)
            yield Move(following, tuple(acts))

    def _first_step(self, party: Party) -> Step:
        method = self.setting.method
        fresh = [
            self.terms.atom(SECRET, f"{party}, fresh value {number + 1}", 32)
            for number in range(method.fresh)
        ]
        step = method.start(self.suite, party.role, self._serials[party.role], fresh, CODES)
        if not self.setting.reused or party.role is Role.INITIATOR:
            return step
        printed = self.suite.code(self.terms.atom(SECRET, "printed on the pump", 32), CODES)
        outputs = tuple(
            Ask(each.what, printed) if isinstance(each, Ask) and each.what == "show" else each
            for each in step.outputs
        )
        return Step(method.know(step.state, printed), outputs)

    # Messages ---------------------------------------------------------------------------

    def _deliveries(self, state: State, party: Party) -> Iterator[Move]:
        """Deliver any message: its fields stay open until somebody checks them."""
        run, heard = self.run(state, party), len(state.knowledge.heard)
        key = (party, run.state, run.sent)
        taken = self._taken.get(key)
        if taken is None:
            # What a role makes of a message is the same wherever everyone else is.
            messages = (self._open_message(kind, party, run.sent) for kind in self._kinds)
            ways = ((message, self.ways(party, state, message)) for message in messages)
            taken = self._taken[key] = tuple(each for each in ways if each[1])
        for message, ways_of_it in taken:
            demands = tuple(Demand(heard, field) for field in message.fields)
            yield from self.follow_all(state, party, message, ways_of_it, demands)

    def _open_message(self, kind: str, party: Party, sent: int) -> Message[Term]:
        lengths = self.setting.method.layout[kind]
        return Message(
            kind,
            tuple(
                self.terms.atom(VARIABLE, f"{kind}.{place + 1} to {party} after {sent}", length)
                for place, length in enumerate(lengths)
            ),
        )

    def _as_meant(self, state: State, party: Party) -> Iterator[Move]:
        """Deliver what the partner has said last."""
        partner = self.run(state, self.partner(party))
        if partner.said is not None:
            yield from self.receive(state, party, partner.said, ())


def _given_up(run: Run) -> Run:
    """Return a run that nobody goes on with: what it held by then is all that is left of it."""
    held = tuple(
        term for term in terms_in(run.state) if term.op == "derive" or term.length == SERIAL_BYTES
    )
    return Run(state=held, done=run.done, over=True, open=frozenset(variables_in(held)))
