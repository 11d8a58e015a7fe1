"""The pairing methods, one module each, and the codec of their messages.

A method elsewhere joins by an entry point in the group ``testbed.pairings`` that names a
class with the interface of :class:`~testbed.protocol.roles.PairingMethod`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testbed.protocol.frames import FrameError
from testbed.protocol.pairings.just_works import JustWorks
from testbed.protocol.pairings.numeric_comparison import NumericComparison
from testbed.protocol.pairings.oob import OutOfBand
from testbed.protocol.pairings.pake import Pake
from testbed.protocol.pairings.passkey import Passkey
from testbed.protocol.pairings.serial_derived import SerialDerived
from testbed.protocol.roles import Message, PairingMethod
from testbed.registry import registry

PAIRINGS: Final[Mapping[str, PairingMethod]] = registry(
    "testbed.pairings",
    (SerialDerived(), JustWorks(), Passkey(), NumericComparison(), Pake(), OutOfBand()),
    unique=("code",),
)
"""Every pairing method by its name."""

_BY_CODE: Final[Mapping[int, PairingMethod]] = {method.code: method for method in PAIRINGS.values()}


def encode_message(method: PairingMethod, message: Message[bytes]) -> bytes:
    """Return the body of a pairing frame."""
    index = list(method.layout).index(message.kind)
    return bytes((method.code, index)) + b"".join(message.fields)


def decode_message(body: bytes) -> tuple[PairingMethod, Message[bytes]]:
    """Return the method and the message of a pairing frame's body.

    Raises:
        FrameError: If the body names no known method or message, or has another length.
    """
    if len(body) < 2:
        raise FrameError("a pairing body has at least 2 bytes")
    method = _BY_CODE.get(body[0])
    if method is None:
        raise FrameError(f"unknown pairing method {body[0]}")
    kinds = list(method.layout)
    if body[1] >= len(kinds):
        raise FrameError(f"{method.name} has no message {body[1]}")
    kind = kinds[body[1]]
    lengths = method.layout[kind]
    if len(body) != 2 + sum(lengths):
        raise FrameError(f"{kind} has {sum(lengths)} bytes, found {len(body) - 2}")
    fields, start = [], 2
    for length in lengths:
        fields.append(body[start : start + length])
        start += length
    return method, Message(kind, tuple(fields))
