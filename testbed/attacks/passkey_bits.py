"""The bits of a passkey that a device tells who plays the pump to it."""

from __future__ import annotations

from collections.abc import Sequence

from testbed.protocol.pairings.passkey import Passkey, recover, rounds_of
from testbed.protocol.roles import Message, PairingMethod
from testbed.protocol.suite import CODE_BYTES, ConcreteSuite


def tells_bits(method: PairingMethod) -> bool:
    """Return whether a side of this method opens each bit before it knows who is there."""
    return isinstance(method, Passkey)


class PasskeyBits:
    """What is known of a code, from its lowest bit up.

    A device opens its nonce of a bit before it sees the other side's, so each run tells every
    bit up to the first that was guessed wrong, and that one too (Lindell, CT-RSA 2009).

    Args:
        suite: The public cryptography.
        codes: How many codes there are.
    """

    def __init__(self, suite: ConcreteSuite, codes: int) -> None:
        self._suite = suite
        self._value = 0
        self.known = 0
        self.of = rounds_of(codes)

    @property
    def complete(self) -> bool:
        """Whether every bit is known."""
        return self.known >= self.of

    def forget(self) -> None:
        """Begin anew, with a code of which nothing is known."""
        self._value = self.known = 0

    def learn(self, said: Sequence[Message[bytes]]) -> int:
        """Take what the messages of one run tell; return how many bits are new."""
        value, bits = recover(said, self._suite)
        new = max(0, bits - self.known)
        if new:
            self._value, self.known = value, bits
        return new

    def put_into(self, guess: bytes) -> bytes:
        """Return a guessed code with the known bits in the place of its own."""
        mask = (1 << self.known) - 1
        code = int.from_bytes(guess, "big") & ~mask | self._value
        return code.to_bytes(CODE_BYTES, "big")
