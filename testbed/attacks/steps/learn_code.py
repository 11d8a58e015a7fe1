"""``learn-code``: play the pump to a device, again and again, and learn the code bit by bit.

The person has to type a code again (``behaviour.retype_code``).  The attacker says hello to the
pump first and lets its answer wait, so that the pump neither answers the device nor changes its
code; the device opens its nonce of a bit before it sees the attacker's, and so tells the first
bit that was guessed wrong (Lindell, CT-RSA 2009).
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.attacks.passkey_bits import PasskeyBits, tells_bits
from testbed.attacks.patience import gives_up_after, says_hello_every
from testbed.attacks.puppet import Puppet
from testbed.attacks.step import Process, Situation, Step
from testbed.attacks.steps.take_part import ANSWERED, PUMP_SERIAL, SAYS_HELLO, SERIAL, code_to_try
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.roles import Message, Role
from testbed.protocol.suite import CODE_BYTES, KEY_BYTES
from testbed.settings import Duration

_TOLD, _LEARNED = "a device told bits of the code", "learned the code"


class LearnCode(Step):
    """Keep the pump waiting, and take the device's runs until every bit is known."""

    do: Literal["learn-code"] = "learn-code"
    """The step's name."""
    hello_every: Duration = says_hello_every()
    give_up_after: Duration = gives_up_after(
        "30min", "How long the attacker plays the pump to a device, from the first frame heard."
    )

    preconditions: ClassVar[tuple[str, ...]] = (
        "The antenna is in reach of both devices while they are linked with a passkey.",
        "The person types the code that the pump still shows into a device whose linking failed.",
    )
    gates: ClassVar[tuple[str, ...]] = (SAYS_HELLO, ANSWERED, _TOLD, _LEARNED)
    stride: ClassVar[frozenset[str]] = frozenset("SI")

    def run(self, situation: Situation) -> Process:
        """Learn until the code is known or time is up."""
        env, antenna, link = situation.env, situation.antenna, situation.link
        method = PAIRINGS[link.pairing]
        if not tells_bits(method):
            situation.gate(self.do, SAYS_HELLO, False, f"{method.name} tells no bits")
            return
        if not antenna.heard:
            yield antenna.next_frame()
        deadline = env.timeout(self.give_up_after)
        began = situation.gate(self.do, SAYS_HELLO, True, method.name)
        bits = PasskeyBits(situation.suite, link.codes)
        lesson = _Lesson(situation, bits, began)
        answered = False
        ear = antenna.listen()
        to_pump = _knock(situation, began)
        wait = env.timeout(self.hello_every)
        while not deadline.processed and not bits.complete:
            if wait.processed:  # no answer yet, or the pump's window has closed since
                if to_pump.peer is not None and not link.reuse_code:
                    bits.forget()
                to_pump = _knock(situation, began)
                wait = env.timeout(self.hello_every)
            yield ear.wait() | wait | deadline
            heard = ear.take()
            if heard is None:
                continue
            alone = to_pump.peer is None
            if to_pump.take(heard.data) and alone:
                wait = env.timeout(link.pairing_window)
                if not answered:
                    answered = True
                    situation.gate(self.do, ANSWERED, True, method.name)
            if answered:
                lesson.take(heard.data)
        if not answered:
            situation.gate(self.do, ANSWERED, False, "no pump in pairing mode in reach")
        else:
            self._close(situation, lesson, bits, to_pump)

    def _close(
        self, situation: Situation, lesson: _Lesson, bits: PasskeyBits, to_pump: Puppet
    ) -> None:
        """Write down what was learned, and keep the code and the pump that waits for it."""
        if not lesson.told:
            situation.gate(self.do, _TOLD, False, "no device said hello")
            return
        tries = f"{bits.known} of {bits.of} bits, {lesson.runs} tries"
        situation.gate(self.do, _LEARNED, bits.complete, tries)
        if bits.complete:
            situation.knowledge.code = bits.put_into(bytes(CODE_BYTES))
            situation.knowledge.begun = to_pump if to_pump.peer is not None else None


def _knock(situation: Situation, began: int) -> Puppet:
    """Say hello to the pump, to let its answer wait."""
    method, nothing = PAIRINGS[situation.link.pairing], bytes(CODE_BYTES)
    puppet = Puppet(situation, method, Role.INITIATOR, SERIAL, nothing, began, waits=True)
    puppet.start()
    return puppet


class _Lesson:
    """The runs that a device has with the attacker in the pump's place."""

    def __init__(self, situation: Situation, bits: PasskeyBits, began: int) -> None:
        self._situation = situation
        self._bits = bits
        self._began = began
        self.runs = 0
        self.told = False
        self._puppet = self._next()

    def _next(self) -> Puppet:
        """Return a pump that shows what is known of the code, and a guess at the rest."""
        situation, method = self._situation, PAIRINGS[self._situation.link.pairing]
        code = self._bits.put_into(code_to_try(situation, self.runs))
        puppet = Puppet(situation, method, Role.RESPONDER, PUMP_SERIAL, code, self._began)
        puppet.start()
        return puppet

    def take(self, data: bytes) -> None:
        """Take a frame of the device, and learn what it tells."""
        puppet = self._puppet
        begins = puppet.peer is None
        if not puppet.take(data):
            return
        self.runs += begins
        if self._bits.learn(puppet.said) and not self.told:
            self.told = True
            self._situation.gate(LearnCode.model_fields["do"].default, _TOLD, True)
        if not puppet.ended:
            return
        self._puppet = self._next()
        if puppet.said[-1].kind != "hello":
            # Whatever it opens is wrong, and lets the device fail now and not in two minutes.
            puppet.say(Message("open-r", (bytes(KEY_BYTES),)))
        elif not begins:
            self.take(data)  # the device has begun anew
