"""Test vectors of the stand-in protocol, for who writes it anew in another language.

Everything stands on stated inputs, so every run gives the same bytes.  When a change of the
protocol is meant, write the vectors anew from the project's folder::

    python -m testbed.protocol.vectors > docs/protocol_vectors.json
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

from testbed.protocol.channels import CHANNELS, LinkState, Refused
from testbed.protocol.frames import ADDRESS_BYTES, DATA, MAX_COUNTER, PAIRING, encode_header
from testbed.protocol.pairings import PAIRINGS, encode_message
from testbed.protocol.payloads import (
    BasalUnit,
    BolusReply,
    BolusRequest,
    Calibration,
    CgmReading,
    CommandReply,
    HistoryReply,
    HistoryRequest,
    KeyInUse,
    KeyOffer,
    KeyReply,
    MeterReading,
    Payload,
    ResumeRequest,
    Setting,
    SettingRequest,
    Status,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.protocol.roles import (
    SIX_DIGITS,
    YES,
    Ask,
    Established,
    PairingMethod,
    Role,
    Send,
)
from testbed.protocol.suite import ConcreteSuite

Vectors = dict[str, Any]
"""JSON: objects, lists, numbers and text; bytes are in hexadecimal."""

SUITE: Final = ConcreteSuite()
SERIALS: Final = {Role.INITIATOR: b"MET-00000001", Role.RESPONDER: b"PUM-00000002"}
ADDRESSES: Final = {
    role: SUITE.digest("address", serial)[:ADDRESS_BYTES] for role, serial in SERIALS.items()
}
FIRST_INPUT: Final = {Role.INITIATOR: 16, Role.RESPONDER: 32}
"""Number of the first fresh value of each role in a pairing."""


def number(n: int) -> bytes:
    """Return private input number ``n``: SHA-256 of the single byte ``n``."""
    return sha256(bytes((n,))).digest()


EXAMPLES: Final[tuple[Payload, ...]] = (
    CgmReading(123, 456),
    MeterReading(98),
    BolusRequest(2500, 7),
    BolusReply(Status.OVER_MAXIMUM, 7),
    HistoryRequest(3),
    HistoryReply(12, 34_500),
    KeyOffer(SUITE.public(number(5))),
    KeyReply(SUITE.public(number(6))),
    KeyInUse(),
    SuspendRequest(8),
    ResumeRequest(9),
    TemporaryBasalRequest(BasalUnit.PERCENT, 150, 90, 10),
    SettingRequest(Setting.MAX_BOLUS_MILLIUNITS, 5000, 11),
    CommandReply(SuspendRequest.CODE, Status.ACCEPTED, 8),
    Calibration(104),
)
"""A payload of each kind."""


def _header(kind: int, counter: int, sender: Role = Role.INITIATOR) -> bytes:
    return encode_header(kind, ADDRESSES[sender], ADDRESSES[sender.other], counter)


def _payloads() -> list[Vectors]:
    return [
        {
            "payload": type(each).__name__,
            "fields": _hex(msgspec.structs.asdict(each)),
            "bytes": each.encode().hex(),
        }
        for each in EXAMPLES
    ]


def _hex(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: _hex(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_hex(each) for each in value]
    return value


def _functions() -> list[Vectors]:
    """Return each function of the suite on fixed inputs."""
    suite, code = SUITE, (271_828).to_bytes(4, "big")
    theirs = suite.public(number(2))
    shares = {one: suite.share(number(3 + one), code, not one) for one in (0, 1)}
    header = _header(DATA, 1)
    calls: tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...] = (
        (suite.label, ("text",)),
        (suite.public, (number(1),)),
        (suite.shared, (number(1), theirs)),
        (suite.digest, ("purpose", b"part one", b"part two")),
        (suite.derive, (number(1), b"salt", "purpose", b"context")),
        (suite.tag, (number(1), "purpose", b"part one", b"part two")),
        (suite.pair, (b"value", number(7)[:16])),
        (suite.unpair, (b"value" + number(7)[:16],)),
        (suite.same, (b"one", b"two")),
        (suite.code, (number(1), SIX_DIGITS)),
        (suite.bit, (code, 2)),
        (suite.share, (number(3), code, True)),
        (suite.share, (number(4), code, False)),
        (suite.agree, (number(3), code, True, shares[1])),
        (suite.agree, (number(4), code, False, shares[0])),
        (suite.seal, (number(1), 1, header, b"plaintext")),
        (suite.unseal, (number(1), 1, header, suite.seal(number(1), 1, header, b"plaintext"))),
    )
    return [
        {"function": call.__name__, "arguments": _hex(given), "result": _hex(call(*given))}
        for call, given in calls
    ]


def fresh_values(method: PairingMethod, role: Role) -> list[bytes]:
    """Return the fresh values of a role in the vectors."""
    return [number(FIRST_INPUT[role] + each) for each in range(method.fresh)]


def _answer(asked: dict[Role, Ask[bytes]], role: Role) -> bytes:
    """Return what a person answers on one device, who sees what both ask."""
    return YES.encode() if asked[role].what == "compare" else asked[role.other].value or b""


def _transcript(method: PairingMethod) -> Iterator[Vectors]:
    """Yield the lines of a pairing with a person who does what the screens ask."""
    states: dict[Role, Any] = {}
    asked: dict[Role, Ask[bytes]] = {}
    steps = deque(
        (role, method.start(SUITE, role, SERIALS[role], fresh_values(method, role)))
        for role in (Role.RESPONDER, Role.INITIATOR)
    )
    while steps:
        role, step = steps.popleft()
        states[role] = step.state
        for output in step.outputs:
            line: Vectors = {"role": role.value}
            if isinstance(output, Send):
                body = encode_message(method, output.message)
                yield line | {"sends": output.message.kind, "body": body.hex()}
                taken = method.receive(SUITE, states[role.other], output.message)
                states[role.other] = taken.state
                steps.append((role.other, taken))
            elif isinstance(output, Ask):
                yield line | {"asks": output.what, "value": _hex(output.value)}
                asked[role] = output
            elif isinstance(output, Established):
                yield line | {"peer": output.peer.hex(), "link_key": output.link_key.hex()}
            else:
                raise RuntimeError(f"{method.name}: {output.why}")
        if not steps and len(asked) == len(Role):
            answers = {each: _answer(asked, each) for each in Role if asked[each].what != "show"}
            asked.clear()
            for each, value in answers.items():
                yield {"role": each.value, "answers": value.hex()}
                steps.append((each, method.answer(SUITE, states[each], value)))
                states[each] = steps[-1][1].state


def built_in() -> Iterator[PairingMethod]:
    """Yield the pairing methods of this package, whatever else is installed."""
    for method in PAIRINGS.values():
        if type(method).__module__.startswith("testbed."):
            yield method


def _pairing(method: PairingMethod) -> Vectors:
    lines = list(_transcript(method))
    return {
        "codes": SIX_DIGITS,
        "fresh": {role.value: _hex(fresh_values(method, role)) for role in Role},
        "serials": {role.value: serial.hex() for role, serial in SERIALS.items()},
        "transcript": lines,
        "link_key": lines[-1]["link_key"],
    }


def _channel(name: str) -> Vectors:
    """Return two frames in each direction of a new link, and one after a loss of power."""
    channel, link_key = CHANNELS[name], number(64)
    found: Vectors = {"link_key": link_key.hex()}
    for role in Role:
        state: LinkState[bytes] = channel.establish(SUITE, link_key, role)
        peer: LinkState[bytes] = channel.establish(SUITE, link_key, role.other)
        frames = []
        for at, payload in enumerate((EXAMPLES[2], EXAMPLES[3], EXAMPLES[0])):
            if at == 2:
                state = channel.restart(state)
            counter, plain = state.next_counter, payload.encode()
            header = _header(DATA, counter, role)
            state, body = channel.seal(SUITE, state, header, plain)
            taken = channel.unseal(SUITE, peer, header, counter, body)
            if isinstance(taken, Refused) or taken[1] != plain:
                raise RuntimeError(f"{name}: a frame of its own is refused")
            peer = taken[0]
            frame = {"payload": plain.hex(), "counter": counter, "frame": (header + body).hex()}
            frames.append({**frame, "after_a_restart": at == 2})
        found[f"{role.value} sends"] = {"key": state.send_key.hex(), "frames": frames}
    return found


def _rotation() -> Vectors:
    old, offer, reply = number(64), number(5), number(6)
    secret = SUITE.shared(offer, SUITE.public(reply)) or b""
    salt = SUITE.digest("rotation", old)
    return {
        "old_link_key": old.hex(),
        "private_of_offer": offer.hex(),
        "private_of_reply": reply.hex(),
        "secret": secret.hex(),
        "salt": salt.hex(),
        "new_link_key": SUITE.derive(secret, salt, "rotated link key").hex(),
    }


def vectors() -> Vectors:
    """Return all test vectors."""
    return {
        "about": "A made-up protocol, no real product's. Input number n is SHA-256 of byte n.",
        "addresses": {role.value: each.hex() for role, each in ADDRESSES.items()},
        "headers": [
            {"kind": kind, "counter": counter, "header": _header(kind, counter).hex()}
            for kind, counter in ((PAIRING, 0), (DATA, 1), (DATA, MAX_COUNTER))
        ],
        "payloads": _payloads(),
        "functions": _functions(),
        "pairings": {method.name: _pairing(method) for method in built_in()},
        "channels": {
            name: _channel(name)
            for name, channel in CHANNELS.items()
            if type(channel).__module__.startswith("testbed.")
        },
        "rotation": _rotation(),
    }


def as_json() -> str:
    """Return all test vectors as text."""
    return json.dumps(vectors(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_json())
