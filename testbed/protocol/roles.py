"""What every pairing method is made of: pure roles that take a message and give a step.

A role is a frozen state.  A method's ``start``, ``receive`` and ``answer`` map a state and
an input to a :class:`Step`: the next state and what to put out.  They know nothing of
SimPy, sockets or time; randomness comes in as fresh values at the start; cryptography
comes in as a :class:`~testbed.protocol.suite.Suite`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from testbed.protocol.suite import Suite

V = TypeVar("V")


class Role(Enum):
    """Which side of a pairing."""

    INITIATOR = "initiator"
    RESPONDER = "responder"

    @property
    def other(self) -> Role:
        """The opposite side."""
        return Role.RESPONDER if self is Role.INITIATOR else Role.INITIATOR


class Message(msgspec.Struct, Generic[V], frozen=True):
    """One message of a pairing: its kind, and its fields in the order of the layout."""

    kind: str
    fields: tuple[V, ...]


class Send(msgspec.Struct, Generic[V], frozen=True):
    """Put a message on the air."""

    message: Message[V]


class Ask(msgspec.Struct, Generic[V], frozen=True):
    """Ask the person at this device for something.

    ``what`` is one of ``touch`` (hold the devices together: ``value`` goes to the other
    device, the answer is the other's value), ``show`` (``value`` is a code to be typed
    elsewhere; there is no answer), ``type`` (the answer is the code) and ``compare``
    (``value`` is what this device shows; the answer is the label of :data:`YES` or
    :data:`NO`).
    """

    what: str
    value: V | None


SIX_DIGITS: Final = 10**6
"""How many codes there are of six digits."""

YES, NO = "yes", "no"
"""Labels of the answers to a comparison."""


class Established(msgspec.Struct, Generic[V], frozen=True):
    """The pairing is done: both sides hold ``link_key``, and the peer is ``peer``."""

    link_key: V
    peer: V


class Failed(msgspec.Struct, frozen=True):
    """The pairing failed, for a reason in words."""

    why: str


class Step(NamedTuple):
    """The next state of a role (None when it has ended) and what it puts out."""

    state: Any
    outputs: tuple[Any, ...]


def failed(why: str) -> Step:
    """Return the step that ends a role in failure."""
    return Step(None, (Failed(why),))


class PairingMethod(Protocol):
    """One pairing method: its layout on the air and its two roles.

    Attributes:
        name: The name in scenario files.
        code: The byte that names it in frames.
        about: The idea in a sentence.
        layout: Kind of each message, in order, with the length in bytes of its fields.
        fresh: How many fresh random values of 32 bytes a role needs.
    """

    name: str
    code: int
    about: str
    layout: Mapping[str, tuple[int, ...]]
    fresh: int

    def start(
        self,
        suite: Suite[V],
        role: Role,
        serial: V,
        fresh: Sequence[V],
        codes: int = SIX_DIGITS,
    ) -> Step:
        """Return the first step of a role; short codes are one of ``codes``."""

    def receive(self, suite: Suite[V], state: Any, message: Message[V]) -> Step:
        """Return the step that a message leads to."""

    def answer(self, suite: Suite[V], state: Any, answer: V) -> Step:
        """Return the step that a person's answer to an ``Ask`` leads to."""

    def know(self, state: Any, code: V) -> Any:
        """Return the state of a role with the code it uses put in place, if it uses one."""

    def overhear(self, suite: Suite[V], messages: Sequence[Message[V]]) -> V | None:
        """Return the link key as a listener computes it from the messages, or None.

        The public key schedule and nothing else: a method whose key depends on a secret
        that no message carries has nothing to return, whoever asks.
        """
