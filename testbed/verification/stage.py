"""The stage: what a step of one party changes, for everyone and in what the attacker knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from testbed.protocol.pairings.confirmation import SERIAL_BYTES
from testbed.protocol.roles import Ask, Established, Failed, Message, Role, Send, Step
from testbed.verification.intruder import Demand, Intruder, Knowledge
from testbed.verification.states import Act, Move, Party, Run, Setting, State
from testbed.verification.symbolic import SymbolicSuite, outcomes
from testbed.verification.terms import SECRET, Bindings, Term, Terms, variables_in
from testbed.verification.unification import Pairs, unify

SERIALS: Final = {Role.INITIATOR: "device's serial", Role.RESPONDER: "pump's serial"}


class Way(NamedTuple):
    """One way in which a role's step can come out, and what has to hold for it.

    Attributes:
        step: The step.
        open: The variables in it.
        bindings: What variables have to stand for.
        apart: What has to differ.
    """

    step: Step
    open: frozenset[Term]
    bindings: Bindings
    apart: Pairs


class Stage:
    """The parties of one setting, the suite that their roles run on, and the attacker.

    Args:
        setting: What the search is about.

    Attributes:
        parties: Everyone who takes part, in the order of :attr:`State.runs`.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.terms = Terms()
        self.suite = SymbolicSuite(self.terms)
        self.intruder = Intruder(self.terms)
        self.parties = tuple(
            Party(role, session)
            for session in range(setting.sessions)
            for role in (Role.RESPONDER, Role.INITIATOR)
        )
        self._place = {party: place for place, party in enumerate(self.parties)}
        self._serials = {
            role: self.terms.atom(SECRET, name, SERIAL_BYTES) for role, name in SERIALS.items()
        }

    def serial(self, role: Role) -> Term:
        """Return the serial number of a device."""
        return self._serials[role]

    def run(self, state: State, party: Party) -> Run:
        """Return how far a party is."""
        return state.runs[self._place[party]]

    def partner(self, party: Party) -> Party:
        """Return the party that the person means to link one with."""
        return Party(party.role.other, party.session)

    def receive(
        self, state: State, party: Party, message: Message[Term], demands: tuple[Demand, ...]
    ) -> Iterator[Move]:
        """Yield what follows from a message that reaches a party, under some demands."""
        yield from self.follow_all(state, party, message, self.ways(party, state, message), demands)

    def ways(self, party: Party, state: State, message: Message[Term]) -> tuple[Way, ...]:
        """Return each way in which a party's role can take a message."""
        method, role = self.setting.method, self.run(state, party).state
        return self.all_ways(lambda: method.receive(self.suite, role, message))

    def follow_all(
        self,
        state: State,
        party: Party,
        message: Message[Term],
        ways: tuple[Way, ...],
        demands: tuple[Demand, ...],
    ) -> Iterator[Move]:
        """Yield what follows from the ways in which a party can take a message."""
        act = Act("deliver", party, message.fields, message.kind)
        for way in ways:
            for settled in self.bound(state, way.bindings, demands, way.apart):
                yield self.follow(settled, party, way, act)

    def answer(
        self, state: State, party: Party, value: Term, note: str, kind: str = "answer"
    ) -> Iterator[Move]:
        """Yield what follows from an answer to what a party's screen asks."""
        method, run = self.setting.method, self.run(state, party)
        if run.asks is None:
            return
        place = self._place[party]
        answered = (*state.runs[:place], run._replace(asks=None), *state.runs[place + 1 :])
        act = Act(kind, party, (value,), note)
        for way in self.all_ways(lambda: method.answer(self.suite, run.state, value)):
            for settled in self.bound(state._replace(runs=answered), way.bindings, (), way.apart):
                yield self.follow(settled, party, way, act)

    def all_ways(self, compute: Callable[[], Step]) -> tuple[Way, ...]:
        """Return each way in which a role's step can come out, but for those that end it."""
        return tuple(
            Way(step, frozenset(variables_in(step)), bindings, apart)
            for step, equal, apart in outcomes(self.suite, compute)
            if not any(isinstance(output, Failed) for output in step.outputs)
            for bindings in unify(self.terms, equal, {})
        )

    # What follows -----------------------------------------------------------------------

    def bound(
        self,
        state: State,
        bindings: Bindings,
        demands: tuple[Demand, ...] = (),
        apart: Pairs = (),
    ) -> Iterator[State]:
        """Yield the states in which variables are bound, demands met, and values differ."""
        before = state.knowledge.bindings
        apart = (*state.apart, *apart)
        for knowledge in self.intruder.bind(state.knowledge, bindings, demands):
            put = knowledge.bindings
            if put is before:
                yield state._replace(knowledge=knowledge, apart=apart)
                continue
            still = self.terms.put_into(apart, put)
            if all(left is not right for left, right in still):
                runs = tuple(
                    run if run.open.isdisjoint(put) else self._put_run(run, put)
                    for run in state.runs
                )
                yield State(runs, knowledge, still)

    def _put_run(self, run: Run, bindings: Bindings) -> Run:
        put = self.terms.put_into(run._replace(open=frozenset()), bindings)
        return put._replace(open=frozenset(variables_in(put)))

    def follow(self, state: State, party: Party, way: Way, act: Act) -> Move:
        """Return what a role's step leads to."""
        acts, put = [act], state.knowledge.bindings
        step = way.step if way.open.isdisjoint(put) else self.terms.put_into(way.step, put)
        return Move(self.took(state, party, step, acts), tuple(acts))

    def took(self, state: State, party: Party, step: Step, acts: list[Act]) -> State:
        """Return the state after a role's step, with what the attacker learns from it."""
        run = self.run(state, party)._replace(state=step.state)
        ability = self.setting.ability
        learned: list[Term] = []
        for output in step.outputs:
            if isinstance(output, Send):
                run = run._replace(sent=run.sent + 1)
                if ability.hears:
                    learned += output.message.fields
                if not ability.active:
                    run = run._replace(said=output.message)
                acts.append(Act("send", party, output.message.fields, output.message.kind))
            elif isinstance(output, Ask):
                run = run._replace(asks=output)
                secret = output.what == "show" and (ability.sees_codes or self.setting.lucky)
                if output.value is not None and (secret or ability.touches):
                    learned.append(output.value)
                shown = () if output.value is None else (output.value,)
                acts.append(Act("asks", party, shown, output.what))
            elif isinstance(output, Established):
                run = run._replace(done=output, over=True, asks=None)
                acts.append(Act("done", party, (output.link_key, output.peer)))
        place = self._place[party]
        run = run._replace(open=frozenset(variables_in(run)))
        runs = (*state.runs[:place], run, *state.runs[place + 1 :])
        knowledge = self._learn(state.knowledge, learned, party, acts)
        return state._replace(runs=runs, knowledge=knowledge)

    def _learn(
        self, knowledge: Knowledge, learned: list[Term], party: Party, acts: list[Act]
    ) -> Knowledge:
        """Add what is heard, and what can be guessed from it without asking anyone."""
        for term in learned:
            if not self.intruder.derivable(knowledge, term):
                knowledge = knowledge._replace(heard=(*knowledge.heard, term))
        if learned:
            for guessed in self.intruder.guesses(knowledge):
                acts.append(Act("guess", party, (guessed,)))
                knowledge = knowledge._replace(heard=(*knowledge.heard, guessed))
        return knowledge
