"""Places: where people and attackers are, and whether strangers may be there too."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from testbed.settings import Settings, assumption

_EXPONENT_SOURCE: Final = "log-distance model, Rappaport, Wireless Communications (2002), ch. 4"


class PlaceSettings(Settings):
    """One place of a scenario."""

    name: str = Field(min_length=1, max_length=40)
    """The name that stays and the attacker refer to."""
    public: bool
    """Whether strangers come and go here; linking devices is advised only where not."""
    path_loss_exponent: float = assumption(
        2.5,
        ge=1.5,
        le=5.0,
        unit="1",
        source=_EXPONENT_SOURCE,
        description="How fast the margin falls with distance in this place.",
    )


PLACES: Final = {
    place.name: place
    for place in (
        PlaceSettings(name="home", public=False, path_loss_exponent=3.0),
        PlaceSettings(name="clinic", public=False, path_loss_exponent=3.0),
        PlaceSettings(name="work", public=True, path_loss_exponent=2.7),
        PlaceSettings(name="school", public=True, path_loss_exponent=2.7),
        PlaceSettings(name="cafe", public=True, path_loss_exponent=2.5),
        PlaceSettings(name="gym", public=True, path_loss_exponent=2.5),
        PlaceSettings(name="street", public=True, path_loss_exponent=2.2),
        PlaceSettings(name="bus", public=True, path_loss_exponent=2.0),
    )
}
"""The places that every scenario knows; a ``[[place]]`` table adds to them or replaces one."""
