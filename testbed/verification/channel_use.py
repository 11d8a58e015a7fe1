"""Channel use: what an active attacker makes a linked pump accept, over every channel.

After a pairing the device gives the pump commands.  The attacker delivers any frame at any
time, both sides may lose power and come back, and they may be linked anew, with another key,
when the attacker has everything from the link before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from testbed.protocol.channels import Channel, LinkState, Refused
from testbed.protocol.roles import Role
from testbed.verification.intruder import Demand, Intruder, Knowledge
from testbed.verification.symbolic import SymbolicSuite, outcomes
from testbed.verification.terms import ANY, LABEL, OWN, SECRET, VARIABLE, Bindings, Term, Terms
from testbed.verification.unification import unify

COMMANDS: Final = 2
"""How many commands the device gives on each link."""
LINKS: Final = 2
"""How many links there are, one after the other."""
ACCEPTED: Final = 3
"""How many frames the pump accepts at most before the search leaves it at that."""

AUTHENTICITY: Final = "command authenticity"
FRESHNESS: Final = "command freshness"


class Frame(NamedTuple):
    """One thing that happened on a link.

    Attributes:
        kind: ``command``, ``status``, ``deliver``, ``restart`` or ``link``.
        who: ``device`` or ``pump``.
        link: On which link, from 0.
        counter: The counter in the header.
        body: The body as it was sent or delivered.
        note: What it carries, or in words what happened.
    """

    kind: str
    who: str
    link: int
    counter: int = 0
    body: Term | None = None
    note: str = ""


class Use(NamedTuple):
    """Where both sides of a link are.

    Attributes:
        device: The device's side.
        pump: The pump's side.
        knowledge: What the attacker knows.
        link: Which link it is.
        sent: The commands sent: link, and what was said.
        accepted: Those accepted, likewise.
        told: How many states the pump has told.
        restarts: How often each side has lost power.
        frames: The frames so far.
    """

    device: LinkState[Term]
    pump: LinkState[Term]
    knowledge: Knowledge
    link: int = 0
    sent: tuple[tuple[int, Term], ...] = ()
    accepted: tuple[tuple[int, Term], ...] = ()
    told: int = 0
    restarts: tuple[int, int] = (0, 0)
    frames: tuple[Frame, ...] = ()


class ChannelFound(NamedTuple):
    """What the search of one channel found.

    Attributes:
        states: How many states it looked at.
        exhausted: Whether these were all there are.
        attacks: The frames of the shortest attack on each goal that is broken.
    """

    states: int
    exhausted: bool
    attacks: dict[str, tuple[Frame, ...]]


class ChannelUse:
    """The moves on a link over one channel.

    Args:
        channel: The channel, whose own code runs.
        key_known: Whether the attacker knows the link keys.
    """

    def __init__(self, channel: Channel, key_known: bool) -> None:
        self.channel = channel
        self.terms = Terms()
        self.suite = SymbolicSuite(self.terms)
        self.intruder = Intruder(self.terms)
        self._keys = [self.terms.atom(SECRET, f"link key {link + 1}", 32) for link in range(LINKS)]
        self._known = tuple(self._keys) if key_known else ()

    def start(self) -> Use:
        """Return both sides as a pairing leaves them."""
        return Use(*self._established(0), Knowledge(self._known))

    def _established(self, link: int) -> tuple[LinkState[Term], LinkState[Term]]:
        establish, key = self.channel.establish, self._keys[link]
        return (
            establish(self.suite, key, Role.INITIATOR),
            establish(self.suite, key, Role.RESPONDER),
        )

    def _header(self, counter: int, sender: str) -> Term:
        return self.terms.atom(LABEL, f"header from the {sender}, counter {counter}", 14)

    def moves(self, use: Use) -> Iterator[Use]:
        """Yield every state that can follow."""
        sent_here = sum(1 for link, _ in use.sent if link == use.link)
        if sent_here < COMMANDS:
            command = self.terms.atom(LABEL, f"command {sent_here + 1} on link {use.link + 1}", 7)
            counter, said = use.device.next_counter, str(command.meta[0])
            state, body = self._seal(use.device, "device", command)
            frame = Frame("command", "device", use.link, counter, body, said)
            yield self._heard(use, body)._replace(
                device=state, sent=(*use.sent, (use.link, command)), frames=(*use.frames, frame)
            )
        if use.told < 1:
            status = self.terms.atom(LABEL, "status", 7)
            state, body = self._seal(use.pump, "pump", status)
            frame = Frame("status", "pump", use.link, use.pump.next_counter, body, "status")
            yield self._heard(use, body)._replace(
                pump=state, told=use.told + 1, frames=(*use.frames, frame)
            )
        yield from self._restarts(use)
        if use.link + 1 < LINKS and use.sent:
            device, pump = self._established(use.link + 1)
            frame = Frame(
                "link", "device", use.link + 1, note="and pump are linked anew, with another key"
            )
            yield use._replace(
                device=device, pump=pump, link=use.link + 1, frames=(*use.frames, frame)
            )
        if len(use.accepted) < ACCEPTED:
            for counter in range(1, max(use.device.next_counter, use.pump.highest + 1) + 2):
                yield from self._delivered(use, counter)

    def _seal(
        self, state: LinkState[Term], sender: str, payload: Term
    ) -> tuple[LinkState[Term], Term]:
        header = self._header(state.next_counter, sender)
        return self.channel.seal(self.suite, state, header, payload)

    def _restarts(self, use: Use) -> Iterator[Use]:
        device, pump = use.restarts
        if not device:
            frame = Frame("restart", "device", use.link, note="loses power and comes back")
            yield use._replace(
                device=self.channel.restart(use.device),
                restarts=(1, pump),
                frames=(*use.frames, frame),
            )
        if not pump:
            frame = Frame("restart", "pump", use.link, note="loses power and comes back")
            yield use._replace(
                pump=self.channel.restart(use.pump),
                restarts=(device, 1),
                frames=(*use.frames, frame),
            )

    def _heard(self, use: Use, body: Term) -> Use:
        """Add a frame's body to what the attacker knows, with what a nonce used twice tells."""
        knowledge = use.knowledge
        # What was put together is taken apart first, so that the whole is nothing new.
        learned = list(body.args) if body.op == "pair" else [body]
        for other in knowledge.heard:
            same_nonce = other.meta == body.meta and other.args[:1] == body.args[:1]
            if other.op == body.op == "seal" and same_nonce and other is not body:
                learned.append(self.terms.make("pad", body.meta, body.args[:1]))
        for term in learned:
            if not self.intruder.derivable(knowledge, term):
                knowledge = knowledge._replace(heard=(*knowledge.heard, term))
        return use._replace(knowledge=knowledge)

    def _delivered(self, use: Use, counter: int) -> Iterator[Use]:
        """Deliver any body under a counter; yield where it is accepted."""
        heard = len(use.knowledge.heard)
        body = self.terms.atom(VARIABLE, f"frame {len(use.accepted) + 1}", ANY)
        header = self._header(counter, "device")
        for result, equal, _ in outcomes(
            self.suite,
            lambda: self.channel.unseal(self.suite, use.pump, header, counter, body),
        ):
            if isinstance(result, Refused):
                continue
            state, payload = result
            for bindings in unify(self.terms, equal, {}):
                demands = (Demand(heard, body),)
                for knowledge in self.intruder.bind(use.knowledge, bindings, demands):
                    put = knowledge.bindings
                    for choice in self._choices(use, self.terms.put(payload, put)):
                        said, sent = self.terms.put_all((payload, body), {**put, **choice})
                        frame = Frame("deliver", "pump", use.link, counter, sent, str(said.meta[0]))
                        yield use._replace(
                            pump=state,
                            knowledge=Knowledge(use.knowledge.heard),
                            accepted=(*use.accepted, (use.link, said)),
                            frames=(*use.frames, frame),
                        )

    def _choices(self, use: Use, payload: Term) -> Iterator[Bindings]:
        """Yield what a payload that is the attacker's to choose may be: its own, or a copy."""
        if payload.op != VARIABLE:
            yield {}
            return
        own = self.terms.atom(OWN, "the attacker's command", 7)
        for said in (own, *dict.fromkeys(said for _, said in use.sent)):
            yield {payload: said}


def _broken(use: Use) -> Iterator[str]:
    """Yield the goals that a state shows to be broken."""
    said = {command for _, command in use.sent}
    genuine = [each for each in use.accepted if each[1] in said]
    if len(genuine) < len(use.accepted):
        yield AUTHENTICITY
    # What was said on an earlier link and is accepted now was said, but is not new.
    if len(set(genuine)) < len(genuine) or any(each not in use.sent for each in genuine):
        yield FRESHNESS


def _key(use: Use) -> Any:
    told = (use.link, use.sent, use.accepted, use.told, use.restarts)
    return use.device, use.pump, frozenset(use.knowledge.heard), told


def use_channel(channel: Channel, *, key_known: bool, most_states: int) -> ChannelFound:
    """Look at every state of a link over a channel, breadth first.

    Args:
        channel: The channel.
        key_known: Whether the attacker knows the link keys.
        most_states: How many states to look at at most.
    """
    moves = ChannelUse(channel, key_known)
    level = [moves.start()]
    seen = {_key(level[0])}
    attacks: dict[str, tuple[Frame, ...]] = {}
    states = 0
    while level:
        following = []
        for use in level:
            states += 1
            for goal in _broken(use):
                attacks.setdefault(goal, use.frames)
            if len(attacks) == 2 or states >= most_states:
                return ChannelFound(states, len(attacks) == 2, attacks)
            for after in moves.moves(use):
                key = _key(after)
                if key not in seen:
                    seen.add(key)
                    following.append(after)
        level = following
    return ChannelFound(states, True, attacks)
