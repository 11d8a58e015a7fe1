"""The numbers of the radio link, all of them relative."""

from __future__ import annotations

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption


class RadioSettings(Settings):
    """The radio link in dimensionless margins."""

    margin_at_1m_dB: float = assumption(
        40.0,
        ge=10.0,
        le=60.0,
        unit="dB",
        source="no real device's; with the body loss it sets a range of about 10 to 20 m; "
        f"{NO_PUBLISHED_RATE}",
        description="Margin of a link over 1 m off the body, above the level where half of "
        "the frames arrive.",
    )
    margin_on_body_dB: float = assumption(
        35.0,
        ge=20.0,
        le=60.0,
        unit="dB",
        source="no real device's; devices on one body practically always hear each other; "
        f"{NO_PUBLISHED_RATE}",
        description="Margin of a link between two devices on the same body.",
    )
    body_loss_dB: float = assumption(
        10.0,
        ge=0.0,
        le=30.0,
        unit="dB",
        source="a body in the way costs about 10 to 30 dB (the effect: Januszkiewicz, Sensors "
        "2018;18:3412); the low end, because people turn about",
        description="What a link loses at each end that is worn, unless both are on one body.",
    )
    shadowing_sd_dB: float = assumption(
        4.0,
        ge=0.0,
        le=12.0,
        unit="dB",
        source="3 to 12 dB, Rappaport, Wireless Communications (2002), ch. 4; the low end, for "
        "short paths within a room",
        description="Spread of what walls, furniture and people do to a link, drawn once for "
        "each pair of nodes and visit to a place; 0 for none.",
    )
    slope_dB: float = assumption(
        1.5,
        ge=0.5,
        le=4.0,
        unit="dB",
        source="step-like loss in IEEE 802.15.4, Petrova et al. style curves, "
        "DOI 10.1109/NBiS.2010.97",
        description="Margin over which the share of frames lost falls by a factor of e.",
    )
    protection_dB: float = assumption(
        3.0,
        ge=0.0,
        le=10.0,
        unit="dB",
        source="about 3 dB is practice for IEEE 802.15.4; capture measured by Gezer et al., "
        "Sensors 2014;14:5622",
        description="How far a frame has to stand above the others on the air, or the noise, "
        "to be told from them.",
    )
    jam_duty_limit: float = assumption(
        0.1,
        ge=0.0,
        le=1.0,
        unit="1",
        source=f"{NO_PUBLISHED_RATE}; 1 for a jammer that never has to pause",
        description="Largest share of any window that one node may spend jamming.",
    )
    jam_window_s: float = assumption(
        1.0,
        ge=0.1,
        le=60.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Length of the sliding window of the duty limit.",
    )
    airtime_us_per_byte: int = assumption(
        64,
        ge=8,
        le=1000,
        unit="us",
        source="no real device's; made up for the stand-in link",
        description="How long one byte is on the air.",
    )
