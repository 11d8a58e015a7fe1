"""The CGM transmitter: a sensor in the tissue, and a frame to the pump every five minutes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from testbed.devices.bench import Bench
from testbed.devices.drive import Drive
from testbed.devices.endpoint import Endpoint
from testbed.physiology import Body, breton_kovatchev, read_cgm
from testbed.protocol.payloads import CgmReading
from testbed.protocol.roles import Role
from testbed.settings import Settings
from testbed.trace import NO_CAUSE
from testbed.units import US_PER_MIN

PERIOD_MIN = 5
_PERIOD = PERIOD_MIN * US_PER_MIN


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
        self._interstitial = body.interstitial_mgdl.item
        self._drive = drive
        self.endpoint = Endpoint(bench, "cgm", {})
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
        self.endpoint.pairing.open(Role.INITIATOR, "pump", cause)

    def _sense(self, _timer: Any) -> None:
        """Read the tissue and, if there is a pump to tell, tell it."""
        number = self._number
        minute = number * PERIOD_MIN
        self._drive.bring_to(minute)
        endpoint = self.endpoint
        link = endpoint.link_with("pump")
        if link is not None:
            mgdl = read_cgm(self._interstitial(minute), self._errors[number])
            endpoint.send(link, CgmReading(mgdl, number & 0xFFFF), NO_CAUSE)
        self._number = number + 1
        self._bench.env.later(_PERIOD, self._sense)
