"""Hostile bytes by the million: nothing escapes, no link appears, no insulin moves.

Every parser, every channel, both roles of every pairing method at every stage of a run, and
every device, in and out of pairing mode, is fed with bytes made up, cut short, flipped,
grown, spliced, sent back, sent again, out of order and from other sessions.  The test
command tries a few thousand; the long run tries a million, from the project's folder::

    python -m tests.fuzz --number 1000000 --seed 1

It prints how many it tried on each target, and ends with the first failure, if there is one,
and with the bytes that led to it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple

from testbed.devices import Endpoint
from testbed.protocol.channels import CHANNELS, LinkState, Refused
from testbed.protocol.frames import (
    BROADCAST,
    DATA,
    HEADER_BYTES,
    PAIRING,
    FrameError,
    decode_header,
    encode_header,
)
from testbed.protocol.pairings import PAIRINGS, decode_message, encode_message
from testbed.protocol.pairings.passkey import recover
from testbed.protocol.payloads import (
    BolusRequest,
    CgmReading,
    HistoryRequest,
    MeterReading,
    PayloadError,
    decode_payload,
)
from testbed.protocol.roles import NO, YES, Ask, Established, Message, Role, Send, Step
from testbed.protocol.settings import LinkSettings
from testbed.protocol.suite import ConcreteSuite
from testbed.trace import (
    BolusStarted,
    CommandAccepted,
    CommandRefused,
    FrameSent,
    Linked,
    ReadingStored,
)
from testbed.units import US_PER_MIN, US_PER_MS, US_PER_S
from tests.devices.conftest import Rig

SUITE: Final = ConcreteSuite()
DEVICES: Final = ("pump", "cgm", "meter", "usb")
A_WORLD: Final = 2000
"""How many frames one world is fed with before another takes its place."""


class FuzzError(AssertionError):
    """Hostile bytes did something, or broke something."""


def check(holds: bool, what: str, *data: Any) -> None:
    """Fail loudly if something does not hold."""
    if not holds:
        shown = ", ".join(each.hex() if isinstance(each, bytes) else repr(each) for each in data)
        raise FuzzError(f"{what}: {shown}")


# Hostile bytes ------------------------------------------------------------------------


def flipped(rng: Random, data: bytes) -> bytes:
    """Return bytes with one to three bits turned over."""
    bits = rng.sample(range(8 * len(data)), min(rng.randint(1, 3), 8 * len(data)))
    wrong = bytearray(data)
    for bit in bits:
        wrong[bit >> 3] ^= 1 << (bit & 7)
    return bytes(wrong)


def hostile(rng: Random, pool: list[bytes], names: list[bytes]) -> bytes:
    """Return a frame made up from nothing, from the layout, or from true frames."""
    how = rng.randrange(8)
    if how == 0:
        return rng.randbytes(rng.randint(0, 80))
    if how == 1:
        kind = rng.choice((PAIRING, DATA))
        head = encode_header(kind, rng.choice(names), rng.choice(names), rng.getrandbits(32))
        body = rng.randbytes(rng.randint(0, 60))
        return head + (bytes((rng.randint(0, 7), rng.randint(0, 9))) if how & 2 else b"") + body
    frame = rng.choice(pool)
    if how == 2:
        return flipped(rng, frame)
    if how == 3:
        return frame[: rng.randrange(len(frame))]
    if how == 4:
        return frame + rng.randbytes(rng.randint(1, 250))
    if how == 5:  # one frame's header, another's body
        return rng.choice(pool)[:HEADER_BYTES] + frame[HEADER_BYTES:]
    if how == 6:  # its body under a header of this world
        return (
            frame[:2] + rng.choice(names) + rng.choice(names) + frame[10:HEADER_BYTES]
            if rng.getrandbits(1)
            else frame[:10] + rng.getrandbits(32).to_bytes(4, "big")
        ) + frame[HEADER_BYTES:]
    return frame  # as it was, and in whatever order


# Worlds to take true frames from, and to be hostile to --------------------------------


class Stage(NamedTuple):
    """The devices of a rig, and the true frames that were said among them."""

    rig: Rig
    devices: dict[str, Endpoint]
    said: list[bytes]
    lost: frozenset[bytes]


def _persons_part(rig: Rig, device: Endpoint) -> None:
    """Do what two screens ask, as a person would, until they ask no more."""
    pump = rig.pump.endpoint
    for _ in range(4):
        rig.run(US_PER_S)
        mine, yours = pump.pairing.asks, device.pairing.asks
        if mine is None or yours is None:
            return
        if mine.what == "compare":
            pump.pairing.answer(YES.encode(), -1)
            device.pairing.answer(YES.encode(), -1)
        else:
            if mine.what == "touch" and yours.value is not None:
                pump.pairing.answer(yours.value, -1)
            device.pairing.answer(mine.value or b"", -1)


def stage(method: str, channel: str = "aead-counter", seed: int = 1) -> Stage:
    """Return a pump linked with each device by a method, after true traffic.

    On the meter's link a rotation was begun and cut short: its reply is lost on the way.
    """
    settings = {"pairing": method, "channel": channel, "lockout_after": 0}
    rig = Rig(minutes=60, seed=seed, link=LinkSettings.model_validate(settings))
    cgm, meter, usb = rig.cgm(linked=False), rig.meter(linked=False), rig.usb(linked=False)
    pump = rig.pump.endpoint
    devices = {"pump": pump, "cgm": cgm.endpoint, "meter": meter.endpoint, "usb": usb.endpoint}
    for kind, press_link in (("cgm", cgm), ("meter", meter), ("usb", usb)):
        rig.pump.press_link(kind, -1)
        press_link.press_link(-1)
        _persons_part(rig, devices[kind])
        check(pump.link_with(kind) is not None, "a true linking fails", method, kind)
    meter.ask_bolus(0.5, -1, lambda _status, _cause: None)
    rig.run(6 * US_PER_MIN)
    meter.finger_stick(-1)
    rig.run(US_PER_S)
    link = pump.link_with("meter")
    assert link is not None
    pump.rotation.offer(link, -1)
    before = {event.data for event in rig.events(FrameSent)}
    while not any(event.data not in before for event in rig.events(FrameSent)):
        rig.run(US_PER_MS)
    rig.medium.remove(pump)
    rig.run(US_PER_S)
    rig.put(pump, linked=False)
    said = [event.data for event in rig.events(FrameSent)]
    return Stage(rig, devices, said, frozenset(set(said) - before))


@cache
def spoken(seed: int = 2) -> tuple[bytes, ...]:
    """Return the true frames of other systems, one for each method, with other keys."""
    return tuple(
        frame
        for number, method in enumerate(PAIRINGS)
        for frame in stage(method, seed=seed + number).said
    )


def snapshot(on: Stage) -> tuple[Any, ...]:
    """Return what hostile bytes must not change, in every device."""
    rig = on.rig
    held = {
        name: [
            (link.kind, at, link.key, link.state, link.coming) for at, link in each.links.items()
        ]
        for name, each in on.devices.items()
    }
    told = rig.events(BolusStarted, CommandAccepted, CommandRefused, ReadingStored, Linked)
    pump = rig.pump
    return held, rig.drive.insulin_nU.tolist(), pump.sensor_mgdl, len(pump.history.rows), len(told)


# Targets ------------------------------------------------------------------------------


def header(rng: Random, number: int) -> None:
    """Whatever decodes as a header encodes to the same bytes."""
    pool = list(spoken())
    names = [BROADCAST, *{frame[2:6] for frame in pool}]
    for _ in range(number):
        data = hostile(rng, pool, names)
        try:
            found = decode_header(data)
        except FrameError:
            continue
        check(encode_header(*found) == data[:HEADER_BYTES], "a header reads as another", data)


def message(rng: Random, number: int) -> None:
    """Whatever decodes as a pairing message encodes to the same bytes."""
    pool = [frame for frame in spoken() if frame[1] == PAIRING]
    for _ in range(number):
        data = hostile(rng, pool, [BROADCAST])[HEADER_BYTES:]
        try:
            found = decode_message(data)
        except FrameError:
            continue
        check(encode_message(*found) == data, "a message reads as another", data)


def payload(rng: Random, number: int) -> None:
    """Whatever decodes as a payload encodes to the same bytes."""
    true = (CgmReading(100, 1), MeterReading(90), BolusRequest(500, 7), HistoryRequest(3))
    pool = [each.encode() for each in true]
    for _ in range(number):
        how = rng.randrange(3)
        data = rng.choice(pool)
        if how == 0:
            data = bytes((rng.randint(0, 11),)) + rng.randbytes(rng.choice((0, 2, 3, 4, 6, 8, 32)))
        elif how == 1:
            data = flipped(rng, data)
        elif how == 2:
            data = data[: rng.randrange(len(data))]
        try:
            found = decode_payload(data)
        except PayloadError:
            continue
        check(found.encode() == data, "a payload reads as another", data)


@cache
def _messages() -> tuple[Message[bytes], ...]:
    bodies = [frame[HEADER_BYTES:] for frame in spoken() if frame[1] == PAIRING]
    return tuple(decode_message(body)[1] for body in bodies)


def listener(rng: Random, number: int) -> None:
    """Whoever computes keys and codes from what it hears survives any mixture of messages."""
    pool = _messages()
    for _ in range(number):
        heard = [rng.choice(pool) for _ in range(rng.randint(0, 6))]
        recover(heard, SUITE)


def _channel(name: str) -> Callable[[Random, int], None]:
    channel = CHANNELS[name]
    replays = name == "mac-no-counter"

    def feed(rng: Random, number: int) -> None:
        names = [b"\1\2\3\4", b"\5\6\7\x08"]
        key, other = rng.randbytes(32), rng.randbytes(32)
        pump: Any = channel.establish(SUITE, key, Role.RESPONDER)
        pool = []
        accepted = set()
        for each, role in ((key, Role.INITIATOR), (key, Role.RESPONDER), (other, Role.INITIATOR)):
            state: LinkState[bytes] = channel.establish(SUITE, each, role)
            for count in range(1, 6):
                head = encode_header(DATA, *names[:: 1 if role is Role.INITIATOR else -1], count)
                state, body = channel.seal(SUITE, state, head, BolusRequest(500, count).encode())
                pool.append(head + body)
                if each is key and role is Role.INITIATOR:
                    result = channel.unseal(SUITE, pump, head, count, body)
                    check(not isinstance(result, Refused), "a true frame is refused", head + body)
                    pump = result[0]
                    accepted.add(head + body)
        for _ in range(number):
            data = hostile(rng, pool, names)
            try:
                counter = decode_header(data)[3]
            except FrameError:
                continue
            result = channel.unseal(SUITE, pump, data[:HEADER_BYTES], counter, data[HEADER_BYTES:])
            taken = not isinstance(result, Refused)
            check(taken == (replays and data in accepted), "taken without a tag or again", data)

    feed.__doc__ = f"Over {name} nothing is taken that a key did not seal, or it was before."
    return feed


class Point(NamedTuple):
    """A stage of a run: who is where, and the one true input that it waits for."""

    role: Role
    state: Any
    awaits: Message[bytes] | bytes


class Run(NamedTuple):
    """A run of a method from its first message to its last."""

    points: list[Point]
    said: tuple[Message[bytes], ...]


def run_of(name: str, rng: Random, codes: int = 16) -> Run:
    """Return one true run of a method: every stage of both roles, and what was said."""
    method = PAIRINGS[name]
    states: dict[Role, Any] = {}
    asks: dict[Role, Ask[bytes]] = {}
    air: list[tuple[Role, Message[bytes]]] = []
    points: list[Point] = []
    said: list[Message[bytes]] = []
    ended = 0

    def take(role: Role, step: Step) -> None:
        nonlocal ended
        states[role] = step.state
        for output in step.outputs:
            if isinstance(output, Send):
                said.append(output.message)
                air.append((role.other, output.message))
            elif isinstance(output, Ask):
                asks[role] = output
            else:
                check(isinstance(output, Established), "a true run fails", name, output)
                ended += 1

    for role, serial in ((Role.RESPONDER, b"PUM-00000002"), (Role.INITIATOR, b"MET-00000001")):
        fresh = [rng.randbytes(32) for _ in range(method.fresh)]
        take(role, method.start(SUITE, role, serial, fresh, codes))
    while air or len(asks) == 2:
        if air:
            role, heard = air.pop(0)
            points.append(Point(role, states[role], heard))
            take(role, method.receive(SUITE, states[role], heard))
            continue
        shown = {role: asks.pop(role) for role in Role}
        for role in (Role.INITIATOR, Role.RESPONDER):
            if shown[role].what == "show":
                continue
            compare = shown[role].what == "compare"
            answer = YES.encode() if compare else shown[role.other].value or b""
            points.append(Point(role, states[role], answer))
            take(role, method.answer(SUITE, states[role], answer))
    check(ended == 2, "a true run does not end", name)
    return Run(points, tuple(said))


def _roles(name: str) -> Callable[[Random, int], None]:
    method = PAIRINGS[name]

    def mutated(rng: Random, one: Message[bytes]) -> Message[bytes]:
        fields = list(one.fields)
        at = rng.randrange(len(fields))
        size = len(fields[at])
        fields[at] = rng.randbytes(size) if rng.getrandbits(1) else flipped(rng, fields[at])
        return Message(one.kind, tuple(fields))

    def feed(rng: Random, number: int) -> None:
        run, others = run_of(name, rng), [run_of(name, rng).said for _ in range(3)]
        foreign = [each for said in others for each in said]
        closing = [each for each in (*foreign, *run.said) if each.kind.startswith("confirm")]
        before = [repr(point.state) for point in run.points]
        fed = 0
        while fed < number:
            point = rng.choice(run.points)
            state = point.state
            for step_number in range(rng.randint(1, 5)):
                fed += 1
                if rng.random() < 0.1:
                    given: Any = rng.choice(
                        (YES.encode(), NO.encode(), rng.randrange(16).to_bytes(4, "big"))
                    )
                    # What a person does at the right time is not hostile.
                    step = method.answer(SUITE, state, given)
                else:
                    own = step_number == 0 and rng.random() < 0.2
                    given = rng.choice(run.said if own else foreign)
                    # A share costs a thousand times a tag: have it less often.
                    if name == "pake" and given not in closing and rng.random() < 0.9:
                        given = rng.choice(closing)
                    if rng.getrandbits(1):
                        given = mutated(rng, given)
                    if given == point.awaits or (given in run.said and not own):
                        continue
                    step = method.receive(SUITE, state, given)
                check(
                    not any(isinstance(each, Established) for each in step.outputs),
                    "a link appears",
                    name,
                    point,
                    given,
                )
                state = step.state
                if state is None or given in run.said:
                    break
        check([repr(point.state) for point in run.points] == before, "a state changed", name)

    feed.__doc__ = f"No stage of {name} ends with a link that nobody took part in."
    return feed


def _answered(rng: Random, endpoint: Endpoint) -> None:
    """Have a careless person answer whatever the screen asks."""
    asks = endpoint.pairing.asks
    if asks is not None and asks.what != "show":
        answers = {"compare": YES.encode(), "touch": rng.randbytes(16)}
        endpoint.pairing.answer(answers.get(asks.what, rng.randrange(10**6).to_bytes(4, "big")), -1)


def _device(name: str, pairing: bool) -> Callable[[Random, int], None]:
    def feed(rng: Random, number: int) -> None:
        left = number
        while left > 0:
            method = rng.choice([each for each in PAIRINGS if each != "pake" or not pairing])
            if pairing and rng.random() < 0.05:
                method = "pake"
            on = stage(method, seed=rng.getrandbits(32))
            names = [BROADCAST, *(each.address for each in on.devices.values())]
            pool = [*on.said * 3, *spoken()]
            before = snapshot(on)
            endpoint = on.devices[name]
            held = [(link, link.state, link.key, link.coming) for link in endpoint.links.values()]
            for each in range(min(left, A_WORLD)):
                if pairing:
                    if not endpoint.pairing.active:
                        role = Role.RESPONDER if name == "pump" else Role.INITIATOR
                        endpoint.pairing.open(role, "meter" if name == "pump" else "pump", -1)
                    _answered(rng, endpoint)
                    if each % 20 == 0:
                        on.rig.run(10 * US_PER_MS)
                data = hostile(rng, pool, names)
                if data in on.lost:
                    continue  # it never arrived: a true frame, only late
                endpoint.hear(data, -1)
                check(
                    len(endpoint.links) == len(held)
                    and all(
                        link.state is state and link.key is key and link.coming is coming
                        for link, state, key, coming in held
                    ),
                    "a link changed",
                    name,
                    method,
                    data,
                )
            check(not on.rig.drive.bolus_running, "a bolus runs", name, method)
            on.rig.run(US_PER_S)
            check(snapshot(on) == before, "something changed", name, method)
            left -= A_WORLD

    where = "in" if pairing else "out of"
    feed.__doc__ = f"Nothing changes in a {name} {where} pairing mode."
    return feed


TARGETS: Final[dict[str, tuple[float, Callable[[Random, int], None]]]] = {
    "header": (0.10, header),
    "message": (0.10, message),
    "payload": (0.10, payload),
    "listener": (0.04, listener),
    "channel mac-no-counter": (0.08, _channel("mac-no-counter")),
    "channel aead-counter": (0.08, _channel("aead-counter")),
    **{f"roles {name}": (0.01 if name == "pake" else 0.018, _roles(name)) for name in PAIRINGS},
    **{f"device {name}": (0.075, _device(name, False)) for name in DEVICES},
    **{f"device {name}, pairing": (0.025, _device(name, True)) for name in DEVICES},
}
"""Each target with its share of the frames that are tried."""


def fuzz(number: int, seed: int) -> Iterator[tuple[str, int, float]]:
    """Feed every target; yield its name, how many inputs it got, and the seconds it took.

    Raises:
        FuzzError: If hostile bytes did something.
    """
    total = sum(share for share, _ in TARGETS.values())
    for name, (share, feed) in TARGETS.items():
        tries = max(1, round(number * share / total))
        began = time.perf_counter()
        feed(Random(f"{seed} {name}"), tries)
        yield name, tries, time.perf_counter() - began


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--number", type=int, default=1_000_000, help="how many inputs in all")
    parser.add_argument("--seed", type=int, default=1, help="which inputs")
    given = parser.parse_args()
    began, tried = time.perf_counter(), 0
    for name, tries, seconds in fuzz(given.number, given.seed):
        tried += tries
        print(f"{name:<26}{tries:>9,}  {tries / max(seconds, 1e-9):>9,.0f}/s", flush=True)
    print(f"{tried:,} inputs in {time.perf_counter() - began:.0f} s: nothing moved")
    return 0


if __name__ == "__main__":
    sys.exit(main())
