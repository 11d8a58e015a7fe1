"""How the wearer answers what the pump tells: alerts acknowledged, boluses cancelled, prompts."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from testbed.devices import (
    BOLUS_HELD,
    CONFIRM_BOLUS,
    CONFIRM_COMMAND,
    CONFIRM_LINK,
    EMPTY_RESERVOIR,
    LOW_GLUCOSE,
    LOW_RESERVOIR,
    OVER_CAP,
    PROMPTS_LOCKED,
    REMOTE_BOLUS,
    REMOTE_COMMAND,
    RESUMED,
    REVIEW_LINKS,
    STILL_STOPPED,
    Pump,
)
from testbed.people.adjusting import Adjusting
from testbed.people.behaviour import Behaviour
from testbed.people.caring import Caring
from testbed.people.dosing import Dosing
from testbed.people.ears import Ears, Heard
from testbed.people.person import Person
from testbed.people.prompting import chance_to_confirm
from testbed.simulation import Call
from testbed.units import US_PER_HOUR, US_PER_S

CANCEL: Final = "cancel the bolus"
_OF_REMOTE_BOLUS: Final = (REMOTE_BOLUS, CONFIRM_BOLUS, BOLUS_HELD, OVER_CAP)
_OF_BOLUSES: Final = (REMOTE_BOLUS, BOLUS_HELD)
_OF_OWN_CHANGES: Final = (REMOTE_COMMAND, CONFIRM_COMMAND)
_OF_PROMPTS: Final = (CONFIRM_BOLUS, CONFIRM_COMMAND, CONFIRM_LINK)
_OF_COMMANDS: Final = (REMOTE_COMMAND, STILL_STOPPED)
_OF_STOPS: Final = (STILL_STOPPED, RESUMED)
_OF_REFUSALS: Final = (OVER_CAP, PROMPTS_LOCKED)
_OF_RESERVOIR: Final = (LOW_RESERVOIR, EMPTY_RESERVOIR)


class Answering:
    """The wearer in front of the pump's alerts and prompts.

    Args:
        person: The wearer.
        behaviour: How they behave.
        pump: Their pump.
        dosing: Their boluses, so that they know which they asked for.
        caring: What they do about lows and suspicions.
        adjusting: Their own suspensions and temporary basals, likewise.
        treated: When the lows began that somebody else has treated, shared with them.
        own_devices: The addresses of the wearer's devices, as printed on them.
    """

    def __init__(
        self,
        person: Person,
        behaviour: Behaviour,
        pump: Pump,
        dosing: Dosing,
        caring: Caring,
        adjusting: Adjusting,
        treated: set[int],
        own_devices: Container[bytes],
    ) -> None:
        self._person = person
        self._behaviour = behaviour
        self._pump = pump
        self._dosing = dosing
        self._caring = caring
        self._adjusting = adjusting
        self._treated = treated
        self._own_devices = own_devices
        self._prompts: list[int] = []
        self._ears = Ears(person, pump, lambda: True, self._notice)
        pump.when_alerting(self._alerted)

    def _alerted(self, kind: str, alert: int) -> None:
        """Take a ring: an expected one at once, another as the ears do."""
        person, dosing = self._person, self._dosing
        if kind in _OF_OWN_CHANGES and self._adjusting.expecting_remote:
            person.notice(alert, kind, True)
            self._pump.press_acknowledge(kind)
            if kind == CONFIRM_COMMAND:
                self._see_own_prompt(alert)
            return
        if kind in _OF_STOPS and self._adjusting.suspended:
            person.notice(alert, kind, True)
            self._pump.press_acknowledge(kind)
            return
        expected = kind in _OF_REMOTE_BOLUS and dosing.expecting_remote
        if expected or (kind == REMOTE_BOLUS and dosing.own_has_waited):
            person.notice(alert, kind, True)
            self._pump.press_acknowledge(kind)
            if kind == CONFIRM_BOLUS:
                self._see_own_prompt(alert)
            elif kind == REMOTE_BOLUS:
                self._see_own_bolus(alert)
            return
        self._ears.ring(kind, alert)

    def _notice(self, heard: Heard) -> None:
        kind, pump = heard.kind, self._pump
        noticed = self._person.notice(heard.alert, kind, False)
        was_on_screen = pump.press_acknowledge(kind)
        if kind in _OF_BOLUSES:
            self._see_bolus(noticed, heard.decision)
        elif kind in _OF_PROMPTS:
            self._see_prompt(kind, noticed, heard.decision)
        elif kind in _OF_COMMANDS:
            self._see_command(noticed, heard.decision)
        elif kind in _OF_REFUSALS:
            self._caring.suspect(noticed, heard.decision)
        elif kind == REVIEW_LINKS:
            self._review_links(noticed, heard.decision)
        elif kind in _OF_RESERVOIR and was_on_screen:
            pump.press_new_reservoir(self._person.act("change the reservoir", noticed))
        elif kind == LOW_GLUCOSE and heard.began not in self._treated:
            self._caring.see_low(pump.sensor_mgdl, noticed, heard.decision)
            self._adjusting.see_low(noticed, heard.decision)

    # What follows from own doing -------------------------------------------------------

    def _see_own_prompt(self, alert: int) -> None:
        """Confirm a prompt that was to be expected, unless it is taken for another."""
        person, behaviour, now = self._person, self._behaviour, self._person.env.now
        self._prompts.append(now)
        mistaken = behaviour.refuses_unexpected * behaviour.rejects_own_by_mistake
        rejects = person.dice.chance(f"{person.name}/own prompt/rejects", mistaken, now)
        wait = round(behaviour.answer_own_prompt_s * US_PER_S)
        person.env.later(wait, self._answer, (CONFIRM_BOLUS, alert, not rejects))

    def _see_own_bolus(self, alert: int) -> None:
        """Let a bolus run that was asked for, unless it is taken for another."""
        person, behaviour = self._person, self._behaviour
        mistaken = behaviour.cancel_unexpected_bolus * behaviour.cancels_own_by_mistake
        if person.dice.chance(f"{person.name}/own bolus/cancels", mistaken, person.env.now):
            wait = round(behaviour.cancel_takes_s * US_PER_S)
            person.env.later(wait, self._cancel_own, alert)

    def _cancel_own(self, timer: Call) -> None:
        if self._pump.bolus_on_screen is not None:
            self._pump.press_cancel(self._person.act(CANCEL, timer.value))

    # Boluses and commands of nobody's asking ------------------------------------------

    def _see_bolus(self, noticed: int, decision: str) -> None:
        behaviour, person = self._behaviour, self._person
        unasked = self._dosing.unasked_for_is_running
        if unasked and person.dice.chance(f"{decision}/cancels", behaviour.cancel_unexpected_bolus):
            cancel_after(behaviour.cancel_takes_s, person, self._pump, self._dosing, noticed)
        if unasked or self._dosing.newest_is_unasked_for:
            self._caring.suspect(noticed, decision)

    def _see_command(self, noticed: int, decision: str) -> None:
        person, pump = self._person, self._pump
        if person.dice.chance(f"{decision}/undoes", self._behaviour.undo_unexpected_command):
            if pump.suspended and not self._adjusting.suspended:
                pump.press_resume(person.act("resume the pump", noticed))
            until = pump.temporary_basal_until
            if until is not None and until != self._adjusting.basal_until:
                pump.press_end_temporary(person.act("end the temporary basal", noticed))
        self._caring.suspect(noticed, decision)

    def _review_links(self, noticed: int, decision: str) -> None:
        """Look through the list of links, and remove what is none of one's own devices."""
        person, pump = self._person, self._pump
        if person.dice.chance(f"{decision}/reviews", self._behaviour.reviews_links):
            looked = person.act("look through the links", noticed)
            for _kind, address in pump.linked_devices:
                if address not in self._own_devices:
                    person.act("remove a link", looked)
                    pump.press_unlink(address)

    # Prompts --------------------------------------------------------------------------

    def _is_asked(self, kind: str) -> bool:
        """Return whether a prompt of a kind is on the screen."""
        if kind == CONFIRM_LINK:
            return self._pump.link_requests.on_screen is not None
        return self._pump.prompt_on_screen is not None

    def _see_prompt(self, kind: str, noticed: int, decision: str) -> None:
        person, behaviour = self._person, self._behaviour
        if not self._is_asked(kind):
            return
        chance = chance_to_confirm(
            behaviour.accept_unexpected_prompt,
            behaviour.habituation_per_prompt,
            self._pump.prompts_look_alike * self._seen_lately(),
        )
        chance *= 1.0 - behaviour.refuses_unexpected
        self._prompts.append(person.env.now)
        accept = person.dice.chance(f"{decision}/accepts", chance)
        person.env.later(0, self._answer, (kind, noticed, accept))
        if not accept:
            self._caring.suspect(noticed, decision)

    def _seen_lately(self) -> int:
        """Return how many prompts the wearer has seen as far back as habit reaches."""
        since = self._person.env.now - self._behaviour.prompts_remembered_h * US_PER_HOUR
        return sum(at >= since for at in self._prompts)

    def _answer(self, timer: Call) -> None:
        kind, noticed, confirm = timer.value
        if not self._is_asked(kind):
            return
        what = "link request" if kind == CONFIRM_LINK else "prompt"
        self._person.act(f"{'confirm' if confirm else 'decline'} the {what}", noticed)
        if kind == CONFIRM_LINK:
            self._pump.link_requests.answer(confirm)
        else:
            self._pump.press_answer(confirm)


def cancel_after(seconds: float, who: Person, pump: Pump, dosing: Dosing, noticed: int) -> None:
    """Have somebody cancel the bolus under way, as long as nobody asked for it.

    Args:
        seconds: How long it takes them, s.
        who: Who cancels.
        pump: The pump.
        dosing: The wearer's boluses, of which it must be none.
        noticed: Position in the trace of what they noticed.
    """

    def cancel(_timer: Call | None) -> None:
        if dosing.unasked_for_is_running:
            pump.press_cancel(who.act(CANCEL, noticed))

    if seconds:
        who.env.later(round(seconds * US_PER_S), cancel)
    else:
        cancel(None)
