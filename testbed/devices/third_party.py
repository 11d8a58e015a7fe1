"""Another maker's device that a person has linked with the pump, and the app that it serves.

Towards the pump it speaks as any linked device does.  Towards its app it speaks as its maker
pleases, and whatever it is told there in the app's name it passes on to the pump under a link
that the pump trusts: the pump is as well protected as the weaker of the two sides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final, Literal

from testbed.devices.bench import Bench
from testbed.devices.endpoint import Endpoint, Link
from testbed.protocol.channels import CHANNELS
from testbed.protocol.payloads import (
    BolusReply,
    BolusRequest,
    CommandReply,
    HistoryReply,
    HistoryRequest,
    MeterReading,
    Payload,
    ResumeRequest,
    SettingRequest,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.protocol.roles import Role
from testbed.settings import (
    NO_PUBLISHED_RATE,
    Duration,
    OneOf,
    Settings,
    assumed_duration,
    assumption,
)
from testbed.simulation import Call
from testbed.trace import NO_CAUSE

_RELAYED: Final[tuple[type[Payload], ...]] = (
    BolusRequest,
    SuspendRequest,
    ResumeRequest,
    TemporaryBasalRequest,
    MeterReading,
    SettingRequest,
)
"""What it passes on to the pump; whether the pump takes it from such a device is the pump's."""


class ThirdPartySettings(Settings):
    """Another maker's device, if the person uses one."""

    linked: bool = False
    """Whether the person has linked one with the pump."""
    linked_as: Literal["meter", "usb"] = "meter"
    """As which kind of device the pump has it in its list."""
    side: Annotated[str, OneOf("a channel", CHANNELS)] = "plaintext"
    """How it and its app speak; they are linked beforehand, out of hearing."""
    asks_every: Duration = assumed_duration(
        "5min",
        ge="10s",
        le="24h",
        unit="min",
        source=NO_PUBLISHED_RATE,
        description="How often the app asks another maker's device what is new.",
    )
    carried_at_m: float = assumption(
        0.3,
        ge=0.05,
        le=1.5,
        unit="m",
        source=NO_PUBLISHED_RATE,
        description="How far from the pump another maker's device and its app are carried.",
    )


class ThirdParty:
    """One such device, with a radio towards the pump and one towards its app.

    Args:
        bench: What it stands on.
        settings: How it is made.

    Attributes:
        endpoint: Its radio towards the pump.
        side: Its radio towards the app.
        app: The app's radio.
    """

    def __init__(self, bench: Bench, settings: ThirdPartySettings) -> None:
        self._bench = bench
        self._settings = settings
        self._passed_on = 0
        self.endpoint = Endpoint(
            bench,
            "third-party",
            {("pump", BolusReply): self._pass_back, ("pump", CommandReply): self._pass_back},
        )
        of_its_own = replace(bench, link=bench.link.model_copy(update={"channel": settings.side}))
        takes = {("app", payload): self._pass_on for payload in _RELAYED}
        self.side = Endpoint(
            of_its_own, "third-party-side", {**takes, ("app", HistoryRequest): self._tell}
        )
        self.app = Endpoint(
            of_its_own,
            "app",
            {
                ("third-party", payload): self._seen
                for payload in (HistoryReply, BolusReply, CommandReply)
            },
        )
        key = bench.streams.bytes("linked beforehand/app", 32)
        self.side.install("app", self.app.address, key, Role.RESPONDER)
        self.app.install("third-party", self.side.address, key, Role.INITIATOR)
        bench.env.later(settings.asks_every, self._ask)

    @property
    def carried(self) -> tuple[tuple[Endpoint, float], ...]:
        """Its radios, and how far from the pump each is carried, in metres."""
        return tuple(
            (each, self._settings.carried_at_m) for each in (self.endpoint, self.side, self.app)
        )

    def _ask(self, _timer: Call) -> None:
        """Have the app ask what is new."""
        link = self.app.link_with("third-party")
        if link is not None:
            self.app.send(link, HistoryRequest(self._passed_on), NO_CAUSE)
        self._bench.env.later(self._settings.asks_every, self._ask)

    def _tell(self, link: Link, _request: HistoryRequest, cause: int) -> None:
        self.side.send(link, HistoryReply(self._passed_on, 0), cause)

    def _seen(self, _link: Link, _payload: Payload, _cause: int) -> None:
        """Show an answer in the app, where nobody looks."""

    def _pass_on(self, _link: Link, payload: Payload, cause: int) -> None:
        """Say to the pump what the app says."""
        link = self.endpoint.link_with("pump")
        if link is not None:
            self._passed_on += 1
            self.endpoint.send(link, payload, cause)

    def _pass_back(self, _link: Link, payload: Payload, cause: int) -> None:
        """Say to the app what the pump answers."""
        link = self.side.link_with("app")
        if link is not None:
            self.side.send(link, payload, cause)
