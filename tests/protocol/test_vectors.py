"""The documented test vectors and tables are those of the code."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from testbed.devices.endpoint import Link
from testbed.devices.rotation import Rotation
from testbed.protocol.channels import CHANNELS
from testbed.protocol.frames import decode_header, encode_header
from testbed.protocol.pairings import decode_message
from testbed.protocol.payloads import KeyInUse, Payload, decode_payload
from testbed.protocol.roles import Role
from testbed.protocol.suite import ConcreteSuite
from testbed.protocol.vectors import ADDRESSES, EXAMPLES, SERIALS, as_json, built_in, vectors
from tests.protocol_page import HEADER_FIELDS, PAGE, TABLES, field_sizes, names, written_anew

STORED = PAGE.with_name("protocol_vectors.json")
FOUND = vectors()


def test_documented_vectors_are_those_of_the_code() -> None:
    """``docs/protocol_vectors.json`` is, to the byte, what the code computes.

    When a change of the protocol is meant, write it anew::

        python -m testbed.protocol.vectors > docs/protocol_vectors.json
    """
    assert STORED.read_text("utf-8") == as_json(), (
        "if this is meant: python -m testbed.protocol.vectors > docs/protocol_vectors.json"
    )


def test_command_prints_the_vectors() -> None:
    """``python -m testbed.protocol.vectors`` prints them, whatever the hash seed is."""
    for seed in ("0", "1"):
        ended = subprocess.run(
            [sys.executable, "-m", "testbed.protocol.vectors"],
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout == as_json()


def test_documented_tables_are_those_of_the_code() -> None:
    """Every table of ``docs/protocol.md`` that is marked as generated is what the code says."""
    page = PAGE.read_text("utf-8")
    assert sorted(names(page)) == sorted(TABLES)
    assert page == written_anew(page), "if this is meant: python -m tests.protocol_page"


def test_header_has_the_documented_fields() -> None:
    """A header with a different byte in each field has it where the table says."""
    header = encode_header(2, b"ssss", b"dddd", 0x63636363)
    wanted = {"version": b"\1", "kind": b"\2", "source": b"ssss", "destination": b"dddd"}
    wanted["counter"] = b"cccc"
    start = 0
    for name, size, _ in HEADER_FIELDS:
        assert header[start : start + size] == wanted[name]
        start += size
    assert start == len(header)


@pytest.mark.parametrize("payload", EXAMPLES, ids=lambda each: type(each).__name__)
def test_payload_has_the_documented_fields(payload: Payload) -> None:
    """The bytes are the code, then each field in its documented size, big-endian."""
    data = payload.encode()
    assert data[0] == payload.CODE
    start = 1
    for name, size in field_sizes(type(payload)).items():
        value = getattr(payload, name)
        field = data[start : start + size]
        assert field == (value if isinstance(value, bytes) else int(value).to_bytes(size, "big"))
        start += size
    assert start == len(data)
    assert decode_payload(data) == payload


def test_every_payload_has_a_vector() -> None:
    """The examples hold one payload of each kind, so no kind is left out of the page."""
    kinds = [kind for kind in Payload.__subclasses__() if kind.__module__.startswith("testbed.")]
    assert {type(each) for each in EXAMPLES} == set(kinds)
    assert len(EXAMPLES) == len(kinds)


@pytest.mark.parametrize("name", sorted(FOUND["pairings"]))
def test_transcript_is_a_whole_pairing(name: str) -> None:
    """Both roles end with the link key, the stated peer, and every message of the layout."""
    found = FOUND["pairings"][name]
    lines = found["transcript"]
    ends = {line["role"]: line for line in lines if "link_key" in line}
    assert {role: end["peer"] for role, end in ends.items()} == {
        role.value: SERIALS[role.other].hex() for role in Role
    }
    assert {end["link_key"] for end in ends.values()} == {found["link_key"]}
    read = [decode_message(bytes.fromhex(line["body"])) for line in lines if "body" in line]
    (method,) = {method for method, _ in read}
    assert method.name == name
    assert {message.kind for _, message in read} == set(method.layout)
    assert [message.kind for _, message in read] == [
        line["sends"] for line in lines if "body" in line
    ]


def test_there_is_a_transcript_of_each_method() -> None:
    """The six methods of this package are in the vectors, and no installed one besides."""
    assert list(FOUND["pairings"]) == [method.name for method in built_in()]
    assert len(FOUND["pairings"]) == 6


def test_private_inputs_are_as_stated() -> None:
    """Fresh value number n is SHA-256 of byte n: 16 on for the initiator, 32 on otherwise."""
    for found in FOUND["pairings"].values():
        for role, first in (("initiator", 16), ("responder", 32)):
            for at, value in enumerate(found["fresh"][role]):
                assert value == hashlib.sha256(bytes((first + at,))).hexdigest()


@pytest.mark.parametrize("name", sorted(FOUND["channels"]))
def test_channel_frames_open_at_the_other_side(name: str) -> None:
    """Each frame of a channel, taken in order by the other side, gives its payload."""
    found, suite = FOUND["channels"][name], ConcreteSuite()
    for role in Role:
        peer: Any = CHANNELS[name].establish(suite, bytes.fromhex(found["link_key"]), role.other)
        for each in found[f"{role.value} sends"]["frames"]:
            frame = bytes.fromhex(each["frame"])
            _, source, to, counter = decode_header(frame)
            assert (source, to, counter) == (
                ADDRESSES[role],
                ADDRESSES[role.other],
                each["counter"],
            )
            peer, plain = CHANNELS[name].unseal(suite, peer, frame[:14], counter, frame[14:])
            assert plain.hex() == each["payload"]


def test_rotation_of_two_devices_gives_the_vector() -> None:
    """The devices' own rotation, with the stated private keys, gives the stated new key."""
    found, suite = FOUND["rotation"], ConcreteSuite()
    old = bytes.fromhex(found["old_link_key"])
    channel = CHANNELS["aead-counter"]
    sent: list[tuple[str, Payload]] = []
    links, rotations = {}, {}
    for role, private in (
        (Role.RESPONDER, found["private_of_offer"]),
        (Role.INITIATOR, found["private_of_reply"]),
    ):
        name = role.value
        links[name] = Link("peer", b"peer", role, channel, old, channel.establish(suite, old, role))
        fresh = bytes.fromhex(private)
        bench: Any = SimpleNamespace(
            suite=suite,
            env=SimpleNamespace(now=0),
            streams=SimpleNamespace(bytes=lambda *_arguments, fresh=fresh: fresh),
        )

        def send(_link: Link, payload: Payload, _cause: int, name: str = name) -> None:
            sent.append((name, payload))

        endpoint: Any = SimpleNamespace(name=name, send=send, send_under_coming=send)
        rotations[name] = Rotation(bench, endpoint)
    rotations["responder"].offer(links["responder"], -1)
    for taker in ("initiator", "responder"):
        _, payload = sent[-1]
        rotations[taker].takes[type(payload)](links[taker], payload, -1)
    assert sent[-1] == ("responder", KeyInUse())
    for link in links.values():
        assert link.coming is not None
        assert link.coming[0].hex() == found["new_link_key"]


def test_vectors_are_plain_json() -> None:
    """What is printed reads back as the same data."""
    assert json.loads(as_json()) == FOUND
