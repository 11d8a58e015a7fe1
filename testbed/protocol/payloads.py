"""What devices say to each other once they are linked, as bytes and back.

The first byte names the payload; numbers are big-endian.  Doses travel in milliunits.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import Any, ClassVar, Final

import msgspec


class PayloadError(ValueError):
    """Bytes that are not a payload."""


class Status(IntEnum):
    """How a command ended at the device that was to carry it out."""

    ACCEPTED = 0
    FEATURE_OFF = 1
    OVER_MAXIMUM = 2
    BUSY = 3
    NOT_CONFIRMED = 4


_pack_reading = Struct(">HH").pack


class Payload(msgspec.Struct, frozen=True, gc=False):
    """Base of the payloads; subclasses state their code and the layout of their fields."""

    CODE: ClassVar[int]
    LAYOUT: ClassVar[Struct]

    def encode(self) -> bytes:
        """Return the payload as bytes."""
        return bytes((self.CODE,)) + self.LAYOUT.pack(*msgspec.structs.astuple(self))


class CgmReading(Payload, frozen=True, gc=False):
    """A sensor reading in whole mg/dL, with its running number (modulo 65,536)."""

    mgdl: int
    number: int
    CODE: ClassVar[int] = 1
    LAYOUT: ClassVar[Struct] = Struct(">HH")

    def encode(self) -> bytes:
        """Return the payload as bytes."""
        return b"\x01" + _pack_reading(self.mgdl, self.number)  # the hot path: no detour


class MeterReading(Payload, frozen=True, gc=False):
    """A finger-stick result in whole mg/dL."""

    mgdl: int
    CODE: ClassVar[int] = 2
    LAYOUT: ClassVar[Struct] = Struct(">H")


class BolusRequest(Payload, frozen=True, gc=False):
    """Ask the pump for a bolus of ``milliunits``; the same ``number`` is the same request."""

    milliunits: int
    number: int
    CODE: ClassVar[int] = 3
    LAYOUT: ClassVar[Struct] = Struct(">IH")


class BolusReply(Payload, frozen=True, gc=False):
    """The pump's answer to the bolus request of a number: a :class:`Status`."""

    status: int
    number: int
    CODE: ClassVar[int] = 4
    LAYOUT: ClassVar[Struct] = Struct(">BH")


class HistoryRequest(Payload, frozen=True, gc=False):
    """Ask the pump for the history rows from ``first`` on."""

    first: int
    CODE: ClassVar[int] = 5
    LAYOUT: ClassVar[Struct] = Struct(">I")


class HistoryReply(Payload, frozen=True, gc=False):
    """How many boluses the pump has started, and the sum of their doses in milliunits."""

    rows: int
    bolus_milliunits: int
    CODE: ClassVar[int] = 6
    LAYOUT: ClassVar[Struct] = Struct(">II")


class KeyOffer(Payload, frozen=True, gc=False):
    """A public key (32 bytes) to agree on a new link key with."""

    public: bytes
    CODE: ClassVar[int] = 7
    LAYOUT: ClassVar[Struct] = Struct(">32s")


class KeyReply(Payload, frozen=True, gc=False):
    """The public key (32 bytes) that answers an offer."""

    public: bytes
    CODE: ClassVar[int] = 8
    LAYOUT: ClassVar[Struct] = Struct(">32s")


class KeyInUse(Payload, frozen=True, gc=False):
    """Says, under the new key, that it is in use."""

    CODE: ClassVar[int] = 9
    LAYOUT: ClassVar[Struct] = Struct(">")


class Calibration(Payload, frozen=True, gc=False):
    """Calibrate a sensor with a meter reading in whole mg/dL."""

    mgdl: int
    CODE: ClassVar[int] = 20
    LAYOUT: ClassVar[Struct] = Struct(">H")


_KINDS: Final[tuple[type[Payload], ...]] = (
    CgmReading,
    MeterReading,
    BolusRequest,
    BolusReply,
    HistoryRequest,
    HistoryReply,
    KeyOffer,
    KeyReply,
    KeyInUse,
    Calibration,
)
_BY_SHAPE: Final[dict[tuple[int, int], tuple[Any, Any]]] = {
    (kind.CODE, 1 + kind.LAYOUT.size): (kind, kind.LAYOUT.unpack_from) for kind in _KINDS
}


def decode_payload(data: bytes) -> Payload:
    """Return the payload that ``data`` encodes.

    Raises:
        PayloadError: If the code is unknown or the length is not the payload's.
    """
    try:
        kind, unpack = _BY_SHAPE[data[0], len(data)]
    except (IndexError, KeyError):
        raise PayloadError(f"no payload has {len(data)} bytes and code {data[:1].hex()}") from None
    payload: Payload = kind(*unpack(data, 1))
    return payload
