"""``known-serial``: work out addresses from serial numbers that were known beforehand.

A serial number is printed on a box and told to a help line, and the address of a device follows
from it.  That is all it gives: whom to speak to and in whose name, without having heard either.
Where a channel asks for no key that is enough for a command; where it does, it opens nothing,
and where a link key is derived from serial numbers it takes the nonces of the linking too.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from testbed.attacks.step import HeardPairing, Process, Situation, Step
from testbed.protocol.frames import ADDRESS_BYTES

_KNOWN = "knows the serial numbers"


class KnownSerial(Step):
    """Address the pump by its serial number, and speak in a device's name by that device's."""

    do: Literal["known-serial"] = "known-serial"
    """The step's name."""
    device: Literal["meter", "cgm", "usb"] = "meter"
    """In whose name to speak."""

    preconditions: ClassVar[tuple[str, ...]] = (
        "The person has shared the serial numbers of their devices.",
        "The pump takes commands by address alone, or asks about devices that ask to be linked.",
    )
    gates: ClassVar[tuple[str, ...]] = (_KNOWN,)
    stride: ClassVar[frozenset[str]] = frozenset("IS")

    def run(self, situation: Situation) -> Process:
        """Keep the addresses as those of a link of which it has no key."""
        pump, device = situation.serials.get("pump"), situation.serials.get(self.device)
        known = pump is not None and device is not None
        situation.gate(self.do, _KNOWN, known)
        if pump is not None and device is not None:
            to, own = (
                situation.suite.digest("address", serial)[:ADDRESS_BYTES]
                for serial in (pump, device)
            )
            situation.knowledge.pump = to
            heard = HeardPairing(own, to, situation.link.pairing, None)
            situation.knowledge.pairings.append(heard)
        yield from ()
