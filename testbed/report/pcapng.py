"""The frames of a run as a capture file that Wireshark opens.

The file is pcapng (draft-ietf-opsawg-pcapng) with three kinds of blocks, all little-endian, each
its type, its length, its content and its length again, in multiples of four bytes:

* one Section Header Block: what wrote the file, and from which scenario;
* one Interface Description Block with LINKTYPE_USER0 (147), which is for private use, and
  timestamps in microseconds (``if_tsresol`` 6);
* an Enhanced Packet Block for each frame that was sent, in order, with the simulated truth about
  it as comments: who sent it, who missed, overheard or refused it and why, what it led to.

Time zero, the scenario's start, is the start's clock time on 1970-01-01, so that a viewer shows
the clock of the day (in UTC).  What a sealed body holds is not in the file: it is not on the air.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from testbed.report.sentences import named, sentence
from testbed.trace import (
    NO_CAUSE,
    FrameSent,
    RunStarted,
    Trace,
)

LINKTYPE_USER0: Final = 147

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER: Final = 0x1A2B3C4D
_UNKNOWN_LENGTH: Final = -1
_END, _COMMENT, _NAME, _RESOLUTION, _PROGRAM = 0, 1, 2, 9, 4
_LONGEST: Final = 65_000
"""Bytes of a comment: its length is kept in 16 bits."""


def pcapng(trace: Trace, program: str, comment: str) -> bytes:
    """Return the frames of a run as a capture file.

    Args:
        trace: The run.
        program: What wrote the file, with its version.
        comment: What the file is of.
    """
    start = next((event.start_us for _, event in trace.of(RunStarted)), 0)
    return b"".join(_blocks(trace, program, comment, start))


def _blocks(trace: Trace, program: str, comment: str, start: int) -> Iterator[bytes]:
    header = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH)
    yield _block(_SECTION, header, ((_COMMENT, comment), (_PROGRAM, program)))
    interface = struct.pack("<HHI", LINKTYPE_USER0, 0, 0)
    options = ((_NAME, "the simulated air"), (_RESOLUTION, b"\x06"))
    yield _block(_INTERFACE, interface, options)
    after = _after(trace)
    for position, event in trace.of(FrameSent):
        us, size = event.t + start, len(event.data)
        head = struct.pack("<IIIII", 0, us >> 32, us & 0xFFFFFFFF, size, size)
        said = [f"sent by {named(event.node)}", *(sentence(trace, at) for at in after[position])]
        comments = ((_COMMENT, each) for each in dict.fromkeys(said))
        yield _block(_PACKET, head + _padded(event.data), comments)


def _after(trace: Trace) -> dict[int, list[int]]:
    """Return for each frame the events that it led to, up to the next frame on the way."""
    found: dict[int, list[int]] = defaultdict(list)
    for position, event in enumerate(trace):
        cause = event.cause
        if isinstance(event, FrameSent) or cause == NO_CAUSE:
            continue
        if type(trace.events[cause]) is FrameSent:
            found[cause].append(position)
    return found


def _block(kind: int, content: bytes, options: Iterable[tuple[int, str | bytes]]) -> bytes:
    parts = [content]
    for code, value in options:
        data = value.encode("utf-8", "replace")[:_LONGEST] if isinstance(value, str) else value
        parts.append(struct.pack("<HH", code, len(data)) + _padded(data))
    parts.append(struct.pack("<HH", _END, 0))
    body = b"".join(parts)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
