"""``stand-between``: two pairings at once, one with the pump and one with the device.

To the pump the attacker is the device, to the device it is the pump; once both are linked it
relays what they say, so that nothing seems amiss, and can add commands of its own.  Where the
device tells bits of its code (``passkey``), the pump's answer has to wait until it has, and the
linking goes on with what was told: a code that was guessed wrong in one bit is put right, with
the pump alone.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.attacks.links import HeldLink
from testbed.attacks.passkey_bits import PasskeyBits, tells_bits
from testbed.attacks.patience import gives_up_after, says_hello_every
from testbed.attacks.puppet import Puppet
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.take_part import LINKED, PUMP_SERIAL, SAYS_HELLO, SERIAL, code_to_try
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import Role
from testbed.settings import Duration

_DEVICE, _BETWEEN = "linked with the device", "stands between"


class StandBetween(Step):
    """Take the other's place on both sides of a linking, and relay."""

    do: Literal["stand-between"] = "stand-between"
    """The step's name."""
    hello_every: Duration = says_hello_every()
    give_up_after: Duration = gives_up_after(
        "30min", "How long the attacker tries to stand between, from the first frame heard."
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of both devices while they are linked.",
        "The pump answers the attacker, and the device takes the attacker for the pump.",
    )
    gates: ClassVar[tuple[str, ...]] = (SAYS_HELLO, LINKED, _DEVICE, _BETWEEN)
    stride: ClassVar[frozenset[str]] = frozenset("STI")

    def run(self, situation: Situation) -> Process:
        """Pair on both sides, then leave a relay behind."""
        env, antenna = situation.env, situation.antenna
        if not antenna.heard:
            yield antenna.next_frame()
        deadline = env.timeout(self.give_up_after)
        method = PAIRINGS[situation.link.pairing]
        began = situation.gate(self.do, SAYS_HELLO, True, method.name)
        code = code_to_try(situation, 0)
        waits = tells_bits(method)
        to_pump = Puppet(situation, method, Role.INITIATOR, SERIAL, code, began, waits=waits)
        to_device = Puppet(situation, method, Role.RESPONDER, PUMP_SERIAL, code, began)
        to_device.start()
        ear = antenna.listen()
        to_pump.start()
        patience = env.timeout(self.hello_every)
        while not deadline.processed and not (to_pump.ended and to_device.ended):
            silent = to_pump.peer is None
            if patience.processed:
                if not silent:
                    break  # the pump's window has closed: what it has not said it will not say
                to_pump.start()
                patience = env.timeout(self.hello_every)
            yield ear.wait() | deadline | patience
            heard = ear.take()
            if heard is not None:
                if not to_pump.ended and to_pump.take(heard.data) and silent:
                    patience = env.timeout(situation.link.pairing_window)
                if not to_device.ended and to_device.take(heard.data) and to_device.ended and waits:
                    bits = PasskeyBits(situation.suite, situation.link.codes)
                    bits.learn(to_device.said)
                    to_pump.go_on(bits.put_into(code))
            if to_pump.failed or (to_device.failed and not waits):
                break
        self._close(situation, to_pump, to_device)

    def _close(self, situation: Situation, to_pump: Puppet, to_device: Puppet) -> None:
        """Write the gates down; keep the links and relay if both are there."""
        confirmed, device = to_pump.held(), to_device.held()
        pump = confirmed or to_pump.unconfirmed()
        kept = "" if pump is None else "the pump's last word was not heard"
        note = "" if confirmed else to_pump.failed or kept
        situation.gate(self.do, LINKED, confirmed is not None, note)
        situation.gate(self.do, _DEVICE, device is not None, to_device.failed or "")
        if pump is not None:
            situation.knowledge.links.append(pump)
        situation.gate(self.do, _BETWEEN, pump is not None and device is not None)
        if pump is not None and device is not None:
            situation.env.process(_relay(situation, pump, device))


def _relay(situation: Situation, pump: HeldLink, device: HeldLink) -> Process:
    """Hand every payload on from one side to the other, sealed anew."""
    ear = situation.antenna.listen()
    while True:
        yield ear.wait()
        heard = ear.take()
        if heard is None:
            continue
        for here, there in ((device, pump), (pump, device)):
            plaintext = here.unseal(situation.suite, heard.data)
            if plaintext is not None and not there.holds_back:
                # What is passed on unchanged is still its sender's doing.
                situation.antenna.send(there.seal(situation.suite, plaintext), heard.cause)
