"""The care partner: near at times, hears what the wearer does not, treats, cancels, calls."""

from __future__ import annotations

from typing import Final

from testbed.devices import EMPTY_RESERVOIR, LOW_GLUCOSE, LOW_RESERVOIR, REMOTE_BOLUS, Pump
from testbed.people.answering import cancel_after
from testbed.people.care_partner_settings import CarePartnerSettings
from testbed.people.caring import Caring
from testbed.people.dosing import Dosing
from testbed.people.ears import Ears, Heard
from testbed.people.journey import Journey
from testbed.people.person import Person

NAME: Final = "care-partner"
_OF_RESERVOIR: Final = (LOW_RESERVOIR, EMPTY_RESERVOIR)


class CarePartner:
    """A second person, who answers alerts that are still on the screen when noticed.

    What is on no screen any more the wearer has answered, or it is over.  Prompts of the pump
    are left to the wearer.

    Args:
        person: The partner.
        settings: When near, and how they answer.
        journey: Where the wearer is.
        pump: The wearer's pump.
        dosing: The wearer's boluses, so that the partner can ask whose one is.
        caring: What is done about a low.
        treated: When the lows began that the partner has treated, shared with the wearer.
    """

    def __init__(
        self,
        person: Person,
        settings: CarePartnerSettings,
        journey: Journey,
        pump: Pump,
        dosing: Dosing,
        caring: Caring,
        treated: set[int],
    ) -> None:
        self._person = person
        self._settings = settings
        self._journey = journey
        self._pump = pump
        self._dosing = dosing
        self._caring = caring
        self._treated = treated
        pump.when_alerting(Ears(person, pump, self.is_near, self._notice).ring)

    def is_near(self) -> bool:
        """Return whether the partner is near the wearer now."""
        settings, clock = self._settings, self._person.clock
        return self._journey.place in settings.places and any(
            presence.covers(clock) for presence in settings.present
        )

    def _notice(self, heard: Heard) -> None:
        kind, pump, person, settings = heard.kind, self._pump, self._person, self._settings
        if pump.alert_since(kind) != heard.began:
            return
        noticed = person.notice(heard.alert, kind, False)
        dice, decision = person.dice, heard.decision
        if kind == LOW_GLUCOSE:
            if dice.chance(f"{decision}/treats", settings.treats_lows):
                pump.press_acknowledge(kind)
                self._treated.add(heard.began)
                self._caring.treat(person, settings.rescue_carbs_g, noticed)
            share = settings.calls_for_help
            self._caring.maybe_call(person, share, pump.sensor_mgdl, noticed, decision)
        elif kind == REMOTE_BOLUS:
            pump.press_acknowledge(kind)
            if self._dosing.unasked_for_is_running and dice.chance(
                f"{decision}/cancels", settings.cancel_unexpected_bolus
            ):
                cancel_after(settings.cancel_takes_s, person, pump, self._dosing, noticed)
        elif kind in _OF_RESERVOIR:
            pump.press_new_reservoir(person.act("change the reservoir", noticed))
