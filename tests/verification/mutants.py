"""Pairing methods and channels with one thing left out, to see that the search misses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from testbed.protocol.channels import LinkState, Refused
from testbed.protocol.channels.aead_counter import AeadCounter
from testbed.protocol.channels.mac_no_counter import MacNoCounter
from testbed.protocol.pairings.confirmation import SERIAL_BYTES
from testbed.protocol.pairings.numeric_comparison import NumericComparison
from testbed.protocol.pairings.oob import OutOfBand
from testbed.protocol.pairings.opening import answer_opening
from testbed.protocol.pairings.pake import Pake
from testbed.protocol.roles import (
    SIX_DIGITS,
    Established,
    Message,
    PairingMethod,
    Role,
    Send,
    Step,
    failed,
)
from testbed.verification.symbolic import SymbolicSuite
from testbed.verification.terms import Term

CLOSES = ("initiator", "responder")


class OnAnotherSuite:
    """A pairing method on a suite that computes something less than it should.

    Args:
        method: The method.
        suite: Makes the lesser suite of a suite.
    """

    def __init__(self, method: PairingMethod, suite: Callable[[SymbolicSuite], Any]) -> None:
        self._method, self._suite = method, suite
        self.name, self.code, self.about = method.name, method.code, method.about
        self.layout, self.fresh = method.layout, method.fresh

    def start(
        self, suite: Any, role: Role, serial: Any, fresh: Sequence[Any], codes: int = SIX_DIGITS
    ) -> Step:
        """Start on the lesser suite."""
        return self._method.start(self._suite(suite), role, serial, fresh, codes)

    def receive(self, suite: Any, state: Any, message: Message[Any]) -> Step:
        """Receive on the lesser suite."""
        return self._method.receive(self._suite(suite), state, message)

    def answer(self, suite: Any, state: Any, answer: Any) -> Step:
        """Answer on the lesser suite."""
        return self._method.answer(self._suite(suite), state, answer)

    def know(self, state: Any, code: Any) -> Any:
        """Know as the method does."""
        return self._method.know(state, code)

    def overhear(self, suite: Any, messages: Sequence[Message[Any]]) -> Any:
        """Overhear on the lesser suite."""
        return self._method.overhear(self._suite(suite), messages)


class _Lesser:
    """A suite that does what another does, but for what a subclass does otherwise."""

    def __init__(self, suite: SymbolicSuite) -> None:
        self._suite = suite

    def __getattr__(self, name: str) -> Any:
        return getattr(self._suite, name)


class NoSideInTags(_Lesser):
    """Both closing tags are under one purpose."""

    def tag(self, key: Term, purpose: str, *parts: Term) -> Term:
        """Return a tag that does not name the side that sends it."""
        return self._suite.tag(key, "closing" if purpose in CLOSES else purpose, *parts)


class SharesForSides(_Lesser):
    """A closing tag names the public value of who sends it, in place of its side."""

    def tag(self, key: Term, purpose: str, *parts: Term) -> Term:
        """Return a tag that names the sender by its public value."""
        if purpose not in CLOSES:
            return self._suite.tag(key, purpose, *parts)
        sender = parts[1] if purpose == "initiator" else parts[len(parts) // 2 + 1]
        return self._suite.tag(key, "closing", sender, *parts)


class NoSerials(_Lesser):
    """Serial numbers go into no tag and no digest."""

    def tag(self, key: Term, purpose: str, *parts: Term) -> Term:
        """Return a tag over all but the serial numbers."""
        return self._suite.tag(key, purpose, *_without_serials(parts))

    def digest(self, purpose: str, *parts: Term) -> Term:
        """Return a digest of all but the serial numbers."""
        return self._suite.digest(purpose, *_without_serials(parts))


def _without_serials(parts: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(part for part in parts if part.length != SERIAL_BYTES)


class OnlyBits(_Lesser):
    """A commitment to a bit of a passkey says nothing of public keys."""

    def tag(self, key: Term, purpose: str, *parts: Term) -> Term:
        """Return a tag, over the bit alone if it is a commitment."""
        return self._suite.tag(
            key, purpose, *(parts[-1:] if purpose.startswith("passkey ") else parts)
        )


class OnlyNonces(_Lesser):
    """Neither the commitment nor the digits of a comparison say anything of public keys."""

    def tag(self, key: Term, purpose: str, *parts: Term) -> Term:
        """Return a tag, over nothing if it is the commitment to a nonce."""
        named = purpose == "numeric comparison commitment"
        return self._suite.tag(key, purpose, *(() if named else parts))

    def digest(self, purpose: str, *parts: Term) -> Term:
        """Return a digest, of the nonces alone if digits follow from it."""
        named = purpose == "numeric comparison"
        return self._suite.digest(purpose, *(parts[2:] if named else parts))


class NoCode(_Lesser):
    """SPAKE2 with a code that everybody knows."""

    def share(self, private: Term, code: Term, initiator: bool) -> Term:
        """Return a share of the code that everybody knows."""
        return self._suite.share(private, self._nothing(), initiator)

    def agree(self, private: Term, code: Term, initiator: bool, peer_share: Term) -> Term | None:
        """Return the secret with the code that everybody knows."""
        return self._suite.agree(private, self._nothing(), initiator, peer_share)

    def _nothing(self) -> Term:
        return self._suite.label("0000")


class NoFreshNonce(_Lesser):
    """Nonces go into no digest and no tag: the key is the same in every run."""

    def tag(self, key: Term, purpose: str, *parts: Term) -> Term:
        """Return a tag over the serial numbers alone."""
        return self._suite.tag(key, purpose, *_only_serials(parts))

    def digest(self, purpose: str, *parts: Term) -> Term:
        """Return a digest of the serial numbers alone."""
        return self._suite.digest(purpose, *_only_serials(parts))


def _only_serials(parts: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(part for part in parts if part.length == SERIAL_BYTES)


class _WithoutClosing:
    """A method whose roles end as soon as they have computed the key."""

    def receive(self, suite: Any, state: Any, message: Message[Any]) -> Step:
        """End where the method would wait for a closing tag."""
        step: Step = super().receive(suite, state, message)  # type: ignore[misc]
        if step.state is None or step.state.agreed is None:
            return step
        replies = tuple(
            each for each in step.outputs if isinstance(each, Send) and each.message.kind == "reply"
        )
        done = Established(step.state.agreed.link_key, step.state.peer_serial)
        return Step(None, (*replies, done))


class OobWithoutClosing(_WithoutClosing, OutOfBand):
    """``oob`` without key confirmation."""


class PakeWithoutClosing(_WithoutClosing, Pake):
    """``pake`` without key confirmation."""


class OwnShareRefused(Pake):
    """``pake`` that refuses its own share."""

    def receive(self, suite: Any, state: Any, message: Message[Any]) -> Step:
        """Fail on a reply with the share that this side has sent."""
        if message.kind == state.expects == "reply" and suite.same(message.fields[1], state.share):
            return failed("the share is this side's own")
        return super().receive(suite, state, message)


class TouchUnchecked(OutOfBand):
    """``oob`` that does not look at the hash that passed by touch."""

    def receive(self, suite: Any, state: Any, message: Message[Any]) -> Step:
        """Take any public key."""
        if message.kind != state.expects or message.kind not in ("hello", "reply"):
            return super().receive(suite, state, message)
        return answer_opening(suite, self.name, state, message)


class OpenedEarly(NumericComparison):
    """``numeric-comparison`` whose pump says its nonce at once, beside the commitment to it."""

    def receive(self, suite: Any, state: Any, message: Message[Any]) -> Step:
        """Say the nonce behind the reply, and not again."""
        step = super().receive(suite, state, message)
        if step.state is None or state.role is Role.INITIATOR:
            return step
        opened = Send(Message("open-r", (state.nonce,)))
        if message.kind == "hello":
            return Step(step.state, (*step.outputs, opened))
        return Step(step.state, tuple(each for each in step.outputs if each != opened))


class CommitmentUnchecked(NumericComparison):
    """``numeric-comparison`` whose device does not check the nonce against the commitment."""

    def receive(self, suite: Any, state: Any, message: Message[Any]) -> Step:
        """Take any nonce for the one committed to."""
        if message.kind == state.expects == "open-r":
            (nonce,) = message.fields
            promised = suite.tag(
                nonce, "numeric comparison commitment", state.peer_public, state.public
            )
            state = msgspec.structs.replace(state, commitment=promised)
        return super().receive(suite, state, message)


# Channels -------------------------------------------------------------------------------


class MacCounter(MacNoCounter):
    """A tag over header and payload, and a counter that has to rise."""

    name: str = "mac-counter"

    def seal(
        self, suite: Any, link: LinkState[Any], header: Any, payload: Any
    ) -> tuple[LinkState[Any], Any]:
        """Return the payload with its tag, and count."""
        _, body = super().seal(suite, link, self.bound(suite, header), payload)
        return msgspec.structs.replace(link, next_counter=link.next_counter + 1), body

    def unseal(
        self, suite: Any, link: LinkState[Any], header: Any, counter: int, body: Any
    ) -> tuple[LinkState[Any], Any] | Refused:
        """Return the payload if the tag verifies and the counter is new."""
        if counter <= link.highest:
            return Refused("the counter is not above the last one accepted")
        opened = super().unseal(suite, link, self.bound(suite, header), counter, body)
        if isinstance(opened, Refused):
            return opened
        return msgspec.structs.replace(link, highest=counter), opened[1]

    def bound(self, suite: Any, header: Any) -> Any:
        """Return what of the header the tag covers."""
        return header


class CounterUnbound(MacCounter):
    """The tag does not cover the header, in which the counter is."""

    def bound(self, suite: Any, header: Any) -> Any:
        """Return a constant."""
        return suite.label("any header")


class PayloadUnbound(MacCounter):
    """The tag covers the header alone."""

    def seal(
        self, suite: Any, link: LinkState[Any], header: Any, payload: Any
    ) -> tuple[LinkState[Any], Any]:
        """Return the payload with a tag of the header."""
        counted = msgspec.structs.replace(link, next_counter=link.next_counter + 1)
        return counted, suite.pair(payload, suite.tag(link.send_key, "frame", header))

    def unseal(
        self, suite: Any, link: LinkState[Any], header: Any, counter: int, body: Any
    ) -> tuple[LinkState[Any], Any] | Refused:
        """Return the payload if the header's tag verifies and the counter is new."""
        parts = suite.unpair(body)
        expected = suite.tag(link.receive_key, "frame", header)
        if parts is None or counter <= link.highest or not suite.same(parts[1], expected):
            return Refused("the tag does not verify")
        return msgspec.structs.replace(link, highest=counter), parts[0]


class CounterStays(AeadCounter):
    """Every frame goes out under the same counter."""

    def seal(
        self, suite: Any, link: LinkState[Any], header: Any, payload: Any
    ) -> tuple[LinkState[Any], Any]:
        """Seal, and do not count."""
        return link, super().seal(suite, link, header, payload)[1]


class CounterForgotten(AeadCounter):
    """The counters are not in lasting memory."""

    def restart(self, link: LinkState[Any]) -> LinkState[Any]:
        """Begin counting anew."""
        return LinkState(link.send_key, link.receive_key)


class OneKey(AeadCounter):
    """Both directions have the same key."""

    def establish(self, suite: Any, link_key: Any, role: Role) -> LinkState[Any]:
        """Return a state with one key for both directions."""
        key = super().establish(suite, link_key, Role.INITIATOR).send_key
        return LinkState(key, key)


class OneKeyMac(CounterUnbound):
    """The same key both ways, and nothing in the tag that says which way."""

    def establish(self, suite: Any, link_key: Any, role: Role) -> LinkState[Any]:
        """Return a state with one key for both directions."""
        key = super().establish(suite, link_key, Role.INITIATOR).send_key
        return LinkState(key, key)
