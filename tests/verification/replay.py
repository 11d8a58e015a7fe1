"""Replays a counterexample of the search with real bytes, over the simulated radio.

Pump and device stand out of each other's reach with the attacker's antenna between them, so
that what reaches whom is up to the attacker, as in the search.  Everything else is as in the
simulator: devices, pairing mode, frames, cryptography.  The attacker computes each value that it
sends from what its antenna heard, by the functions that the term names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testbed.devices import (
    Bench,
    Drive,
    Meter,
    MeterSettings,
    Pump,
    PumpSettings,
    Ratios,
    Reservoir,
)
from testbed.physiology import Body, patient
from testbed.protocol.frames import (
    ADDRESS_BYTES,
    DATA,
    HEADER_BYTES,
    PAIRING,
    decode_header,
    encode_header,
)
from testbed.protocol.pairings import decode_message, encode_message
from testbed.protocol.payloads import BolusRequest, HistoryReply
from testbed.protocol.roles import YES, Message, Role
from testbed.protocol.settings import LinkSettings
from testbed.protocol.suite import ConcreteSuite
from testbed.radio import PLACES, Medium, Position, RadioSettings
from testbed.randomness import Streams
from testbed.simulation import Simulation
from testbed.trace import CommandAccepted, FrameSent, Recorder
from testbed.units import US_PER_MIN, US_PER_S, to_nanounits
from testbed.verification.channel_use import Frame
from testbed.verification.sessions import CODES
from testbed.verification.states import Act, Party
from testbed.verification.terms import LABEL, OWN, SECRET, VARIABLE, Term
from testbed.verification.verify import Counterexample

_ATTACKERS_MILLIUNITS = 700
_APART = {"pump": 0.0, "attacker": 30.0, "device": 60.0}
_TOGETHER = {"pump": 0.0, "attacker": 4.0, "device": 0.5}
"""Metres along a line: with an active attacker between the devices, or one who only listens."""


class CannotComputeError(Exception):
    """The attacker cannot compute a value from what it heard."""


class Values:
    """What terms stand for, as the attacker knows or can compute it.

    Args:
        streams: Where values of its own making come from.
    """

    def __init__(self, streams: Streams) -> None:
        self._suite = ConcreteSuite()
        self._streams = streams
        self.known: dict[Term, bytes] = {}

    def of(self, term: Term) -> bytes:
        """Return the bytes of a term.

        Raises:
            CannotComputeError: If they were neither heard nor follow from what was.
        """
        if term in self.known:
            return self.known[term]
        if term.op == LABEL:
            return str(term.meta[0]).encode()
        if term.op in (OWN, VARIABLE):
            length = term.length or 7
            self.known[term] = self._streams.bytes(f"attacker/{term.meta[0]}", length)
            return self.known[term]
        return self._computed(term)

    def _computed(self, term: Term) -> bytes:
        suite, args, meta = self._suite, term.args, term.meta
        if term.op in ("shared", "agree"):
            return self._exchanged(term)
        compute: Mapping[str, Any] = {
            "public": lambda: suite.public(*map(self.of, args)),
            "digest": lambda: suite.digest(meta[0], *map(self.of, args)),
            "derive": lambda: suite.derive(self.of(args[0]), self.of(args[1]), meta[0]),
            "tag": lambda: suite.tag(self.of(args[0]), meta[0], *map(self.of, args[1:])),
            "bit": lambda: suite.bit(self.of(args[0]), meta[0]),
            "share": lambda: suite.share(self.of(args[0]), self.of(args[1]), meta[0]),
            "pair": lambda: suite.pair(*map(self.of, args)),
            "seal": lambda: suite.seal(self.of(args[0]), meta[0], *map(self.of, args[1:])),
        }
        if term.op not in compute:
            raise CannotComputeError(repr(term))
        value: bytes = compute[term.op]()
        return value

    def _exchanged(self, term: Term) -> bytes:
        """Return the secret of an exchange from the private key that is the attacker's."""
        suite = self._suite
        if term.op == "shared":
            own, other = sorted(term.args, key=lambda each: each.op != OWN)
            (public,) = (
                each for each in self.known if each.op == "public" and each.args == (other,)
            )
            secret = suite.shared(self.of(own), self.of(public))
        else:
            initiates = term.args[0].op == OWN
            own, other = term.args[:2] if initiates else term.args[1::-1]
            code = term.args[2]
            (share,) = (
                each
                for each in self.known
                if each.op == "share"
                and each.args == (other, code)
                and each.meta == (not initiates,)
            )
            secret = suite.agree(self.of(own), self.of(code), initiates, self.of(share))
        assert secret is not None
        return secret

    def guess(self, secret: Term) -> None:
        """Find a code or a bit by trying all there are against a value that was heard.

        Raises:
            CannotComputeError: If no value that was heard tells it.
        """
        values = (
            [bytes((bit,)) for bit in (0, 1)]
            if secret.op == "bit"
            else [code.to_bytes(4, "big") for code in range(CODES)]
        )
        for told in [each for each in self.known if secret in each.shorts]:
            fits = []
            for value in values:
                self.known[secret] = value
                try:
                    if self._computed(told) == self.known[told]:
                        fits.append(value)
                except CannotComputeError:
                    break
            if len(fits) == 1:
                (self.known[secret],) = fits
                return
        del self.known[secret]
        raise CannotComputeError(repr(secret))


class _Antenna:
    """Hears every frame."""

    name = "attacker"
    address = b""
    promiscuous = True
    gain_dB = 20.0

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def hear(self, data: bytes, cause: int) -> None:
        self.heard.append(data)


class Replay:
    """One counterexample, carried out step by step.

    Args:
        counterexample: What the search found.
        channel: The channel that the devices use.
        seed: Seed of the dice.
    """

    def __init__(
        self, counterexample: Counterexample, channel: str = "aead-counter", seed: int = 1
    ) -> None:
        self.told = counterexample
        pairing = counterexample.pairing
        setting = None if pairing is None else pairing.setting
        self._ability = None if setting is None else setting.ability
        link = LinkSettings(
            pairing="oob" if setting is None else setting.method.name,
            channel=counterexample.channel or channel,
            codes=CODES,
            reuse_code=setting is not None and setting.reused,
            lockout_after=0,
        )
        self.env, self.recorder, streams = Simulation(), Recorder(), Streams(seed, 0)
        radio = RadioSettings(shadowing_sd_dB=0.0)
        self.medium = Medium(self.env, self.recorder, streams, radio, PLACES)
        self._bench = Bench(self.env, self.medium, self.recorder, streams, ConcreteSuite(), link)
        body = Body(patient("adult#001"), 24 * 60)
        full = Reservoir(to_nanounits(300.0))
        drive = Drive(self.env, body, self.recorder, full)
        ratios = Ratios(10.0, 40.0)
        self.pump = Pump(self._bench, PumpSettings(), drive, 0.0, 0, ratios)
        self.meter = Meter(self._bench, MeterSettings(), body, drive)
        self.antenna = _Antenna()
        self.ends = {Role.INITIATOR: self.meter.endpoint, Role.RESPONDER: self.pump.endpoint}
        where = _TOGETHER if self._ability is not None and not self._ability.active else _APART
        for node, name in (
            (self.pump.endpoint, "pump"),
            (self.antenna, "attacker"),
            (self.meter.endpoint, "device"),
        ):
            self.medium.place(node, Position("home", where[name]))
        self.values = Values(streams)
        self._screens: dict[Term, bytes] = {}
        self._streams = streams
        self._commands: dict[str, bytes] = {}

    def run(self) -> None:
        """Carry out what happens while devices pair, then what is sent on the link."""
        if self.told.pairing is not None:
            for act in self.told.pairing.acts:
                self._act(act)
        else:
            self._link(0)
        for frame in self.told.frames:
            self._frame(frame)

    # While devices pair -----------------------------------------------------------------

    def _act(self, act: Act) -> None:
        end = self.ends[act.party.role]
        ability = self._ability
        assert ability is not None
        if act.kind == "begin":
            peer = "pump" if act.party.role is Role.INITIATOR else "meter"
            end.pairing.open(act.party.role, peer, -1)
        elif act.kind == "send":
            self._take(act)
        elif act.kind == "asks":
            asked = end.pairing.asks
            if asked is not None and asked.value is not None:
                for term in act.values:
                    self._screens[term] = asked.value
                    if ability.touches or (ability.sees_codes and asked.what == "show"):
                        self.values.known.setdefault(term, asked.value)
        elif act.kind == "deliver":
            if ability.active:
                self._deliver(act)
        elif act.kind in ("answer", "press"):
            end.pairing.answer(self._answered(act), -1)
        elif act.kind == "guess":
            self.values.guess(act.values[0])
        self._pass(US_PER_S)

    def _pass(self, us: int) -> None:
        self.env.run_to(self.env.now + us)

    def _take(self, act: Act) -> None:
        """Take the oldest message of a device that was not taken yet."""
        source = self.ends[act.party.role].address
        for place, data in enumerate(self.antenna.heard):
            kind, claimed, _, _ = decode_header(data)
            if kind == PAIRING and claimed == source:
                del self.antenna.heard[place]
                _, message = decode_message(data[HEADER_BYTES:])
                assert message.kind == act.note
                self.values.known.update(zip(act.values, message.fields, strict=True))
                return
        raise AssertionError(f"{act.party} was to send {act.note}, and did not")

    def _deliver(self, act: Act) -> None:
        end = self.ends[act.party.role]
        fields = tuple(map(self.values.of, act.values))
        method = self._setting_method
        header = encode_header(PAIRING, self._claimed(act.party), end.address, 0)
        body = encode_message(method, Message(act.note, fields))
        self.medium.transmit(self.antenna, header + body, -1)

    @property
    def _setting_method(self) -> Any:
        assert self.told.pairing is not None
        return self.told.pairing.setting.method

    def _claimed(self, party: Party) -> bytes:
        """Return the address from which a party is spoken to: that of the serial it is told."""
        assert self.told.pairing is not None
        for act in self.told.pairing.acts:
            if act.kind == "deliver" and act.party == party:
                serial = self.values.of(act.values[0])
                return self._bench.suite.digest("address", serial)[:ADDRESS_BYTES]
        raise AssertionError(f"nobody speaks to {party}")

    def _answered(self, act: Act) -> bytes:
        (value,) = act.values
        if act.kind == "press":
            return YES.encode() if value.op == LABEL else self.values.of(value)
        return self._screens.get(value, YES.encode())

    # On the link ------------------------------------------------------------------------

    def _link(self, number: int) -> None:
        """Link pump and device out of everyone's hearing."""
        key = self._streams.bytes(f"link {number}", 32)
        pump, meter = self.pump.endpoint, self.meter.endpoint
        pump.install("meter", meter.address, key, Role.RESPONDER)
        meter.install("pump", pump.address, key, Role.INITIATOR)

    def _frame(self, frame: Frame) -> None:
        if frame.kind == "link":
            self._link(frame.link)
        elif frame.kind == "restart":
            self.ends[Role.INITIATOR if frame.who == "device" else Role.RESPONDER].restart()
        elif frame.kind == "deliver":
            self._send(frame)
        else:
            self._say(frame)
        # Long enough for a bolus to end, and for a request of the same number to be a new one.
        self._pass(10 * US_PER_MIN)

    def _say(self, frame: Frame) -> None:
        """Have an honest side say something, and take it off the air."""
        assert frame.body is not None
        self.antenna.heard.clear()
        from_pump = frame.who == "pump"
        end = self.ends[Role.RESPONDER if from_pump else Role.INITIATOR]
        link = end.link_with("meter" if from_pump else "pump")
        assert link is not None
        number = 1000 * frame.link + frame.counter
        payload = HistoryReply(0, 0) if from_pump else BolusRequest(100, number)
        end.send(link, payload, -1)
        self._pass(US_PER_S)
        (data,) = self.antenna.heard
        counter = decode_header(data)[3]
        assert counter == frame.counter
        self.values.known[frame.body] = data[HEADER_BYTES:]
        self._commands[frame.note] = payload.encode()

    def _send(self, frame: Frame) -> None:
        """Send the pump a frame in the device's name."""
        assert frame.body is not None
        (peer,) = {link.address for link in self.pump.endpoint.links.values()}
        header = encode_header(DATA, peer, self.pump.endpoint.address, frame.counter)
        for atom in _atoms(frame.body):
            name = str(atom.meta[0])
            if atom.op == LABEL and name.startswith("header"):
                self.values.known[atom] = header
            elif atom.op == LABEL and name in self._commands:
                self.values.known[atom] = self._commands[name]
            elif atom.op == OWN:
                self.values.known[atom] = BolusRequest(_ATTACKERS_MILLIUNITS, 9).encode()
            elif atom.op == SECRET and self.told.pairing is not None:
                self.values.known[atom] = self.pump_key()
        self.medium.transmit(self.antenna, header + self.values.of(frame.body), -1)

    # What came of it --------------------------------------------------------------------

    def pump_key(self) -> bytes:
        """Return the pump's link key as the attacker computes it."""
        assert self.told.pairing is not None
        (key,) = (
            act.values[0]
            for act in self.told.pairing.acts
            if act.kind == "done" and act.party.role is Role.RESPONDER
        )
        return self.values.of(key)

    def known_keys(self) -> list[bytes]:
        """Return the keys of links that devices hold and the attacker can compute."""
        assert self.told.pairing is not None
        held = {link.key for end in self.ends.values() for link in end.links.values()}
        found = []
        for act in self.told.pairing.acts:
            if act.kind == "done":
                try:
                    key = self.values.of(act.values[0])
                except CannotComputeError:
                    continue
                found += [key] if key in held else []
        return found

    def accepted(self) -> int:
        """Return how many commands the pump has accepted from the attacker's antenna."""
        events = self.recorder.events()
        return sum(
            isinstance(events[event.cause], FrameSent) and events[event.cause].node == "attacker"
            for event in events
            if isinstance(event, CommandAccepted)
        )


def _atoms(term: Term) -> list[Term]:
    return [term] if not term.args else [atom for arg in term.args for atom in _atoms(arg)]
