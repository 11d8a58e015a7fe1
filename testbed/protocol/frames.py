"""The frame layout: public, made up for this project, and shared by every party.

A frame is a header of 14 bytes and a body::

    version 1 | kind 1 | source 4 | destination 4 | counter 4 | body

Numbers are big-endian.  In a pairing frame the counter is 0 and the body is a method's
code, a message's index and the message's fields; in a data frame the body is whatever the
channel made of the payload, and the whole header is authenticated with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from struct import Struct
from struct import error as StructError  # noqa: N812 - a class, whatever its name
from typing import Final

VERSION: Final = 1
PAIRING: Final = 1
DATA: Final = 2
HEADER_BYTES: Final = 14
ADDRESS_BYTES: Final = 4
MAX_BODY_BYTES: Final = 240
MAX_COUNTER: Final = 2**32 - 1
DESTINATION: Final = slice(6, 10)
"""Where a radio's address filter reads whom a frame claims to be for."""
BROADCAST: Final = b"\xff\xff\xff\xff"
"""The destination of a frame whose sender does not know yet whom it speaks to."""

_pack = Struct(">BB4s4sI").pack
_unpack = Struct(">H4s4sI").unpack_from
_KINDS: Final = {VERSION << 8 | kind: kind for kind in (PAIRING, DATA)}
_MAX_BYTES: Final = HEADER_BYTES + MAX_BODY_BYTES


class FrameError(ValueError):
    """Bytes that are not a frame."""


Header = tuple[int, bytes, bytes, int]
"""A header as read: kind, source, destination, counter.

A plain tuple, because one is read for every frame on the air.
"""


encode_header: Final[Callable[[int, bytes, bytes, int], bytes]] = partial(_pack, VERSION)
"""Return the 14 bytes of a header of a kind, a source, a destination and a counter."""


def decode_header(data: bytes) -> Header:
    """Return kind, source, destination and counter of ``data``.

    Raises:
        FrameError: If ``data`` is too short or too long, of another version or kind.
    """
    try:
        start, source, to, counter = _unpack(data)
    except StructError:
        raise FrameError(f"a frame has 14 to 254 bytes, found {len(data)}") from None
    if start not in _KINDS:
        raise FrameError(f"unknown version {data[0]} or kind {data[1]}")
    if len(data) > _MAX_BYTES:
        raise FrameError(f"a frame has 14 to 254 bytes, found {len(data)}")
    return _KINDS[start], source, to, counter
