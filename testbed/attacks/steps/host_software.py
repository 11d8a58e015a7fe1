"""``host-software``: have the computer that the USB link is in change the pump's settings.

The software waits for the stick, and speaks through it while it is in.  It needs no antenna, no
key and no linking: the stick has those.  Where the attacker is makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from testbed.attacks.patience import gives_up_after, waits_for_reply
from testbed.attacks.speaking import ACCEPTED, answers, note_of, request_number
from testbed.attacks.step import Process, Situation, Step
from testbed.protocol.payloads import CommandReply, Setting, SettingRequest, Status
from testbed.settings import Duration

_REACHED = "the stick is in the computer"


class HostSoftware(Step):
    """Change the pump's settings through the USB link, from the computer that it is in."""

    do: Literal["host-software"] = "host-software"
    """The step's name."""
    max_bolus_U: float | None = Field(default=None, ge=0.0, le=100.0)
    """To what the largest bolus is set, U; not changed where left out."""
    max_basal_U_per_h: float | None = Field(default=None, ge=0.0, le=100.0)
    """To what the largest basal is set, U/h; not changed where left out."""
    low_alert_mgdl: int | None = Field(default=None, ge=0, le=1000)
    """Below which glucose the pump is to alert, mg/dL; not changed where left out."""
    wait_for_reply: Duration = waits_for_reply()
    give_up_after: Duration = gives_up_after(
        "48h", "How long the software waits for the stick to be put in."
    )

    needs: ClassVar[frozenset[str]] = frozenset({"host"})
    preconditions: ClassVar[tuple[str, ...]] = (
        "The attacker has software on the computer that the USB link is plugged into.",
        "The stick is in the computer, linked, and in reach of the pump.",
        "The pump takes settings from a USB link.",
    )
    gates: ClassVar[tuple[str, ...]] = (_REACHED, ACCEPTED)
    stride: ClassVar[frozenset[str]] = frozenset("TDE")

    @model_validator(mode="after")
    def _asks_for_something(self) -> HostSoftware:
        if not any(self._wanted()):
            raise ValueError(
                "expected max_bolus_U, max_basal_U_per_h or low_alert_mgdl, found none of them"
            )
        return self

    def _wanted(self) -> Iterator[tuple[Setting, int]]:
        """Yield each setting to change, and its value as it is sent."""
        if self.max_bolus_U is not None:
            yield Setting.MAX_BOLUS_MILLIUNITS, round(self.max_bolus_U * 1000)
        if self.max_basal_U_per_h is not None:
            yield Setting.MAX_BASAL_MILLIUNITS_PER_H, round(self.max_basal_U_per_h * 1000)
        if self.low_alert_mgdl is not None:
            yield Setting.LOW_ALERT_MGDL, self.low_alert_mgdl

    def run(self, situation: Situation) -> Process:
        """Wait for the stick, and send one request after the other."""
        env, host = situation.env, situation.host
        if host is None:
            situation.gate(self.do, _REACHED, False, "it has no software there")
            return
        deadline = env.timeout(self.give_up_after)
        while not host.reaches_pump and not deadline.processed:
            yield host.next_chance() | deadline
        reached = situation.gate(self.do, _REACHED, host.reaches_pump)
        if not host.reaches_pump:
            return
        first = request_number(situation)
        for number, (setting, value) in enumerate(self._wanted()):
            request = SettingRequest(setting, value, (first + number) & 0xFFFF)
            closed = env.timeout(self.wait_for_reply)
            status = None
            host.say(request, reached)
            while status is None and not closed.processed:
                answer = host.next_answer()
                yield answer | closed
                payload = answer.value if answer.triggered else None
                if isinstance(payload, CommandReply):
                    mine = answers(payload) == (request.CODE, request.number)
                    status = Status(payload.status) if mine else None
            note = f"{setting.name.lower()}: {note_of(status)}"
            situation.gate(self.do, ACCEPTED, status is Status.ACCEPTED, note)
