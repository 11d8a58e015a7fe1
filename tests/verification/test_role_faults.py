"""The search finds a fault put into a role, and nothing where the role is as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import PairingMethod, Role
from testbed.verification.abilities import ABILITIES
from testbed.verification.answers import SEARCHED
from testbed.verification.goals import GOALS
from testbed.verification.search import Attack, Found, search
from testbed.verification.states import Setting
from testbed.verification.terms import Term
from tests.verification import mutants
from tests.verification.mutants import OnAnotherSuite

SECRECY, AGREEMENT, INJECTIVE, CONFIRMATION = GOALS
TAKEN_IN = {SECRECY, AGREEMENT, INJECTIVE}
MISLED = {AGREEMENT, INJECTIVE, CONFIRMATION}


@dataclass(frozen=True)
class Fault:
    """What is left out, of which method, and what then is broken by how much at least.

    Attributes:
        whole: The method as it is.
        method: The method without it.
        broken: The goals that do not hold any more.
        messages: How many messages the shortest attack delivers.
    """

    whole: str
    method: PairingMethod
    broken: set[str]
    messages: int


NUMERIC, OOB, PAKE, PASSKEY = (
    PAIRINGS[name] for name in ("numeric-comparison", "oob", "pake", "passkey")
)
FAULTS: dict[str, Fault] = {
    "oob ends before anyone has shown that it holds the key": Fault(
        "oob", mutants.OobWithoutClosing(), MISLED, 1
    ),
    "pake ends before anyone has shown that it holds the key": Fault(
        "pake", mutants.PakeWithoutClosing(), MISLED, 1
    ),
    # The device's tag comes back to it.  With oob the pump must first say its public key.
    "the closing tags of pake do not name a side": Fault(
        "pake", OnAnotherSuite(PAKE, mutants.NoSideInTags), MISLED, 2
    ),
    "the closing tags of oob do not name a side": Fault(
        "oob", OnAnotherSuite(OOB, mutants.NoSideInTags), MISLED, 3
    ),
    "the closing tags of pake name a share and not a side": Fault(
        "pake", OnAnotherSuite(PAKE, mutants.SharesForSides), MISLED, 2
    ),
    "serial numbers are in no transcript": Fault(
        "oob", OnAnotherSuite(OOB, mutants.NoSerials), {AGREEMENT, INJECTIVE}, 3
    ),
    "nobody looks at what passed by touch": Fault("oob", mutants.TouchUnchecked(), TAKEN_IN, 2),
    "the pump's nonce is opened before the device's is known": Fault(
        "numeric-comparison", mutants.OpenedEarly(), TAKEN_IN, 5
    ),
    "the pump's nonce is not checked against the commitment": Fault(
        "numeric-comparison", mutants.CommitmentUnchecked(), TAKEN_IN, 5
    ),
    "neither commitment nor digits say anything of public keys": Fault(
        "numeric-comparison", OnAnotherSuite(NUMERIC, mutants.OnlyNonces), TAKEN_IN, 5
    ),
    "commitments to bits say nothing of public keys": Fault(
        "passkey", OnAnotherSuite(PASSKEY, mutants.OnlyBits), TAKEN_IN, 10
    ),
    "the code does not go into the shares": Fault(
        "pake", OnAnotherSuite(PAKE, mutants.NoCode), TAKEN_IN, 2
    ),
}


@cache
def found_in(method: PairingMethod, ability: str = "active", sessions: int = 1) -> Found:
    """Search a method for all goals."""
    setting = Setting(method, ABILITIES[ability], sessions=sessions)
    return search(setting, list(GOALS.values()))


def delivered(attack: Attack) -> int:
    """Return how many messages an attack delivers."""
    return sum(act.kind == "deliver" for act in attack.acts)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_breaks_just_what_it_guards(name: str) -> None:
    """A check that is left out breaks the goals that it is there for, and no others."""
    fault = FAULTS[name]
    found = found_in(fault.method)
    assert set(found.attacks) == fault.broken
    assert found.exhausted


@pytest.mark.parametrize("name", FAULTS)
def test_attack_on_a_fault_takes_no_detour(name: str) -> None:
    """The attack that is told delivers no more messages than it takes."""
    fault = FAULTS[name]
    found = found_in(fault.method)
    assert min(map(delivered, found.attacks.values())) == fault.messages


@pytest.mark.parametrize("name", sorted({fault.whole for fault in FAULTS.values()}))
def test_method_without_the_fault_holds(name: str) -> None:
    """What a fault breaks holds under the same setting where nothing is left out."""
    found = found_in(PAIRINGS[name])
    assert found.exhausted
    assert not found.attacks


@pytest.mark.parametrize("sessions", [1, 2])
def test_refusing_ones_own_share_mends_tags_that_name_shares(sessions: int) -> None:
    """Two sides whose shares must differ are told apart by their shares."""
    mended = OnAnotherSuite(mutants.OwnShareRefused(), mutants.SharesForSides)
    found = found_in(mended, "active", sessions)
    assert found.exhausted
    assert not found.attacks


def test_nonce_shown_early_is_answered_by_one_that_was_searched_for() -> None:
    """Who knows all but its own nonce tries nonces until both screens show the same digits."""
    found = found_in(FAULTS["the pump's nonce is opened before the device's is known"].method)
    values = [value for act in found.attacks[SECRECY].acts for value in act.values]
    names = [part.meta[0] for value in values for part in atoms(value)]
    assert any(name.startswith(SEARCHED) for name in names)


def test_commitment_passed_on_is_opened_with_what_its_maker_says() -> None:
    """The attack on unbound commitments makes up no nonce: both are the devices' own."""
    found = found_in(FAULTS["neither commitment nor digits say anything of public keys"].method)
    acts = found.attacks[SECRECY].acts
    said = {act.values for act in acts if act.kind == "send" and act.note.startswith("open")}
    taken = {act.values for act in acts if act.kind == "deliver" and act.note.startswith("open")}
    assert taken == said


def test_own_tag_comes_back_to_its_sender() -> None:
    """Where tags name no side, the device takes the tag that it has sent itself."""
    found = found_in(FAULTS["the closing tags of pake do not name a side"].method)
    acts = found.attacks[AGREEMENT].acts
    assert all(act.party.role is Role.INITIATOR for act in acts if act.kind == "deliver")
    sent, taken = (
        next(act.values for act in acts if (act.kind, act.note) == what)
        for what in (("send", "confirm"), ("deliver", "confirmed"))
    )
    assert sent == taken


@pytest.mark.parametrize("ability", ["passive", "active"])
def test_key_without_anything_fresh_comes_twice(ability: str) -> None:
    """Without nonces in it two runs of a side end with the same key; with them they do not."""
    stale = OnAnotherSuite(PAIRINGS["serial-derived"], mutants.NoFreshNonce)
    assert INJECTIVE in found_in(stale, ability, 2).attacks
    if ability == "passive":
        assert INJECTIVE not in found_in(PAIRINGS["serial-derived"], ability, 2).attacks


def atoms(term: Term) -> list[Term]:
    """Return what a term is made of in the end."""
    return [term] if not term.args else [leaf for arg in term.args for leaf in atoms(arg)]
