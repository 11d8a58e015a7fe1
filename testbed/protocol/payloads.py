"""What devices say to each other once they are linked, as bytes and back.

The first byte names the payload; numbers are big-endian.  Doses travel in milliunits.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from struct import error as StructError  # noqa: N812 - a class, whatever its name
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
    SUSPENDED = 5
    NOT_ENOUGH_INSULIN = 6
    OUT_OF_RANGE = 7
    OVER_CAP = 8
    TOO_MUCH_ON_BOARD = 9
    LOW_PREDICTED = 10
    NOT_NEAR = 11
    LOCKED_OUT = 12
    CANCELLED = 13


class BasalUnit(IntEnum):
    """What the amount of a temporary basal is counted in."""

    MILLIUNITS_PER_H = 0
    PERCENT = 1


class Setting(IntEnum):
    """The settings of a pump that may be changed over the air."""

    MAX_BOLUS_MILLIUNITS = 1
    MAX_BASAL_MILLIUNITS_PER_H = 2
    LOW_ALERT_MGDL = 3


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
    """How many boluses the history holds, and the milliunits that they delivered."""

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


class SuspendRequest(Payload, frozen=True, gc=False):
    """Ask the pump to stop all delivery until it is resumed."""

    number: int
    CODE: ClassVar[int] = 10
    LAYOUT: ClassVar[Struct] = Struct(">H")


class ResumeRequest(Payload, frozen=True, gc=False):
    """Ask the pump to resume delivery."""

    number: int
    CODE: ClassVar[int] = 11
    LAYOUT: ClassVar[Struct] = Struct(">H")


class TemporaryBasalRequest(Payload, frozen=True, gc=False):
    """Ask for a basal of ``amount``, in a :class:`BasalUnit`, for ``minutes``; 0 end it."""

    unit: int
    amount: int
    minutes: int
    number: int
    CODE: ClassVar[int] = 12
    LAYOUT: ClassVar[Struct] = Struct(">BIHH")


class SettingRequest(Payload, frozen=True, gc=False):
    """Ask the pump to change a :class:`Setting`; the value is in the unit its name ends with."""

    setting: int
    value: int
    number: int
    CODE: ClassVar[int] = 13
    LAYOUT: ClassVar[Struct] = Struct(">BIH")


class CommandReply(Payload, frozen=True, gc=False):
    """The pump's answer to the request with a payload's code and a number: a :class:`Status`."""

    command: int
    status: int
    number: int
    CODE: ClassVar[int] = 14
    LAYOUT: ClassVar[Struct] = Struct(">BBH")


class Calibration(Payload, frozen=True, gc=False):
    """Calibrate a sensor with a meter reading in whole mg/dL."""

    mgdl: int
    CODE: ClassVar[int] = 15
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
    SuspendRequest,
    ResumeRequest,
    TemporaryBasalRequest,
    SettingRequest,
    CommandReply,
    Calibration,
)
_BY_CODE: Final[dict[int, tuple[Any, Any]]] = {
    kind.CODE: (kind, Struct(f">x{kind.LAYOUT.format[1:]}").unpack) for kind in _KINDS
}
"""Each kind, and what reads its fields from the bytes behind the code, if they are as many."""


def decode_payload(data: bytes) -> Payload:
    """Return the payload that ``data`` encodes.

    Raises:
        PayloadError: If the code is unknown or the length is not the payload's.
    """
    try:
        kind, unpack = _BY_CODE[data[0]]
        payload: Payload = kind(*unpack(data))
    except (IndexError, KeyError, StructError):
        raise PayloadError(f"no payload has {len(data)} bytes and code {data[:1].hex()}") from None
    return payload
