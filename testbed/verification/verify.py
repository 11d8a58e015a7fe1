"""The question put: for each method and ability, what holds, what is broken, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import PairingMethod, Role
from testbed.verification.abilities import ABILITIES, Ability, Person
from testbed.verification.channel_use import (
    AUTHENTICITY,
    FRESHNESS,
    ChannelFound,
    Frame,
    use_channel,
)
from testbed.verification.goals import GOALS, PUMP_KEY
from testbed.verification.search import MOST_STATES, Attack, Found, search
from testbed.verification.states import Setting

HOLDS, BROKEN, NOT_EXHAUSTED = "holds", "broken", "not exhausted"

Progress = Callable[[int, int, str], None]
"""Called with how many searches are done, how many there are, and what is searched now."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A shortest attack: what happens while devices pair, then what is sent on the link.

    Attributes:
        pairing: The attack on the pairing; None where the devices pair as meant.
        channel: The name of the channel, where there are frames on one.
        frames: What is sent on the link.
    """

    pairing: Attack | None
    channel: str = ""
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something holds.

    Attributes:
        says: :data:`HOLDS` within the bound, :data:`BROKEN`, or :data:`NOT_EXHAUSTED`.
        how: The shortest attack, if it is broken.
    """

    says: str
    how: Counterexample | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What was found for one method, one ability and one person.

    Attributes:
        method: The pairing method.
        reused: Whether the pump shows one code all its life.
        ability: What the attacker can do while devices pair.
        person: How the person answers; None where no answer depends on it.
        goals: The verdict on each goal of the pairing.
        channels: For each channel, the verdict on authenticity and on freshness of commands.
        states: How many states were looked at.
        exhausted: Whether these were all there are.
        offline: Whether a short secret is told by trying all there are, without asking anyone;
            None where the method has none.
        online: Whether a lucky guess of a short secret, one a run, breaks what holds without;
            None where nothing is left to break, or that was not exhausted.
    """

    method: str
    reused: bool
    ability: str
    person: Person | None
    goals: Mapping[str, Verdict]
    channels: Mapping[str, Mapping[str, Verdict]]
    states: int
    exhausted: bool
    offline: bool | None
    online: bool | None

    @property
    def name(self) -> str:
        """The method, and whether its code is used again."""
        return f"{self.method}, one code for good" if self.reused else self.method


@dataclass(slots=True)
class _Study:
    """The searches about one method, each made once."""

    method: PairingMethod
    reused: bool
    sessions: int
    most_states: int
    count: Callable[[str, int], None]
    _found: dict[Setting, Found] = field(default_factory=dict)

    def look(self, ability: Ability, person: Person, *, lucky: bool = False) -> Found:
        """Search a setting, or give what was found before."""
        setting = Setting(self.method, ability, person, self.sessions, self.reused, lucky)
        if setting not in self._found:
            what = f"{self.method.name}, {ability.name}, {person.value}"
            goals = [PUMP_KEY] if lucky else [*GOALS.values(), PUMP_KEY]
            self._found[setting] = search(
                setting,
                goals,
                most_states=self.most_states,
                progress=lambda states: self.count(what, states),
            )
        return self._found[setting]


_PASSIVE: Final = ABILITIES["passive"]


def variants(methods: Iterable[str]) -> Iterator[tuple[PairingMethod, bool]]:
    """Yield each method, and once more with one code for good if it shows one."""
    for name in methods:
        method = PAIRINGS[name]
        yield method, False
        shown = search(Setting(method, _PASSIVE, sessions=1), ()).asked
        if (Role.RESPONDER, "show") in shown:
            yield method, True


def verify(
    methods: Iterable[str] = tuple(PAIRINGS),
    abilities: Iterable[str] = tuple(ABILITIES),
    *,
    sessions: int = 2,
    most_states: int = MOST_STATES,
    progress: Progress | None = None,
) -> list[Row]:
    """Search every method under every ability, with a careful and a careless person.

    Args:
        methods: Names of pairing methods.
        abilities: Names of abilities.
        sessions: How many times device and pump are linked.
        most_states: How many states each search looks at at most.
        progress: Called now and then.

    Returns:
        A row for each method, ability and way to answer that can make a difference.
    """
    abilities = tuple(abilities)
    todo = [(*variant, ABILITIES[name]) for variant in variants(methods) for name in abilities]
    links = {
        (channel, known): use_channel(CHANNELS[channel], key_known=known, most_states=most_states)
        for channel in CHANNELS
        for known in (False, True)
    }
    rows: list[Row] = []
    study: _Study | None = None
    for done, (method, reused, ability) in enumerate(todo):

        def count(what: str, states: int, done: int = done) -> None:
            if progress is not None:
                progress(done, len(todo), f"{what}: {states:,} states")

        if study is None or (study.method, study.reused) != (method, reused):
            study = _Study(method, reused, sessions, most_states, count)
        study.count = count
        count(f"{method.name}, {ability.name}", 0)
        rows += _rows(study, ability, links)
    return rows


def _rows(
    study: _Study, ability: Ability, links: Mapping[tuple[str, bool], ChannelFound]
) -> Iterator[Row]:
    asked = study.look(_PASSIVE, Person.CAREFUL).asked
    what = {each for _, each in asked}
    able = Ability(
        ability.name,
        ability.about,
        hears=ability.hears,
        active=ability.active,
        knows_serials=ability.knows_serials,
        sees_codes=ability.sees_codes and "show" in what,
        touches=ability.touches and bool({"touch", "compare", "type"} & _of_pump(asked)),
    )
    answers = bool({"compare", "type"} & what) and ability.active
    for person in Person if answers else (None,):
        found = study.look(_same_as(able), person or Person.CAREFUL)
        short = bool({"show", "compare"} & what)
        online = None
        if short and PUMP_KEY.name not in found.attacks:
            lucky = study.look(_same_as(able), person or Person.CAREFUL, lucky=True)
            online = PUMP_KEY.name in lucky.attacks or (False if lucky.exhausted else None)
        yield Row(
            study.method.name,
            study.reused,
            ability.name,
            person,
            {name: _verdict(found, name) for name in GOALS},
            {channel: dict(_commands(channel, found, links)) for channel in CHANNELS},
            found.states,
            found.exhausted,
            found.guessed if short else None,
            online,
        )


def _of_pump(asked: set[tuple[Role, str]]) -> set[str]:
    return {what for role, what in asked if role is Role.RESPONDER}


def _same_as(able: Ability) -> Ability:
    """Return the first ability that can do the same, so that it is searched once."""
    for each in ABILITIES.values():
        same = Ability(able.name, able.about, *_powers(each))
        if same == able:
            return each
    return able


def _powers(ability: Ability) -> tuple[bool, bool, bool, bool, bool]:
    return (
        ability.hears,
        ability.active,
        ability.knows_serials,
        ability.sees_codes,
        ability.touches,
    )


def _verdict(found: Found, goal: str) -> Verdict:
    attack = found.attacks.get(goal)
    if attack is not None:
        return Verdict(BROKEN, Counterexample(attack))
    return Verdict(HOLDS if found.exhausted else NOT_EXHAUSTED)


def _commands(
    channel: str, found: Found, links: Mapping[tuple[str, bool], ChannelFound]
) -> Iterator[tuple[str, Verdict]]:
    """Yield what an attacker can do on the link, with what the pairing left it with."""
    attack = found.attacks.get(PUMP_KEY.name)
    secret, known = links[channel, False], links[channel, True]
    for goal in (AUTHENTICITY, FRESHNESS):
        if goal in secret.attacks:
            yield goal, Verdict(BROKEN, Counterexample(None, channel, secret.attacks[goal]))
        elif attack is not None and AUTHENTICITY in known.attacks:
            # Who can make commands up can say again what was said.
            frames = known.attacks[AUTHENTICITY]
            yield goal, Verdict(BROKEN, Counterexample(attack, channel, frames))
        else:
            exhausted = secret.exhausted and found.exhausted
            yield goal, Verdict(HOLDS if exhausted else NOT_EXHAUSTED)
