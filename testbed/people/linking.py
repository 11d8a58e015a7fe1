"""What a person does while two devices are being linked: touch, read, type, compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from testbed.devices import Endpoint
from testbed.people.behaviour import Behaviour
from testbed.protocol.roles import NO, YES
from testbed.randomness import Streams
from testbed.simulation import Call, Simulation
from testbed.units import US_PER_S

_TOUCH: Final = ("touch", "touch")
_COMPARE: Final = ("compare", "compare")


class Linking:
    """One linking of two devices, as the person who holds both sees it.

    Args:
        env: The simulation; time in microseconds.
        streams: The dice of the world.
        behaviour: How the person behaves.
        act: Writes down an act with its cause, and returns its position.
        pump: The pump, of which the person sees the screen.
        device: The other device, likewise.
        press_link: Chooses "link with a pump" on the other device, with a cause.
        cause: Position of the act that began the linking.
        decision: Prefix of the names of the dice.
    """

    def __init__(
        self,
        env: Simulation,
        streams: Streams,
        behaviour: Behaviour,
        act: Callable[[str, int], int],
        pump: Endpoint,
        device: Endpoint,
        press_link: Callable[[int], None],
        cause: int,
        decision: str,
    ) -> None:
        self._env = env
        self._streams = streams
        self._behaviour = behaviour
        self._act = act
        self._pump = pump
        self._device = device
        self._press_link = press_link
        self._cause = cause
        self._decision = decision
        self._busy = False
        for endpoint in (pump, device):
            endpoint.pairing.when_asking(self._look)
        device.pairing.when_failing(self._device_failed)

    def _look(self) -> None:
        """Look at both screens; do what they ask, after the time that it takes."""
        if self._busy:
            return
        mine, yours = self._pump.pairing.asks, self._device.pairing.asks
        if mine is None or yours is None:
            return
        asked = (mine.what, yours.what)
        behaviour = self._behaviour
        if asked == _TOUCH:
            self._after(behaviour.touch_devices_s, self._touch)
        elif asked == ("show", "type"):
            self._after(behaviour.type_code_s, self._type)
        elif asked == _COMPARE:
            self._after(behaviour.compare_digits_s, self._compare)

    def _after(self, seconds: float, do: Callable[[Call], None]) -> None:
        self._busy = True
        self._env.later(round(seconds * US_PER_S), do)

    def _screens(self, *what: str) -> tuple[bytes | None, bytes | None] | None:
        """Return what both screens show, or None if they ask for something else by now."""
        self._busy = False
        mine, yours = self._pump.pairing.asks, self._device.pairing.asks
        if mine is None or yours is None or (mine.what, yours.what) != what:
            return None
        return mine.value, yours.value

    def _touch(self, _timer: Call) -> None:
        shown = self._screens(*_TOUCH)
        if shown is None or shown[0] is None or shown[1] is None:
            return
        act = self._act("hold the devices together", self._cause)
        self._pump.pairing.answer(shown[1], act)
        self._device.pairing.answer(shown[0], act)

    def _type(self, _timer: Call) -> None:
        shown = self._screens("show", "type")
        if shown is None or shown[0] is None:
            return
        self._device.pairing.answer(shown[0], self._act("type the code", self._cause))

    def _compare(self, _timer: Call) -> None:
        shown = self._screens(*_COMPARE)
        if shown is None:
            return
        same = shown[0] == shown[1]
        accept = same or self._streams.chance(
            f"{self._decision}/mismatch", self._behaviour.accept_mismatch, self._env.now
        )
        act = self._act("say that the digits are the same" if accept else "say no", self._cause)
        answer = (YES if accept else NO).encode()
        self._pump.pairing.answer(answer, act)
        self._device.pairing.answer(answer, act)

    def _code_on_pump(self) -> bytes | None:
        """Return the code that the pump still shows, None where it shows none."""
        asks = self._pump.pairing.asks
        return asks.value if asks is not None and asks.what == "show" else None

    def _device_failed(self) -> None:
        """Begin anew on the device alone, if this person is one who does."""
        code, share = self._code_on_pump(), self._behaviour.retype_code
        if code is not None and self._streams.chance(
            f"{self._decision}/retype", share, self._env.now
        ):
            wait = round(self._behaviour.second_device_s * US_PER_S)
            self._env.later(wait, self._device_again, code)

    def _device_again(self, timer: Call) -> None:
        again = self._device.pairing
        if self._code_on_pump() == timer.value and not again.active and not again.locked:
            self._press_link(self._act("link on the device again", self._cause))
