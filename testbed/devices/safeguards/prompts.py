"""Prompts: commands over the air that wait for a yes on the pump's screen.

One at a time.  Where prompts are limited, only so many are shown in a while, and after some
that nobody confirmed none is shown for a time; what would have needed one is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from testbed.devices.alerts import CONFIRM_BOLUS, CONFIRM_COMMAND, PROMPTS_LOCKED, Alerts
from testbed.devices.bench import Bench
from testbed.protocol.payloads import Payload, Status
from testbed.settings import NO_PUBLISHED_RATE, Duration, Settings, assumed_duration, assumption
from testbed.simulation import Call

if TYPE_CHECKING:
    from testbed.devices.endpoint import Link
    from testbed.devices.setup import Setup

BOLUS: Final = "bolus"


class PromptSettings(Settings):
    """How often the pump asks, and what its questions look like."""

    limited: bool = False
    """Whether prompts are limited to so many in a while, and locked after refusals."""
    at_most: int = assumption(
        3,
        ge=1,
        le=20,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="How many prompts may be shown in such a while.",
    )
    in_any: Duration = assumed_duration(
        "1h",
        ge="1min",
        le="24h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="The while in which prompts are counted.",
    )
    lock_after: int = assumption(
        2,
        ge=1,
        le=20,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="After how many prompts in a row that nobody confirms none is shown.",
    )
    lock_for: Duration = assumed_duration(
        "1h",
        ge="1min",
        le="24h",
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="For how long none is shown then.",
    )
    look_alike: float = assumption(
        1.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=f"that a varied look lessens habit is published for software (Vance et al., MISQ "
        f"2018); for a pump {NO_PUBLISHED_RATE}",
        description="Share of the habit from earlier prompts that counts at the next one, because "
        "it looks like them.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A command that waits for an answer on the screen.

    Attributes:
        link: Who asked.
        request: What for.
        cause: The request's frame.
        command: What it is called.
        nanounits: The dose, 0 where it is none.
        carry_out: Does it.
    """

    link: Link
    request: Payload
    cause: int
    command: str
    nanounits: int
    carry_out: Callable[[], Status]

    @property
    def alert(self) -> str:
        """The kind of the alert that goes with it."""
        return CONFIRM_BOLUS if self.command == BOLUS else CONFIRM_COMMAND


class Prompts:
    """The prompts of one pump.

    Args:
        bench: What the pump stands on.
        setup: How long it waits, and how often it asks.
        alerts: What tells the person.
        answered: Called with a prompt, whether it is confirmed, when it is answered.

    Attributes:
        waiting: The one on the screen, None without one.
    """

    def __init__(
        self,
        bench: Bench,
        setup: Setup,
        alerts: Alerts,
        answered: Callable[[Prompt, bool], None],
    ) -> None:
        self._bench = bench
        self._setup = setup
        self._alerts = alerts
        self._answered = answered
        self.waiting: Prompt | None = None
        self._shown: list[int] = []
        self._in_vain = 0
        self._locked_until = 0

    def shows(self, link: Link, request: Payload) -> bool:
        """Return whether a request is the one on the screen."""
        waiting = self.waiting
        return waiting is not None and (waiting.link, waiting.request) == (link, request)

    def ask(self, prompt: Prompt) -> Status | None:
        """Put a prompt on the screen; return why not, None if it is there."""
        if self.waiting is not None:
            return Status.BUSY
        if not self.may_ask():
            return Status.LOCKED_OUT
        self.waiting = prompt
        env = self._bench.env
        env.later(self._setup.now.prompt_timeout, self._timed_out, prompt)
        self._alerts.ring(prompt.alert, prompt.cause)
        return None

    def may_ask(self) -> bool:
        """Return whether another prompt, of whatever kind, may be shown; count it if so."""
        limits, now = self._setup.now.prompts, self._bench.env.now
        if not limits.limited:
            return True
        self._shown = [at for at in self._shown if now - at < limits.in_any]
        if now < self._locked_until or len(self._shown) >= limits.at_most:
            return False
        self._shown.append(now)
        return True

    def _timed_out(self, timer: Call) -> None:
        if self.waiting is timer.value:
            self.answer(confirm=False)

    def answer(self, confirm: bool) -> None:
        """Take the answer to the prompt on the screen, if there is one."""
        prompt, self.waiting = self.waiting, None
        if prompt is None:
            return
        self._alerts.clear(prompt.alert)
        self.count(confirm, prompt.cause)
        self._answered(prompt, confirm)

    def count(self, confirm: bool, cause: int) -> None:
        """Take note of the answer to a prompt of whatever kind; ``cause`` is what asked for it."""
        limits = self._setup.now.prompts
        self._in_vain = 0 if confirm else self._in_vain + 1
        if limits.limited and self._in_vain >= limits.lock_after:
            self._in_vain = 0
            self._locked_until = self._bench.env.now + limits.lock_for
            self._alerts.ring(PROMPTS_LOCKED, cause)
