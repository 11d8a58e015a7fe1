"""What every further device is made of: its settings, what it asks the pump for, and a radio."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from testbed.devices.bench import Bench
from testbed.devices.endpoint import Endpoint, first_letters
from testbed.protocol.payloads import (
    BolusRequest,
    HistoryRequest,
    MeterReading,
    Payload,
    ResumeRequest,
    SettingRequest,
    SuspendRequest,
    TemporaryBasalRequest,
)
from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption

ASKED_FOR: Final[tuple[type[Payload], ...]] = (
    BolusRequest,
    SuspendRequest,
    ResumeRequest,
    TemporaryBasalRequest,
    MeterReading,
    HistoryRequest,
    SettingRequest,
)
"""What a pump takes from a device that is no sensor, each as far as its settings allow."""
_TAKEN: Final = frozenset(map(first_letters, ("pump", "cgm", "meter", "usb", "third-party", "app")))


class Accessory(Settings):
    """One kind of device besides transmitter, meter and USB link; its fields are its settings.

    Raises:
        TypeError: Where a subclass is defined that lacks ``name``, ``about`` or ``asks``, asks for
            what no pump takes, or whose serial numbers would look like another device's.
    """

    name: ClassVar[str]
    """What scenario files call it, and the kind as which a pump lists it."""
    about: ClassVar[str]
    """What it is, in a line."""
    asks: ClassVar[tuple[type[Payload], ...]]
    """What it may ask the pump for, some of :data:`ASKED_FOR`; nothing else is taken from it."""
    letters: ClassVar[bytes]
    """What its serial numbers begin with: made of the name."""

    owned: bool = False
    """Whether the person has one, linked before the start unless a ``[[pairing]]`` does it."""
    carried_at_m: float = assumption(
        0.3,
        ge=0.05,
        le=1.5,
        unit="m",
        source=NO_PUBLISHED_RATE,
        description="How far from the pump it is carried.",
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Hold a subclass to what it has to state."""
        for key in ("name", "about", "asks"):
            if not getattr(cls, key, None):
                raise TypeError(f"{cls.__name__}.{key}: expected one, found none")
        for payload in cls.asks:
            if payload not in ASKED_FOR:
                names = ", ".join(each.__name__ for each in ASKED_FOR)
                raise TypeError(f"{cls.__name__}.asks: expected some of {names}, found {payload!r}")
        cls.letters = first_letters(cls.name)
        if cls.letters in _TAKEN:
            raise TypeError(
                f"{cls.__name__}.name: expected three first letters that no other device has, "
                f"found {cls.name!r}"
            )

    def start(self, bench: Bench) -> Endpoint:
        """Switch a device of this kind on; return its radio, called by the name of the kind.

        What it does by itself it sets going here, on the clock of ``bench.env``.  It sends to
        ``endpoint.link_with("pump")``, which is None until it is linked.
        """
        raise NotImplementedError
