"""Bytes and back: every frame, payload and pairing message, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from testbed.protocol.frames import (
    DATA,
    DESTINATION,
    HEADER_BYTES,
    MAX_BODY_BYTES,
    MAX_COUNTER,
    PAIRING,
    VERSION,
    FrameError,
    decode_header,
    encode_header,
)
from testbed.protocol.pairings import PAIRINGS, decode_message, encode_message
from testbed.protocol.payloads import Payload, PayloadError, decode_payload
from testbed.protocol.roles import Message, PairingMethod

quick = settings(derandomize=True, deadline=None, max_examples=200)

addresses = st.binary(min_size=4, max_size=4)
headers = st.tuples(
    st.sampled_from([PAIRING, DATA]), addresses, addresses, st.integers(0, MAX_COUNTER)
)
WHOLE = {"B": 1, "H": 2, "I": 4}


def fields_of(layout: str) -> list[st.SearchStrategy[int] | st.SearchStrategy[bytes]]:
    """Return what may stand in each field of a payload."""
    fields: list[st.SearchStrategy[int] | st.SearchStrategy[bytes]] = []
    for count, letter in re.findall(r"(\d*)([A-Za-z])", layout):
        if letter == "s":
            fields.append(st.binary(min_size=int(count), max_size=int(count)))
        else:
            fields.append(st.integers(0, 256 ** WHOLE[letter] - 1))
    return fields


@st.composite
def payloads(draw: st.DrawFn) -> Payload:
    """Draw a payload of any kind."""
    kind = draw(st.sampled_from(sorted(Payload.__subclasses__(), key=lambda each: each.CODE)))
    return kind(*map(draw, fields_of(kind.LAYOUT.format)))


@st.composite
def messages(draw: st.DrawFn) -> tuple[PairingMethod, Message[bytes]]:
    """Draw a message of any pairing method."""
    method = PAIRINGS[draw(st.sampled_from(sorted(PAIRINGS)))]
    kind = draw(st.sampled_from(list(method.layout)))
    fields = (draw(st.binary(min_size=n, max_size=n)) for n in method.layout[kind])
    return method, Message(kind, tuple(fields))


@quick
@given(headers, st.binary(max_size=MAX_BODY_BYTES))
def test_a_header_is_read_as_it_was_written(
    header: tuple[int, bytes, bytes, int], body: bytes
) -> None:
    """Kind, source, destination and counter come back, whatever body follows."""
    data = encode_header(*header)
    assert len(data) == HEADER_BYTES
    assert data[DESTINATION] == header[2]
    assert decode_header(data + body) == header


@quick
@given(st.binary(max_size=300))
@example(b"")
@example(bytes((VERSION, DATA)) + bytes(12))
@example(bytes((VERSION, DATA)) + bytes(11))
@example(bytes((VERSION, DATA)) + bytes(12 + MAX_BODY_BYTES + 1))
@example(bytes((VERSION + 1, DATA)) + bytes(12))
@example(bytes((VERSION, 0)) + bytes(12))
def test_bytes_are_a_frame_or_a_frame_error(data: bytes) -> None:
    """Any bytes read as a header that is written the same again, or raise FrameError."""
    try:
        header = decode_header(data)
    except FrameError:
        return
    assert encode_header(*header) == data[:HEADER_BYTES]


@quick
@given(headers, st.data())
def test_a_frame_has_a_length_a_version_and_a_kind(
    header: tuple[int, bytes, bytes, int], data: st.DataObject
) -> None:
    """A header that is cut, overlong, or of another version or kind raises FrameError."""
    good = encode_header(*header)
    cut = good[: data.draw(st.integers(0, HEADER_BYTES - 1))]
    overlong = good + bytes(MAX_BODY_BYTES + 1)
    other_version = bytes((data.draw(st.integers(2, 255)),)) + good[1:]
    other_kind = good[:1] + bytes((data.draw(st.integers(3, 255)),)) + good[2:]
    for bad in (cut, overlong, other_version, other_kind):
        with pytest.raises(FrameError):
            decode_header(bad)


@quick
@given(payloads())
def test_a_payload_is_read_as_it_was_written(payload: Payload) -> None:
    """Every payload comes back equal and of its own type."""
    read = decode_payload(payload.encode())
    assert type(read) is type(payload)
    assert read == payload


@quick
@given(st.one_of(st.binary(max_size=12), st.binary(min_size=33, max_size=33)))
@example(b"")
@example(b"\x00")
def test_bytes_are_a_payload_or_a_payload_error(data: bytes) -> None:
    """Any bytes read as a payload that is written the same again, or raise PayloadError."""
    try:
        payload = decode_payload(data)
    except PayloadError:
        return
    assert payload.encode() == data


@quick
@given(payloads(), st.data())
def test_a_payload_has_one_length(payload: Payload, data: st.DataObject) -> None:
    """A payload that is cut or longer raises PayloadError."""
    good = payload.encode()
    for bad in (good[: data.draw(st.integers(0, len(good) - 1))], good + b"\0"):
        with pytest.raises(PayloadError):
            decode_payload(bad)


def test_payloads_have_different_codes() -> None:
    """No two payloads share their first byte."""
    kinds = Payload.__subclasses__()
    assert len({kind.CODE for kind in kinds}) == len(kinds)


@quick
@given(messages())
def test_a_pairing_message_is_read_as_it_was_written(
    drawn: tuple[PairingMethod, Message[bytes]],
) -> None:
    """Method, kind and fields of every pairing message come back, and fit into a frame."""
    method, message = drawn
    body = encode_message(method, message)
    assert len(body) <= MAX_BODY_BYTES
    read_method, read = decode_message(body)
    assert read_method is method
    assert read == message


@quick
@given(st.binary(max_size=80))
@example(b"")
@example(b"\x01")
@example(b"\x01\xff")
def test_bytes_are_a_pairing_message_or_a_frame_error(body: bytes) -> None:
    """Any body reads as a message that is written the same again, or raises FrameError."""
    try:
        method, message = decode_message(body)
    except FrameError:
        return
    assert encode_message(method, message) == body


@quick
@given(messages(), st.data())
def test_a_pairing_message_has_one_length(
    drawn: tuple[PairingMethod, Message[bytes]], data: st.DataObject
) -> None:
    """A pairing body that is cut or longer raises FrameError."""
    good = encode_message(*drawn)
    for bad in (good[: data.draw(st.integers(0, len(good) - 1))], good + b"\0"):
        with pytest.raises(FrameError):
            decode_message(bad)
