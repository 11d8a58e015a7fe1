"""The CGM transmitter: a sensor in the tissue, and a frame to the pump every five minutes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from testbed.devices.bench import Bench
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint, Link
from testbed.physiology import Body, breton_kovatchev, read_cgm
from testbed.protocol.payloads import CgmReading, Payload
from testbed.protocol.roles import Role
from testbed.settings import Settings
from testbed.trace import NO_CAUSE, CommandRefused
from testbed.units import US_PER_MIN

PERIOD_MIN = 5


class CgmSettings(Settings):
    """The CGM transmitter as it is set up."""

    error_model: Literal["breton-kovatchev", "none"] = "breton-kovatchev"
    """Sensor error: Breton and Kovatchev, JDST 2008;2(5):853, or none (a perfect sensor)."""


class CgmTransmitter:
    """One sensor with its transmitter, worn.

    Args:
        bench: What it stands on.
        settings: How it is set up.
        body: Whose tissue it senses.
        drive: Whose running bolus has to be booked before the body moves on.
    """

    def __init__(self, bench: Bench, settings: CgmSettings, body: Body, drive: Drive) -> None:
        self._bench = bench
        self._settings = settings
        self._body = body
        self._drive = drive
        self.endpoint = Endpoint(bench, "cgm", self._take)
        self._number = 0
        readings = len(body.carbs_g) // PERIOD_MIN + 1
        if settings.error_model == "breton-kovatchev":
            generator = bench.streams.generator("cgm/error")
            self._errors = breton_kovatchev(generator, readings, PERIOD_MIN).tolist()
        else:
            self._errors = np.zeros(readings).tolist()
        self._sense(None)

    def press_link(self, cause: int) -> None:
        """Press the transmitter's button: look for a pump to link with."""
        self.endpoint.open_pairing(Role.INITIATOR, "pump", cause)

    def _take(self, link: Link, payload: Payload, cause: int) -> None:
        bench = self._bench
        bench.recorder.record(
            CommandRefused(bench.env.now, cause, "cgm", type(payload).__name__, "not for a cgm")
        )

    def _sense(self, _timer: Any) -> None:
        """Read the tissue and, if there is a pump to tell, tell it."""
        env = self._bench.env
        number = self._number
        minute = number * PERIOD_MIN
        self._drive.settle()
        self._body.advance(minute)
        link = self.endpoint.link_with("pump")
        if link is not None:
            glucose = self._body.interstitial_mgdl.item(minute)
            mgdl = read_cgm(glucose, self._errors[number])
            self.endpoint.send(link, CgmReading(mgdl, number), NO_CAUSE)
        self._number = number + 1
        env.later(PERIOD_MIN * US_PER_MIN, self._sense)
