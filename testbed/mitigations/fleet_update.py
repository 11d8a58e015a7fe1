"""Fleet update: what a maker can still change of linking and links, on pumps already worn."""

from testbed.mitigations import pairing_pake, replay_protection, rotate_keys, short_quiet_pairing
from testbed.mitigations.mitigation import Mitigation

_PARTS = (
    pairing_pake.MITIGATION,
    short_quiet_pairing.MITIGATION,
    replay_protection.MITIGATION,
    rotate_keys.MITIGATION,
)

MITIGATION = Mitigation(
    name="fleet-update",
    advice="Send an update to pumps and devices already worn: linking by an authenticated key "
    "exchange, briefly and softly, with counted messages and rotated keys.",
    bearer="maker",
    source="FDA, Cybersecurity in Medical Devices (premarket guidance of 2026), on secure and "
    "timely updates; for how fast an update spreads no published source, a design option",
    against=tuple(dict.fromkeys(step for part in _PARTS for step in part.against)),
    moves=("unauthorised_U", "extra_U", "unsafe_dose"),
    keeps="pumps that have not been updated, and what an attacker does on a link of its own",
    price=tuple(dict.fromkeys(metric for part in _PARTS for metric in part.price)),
    changes={key: value for part in _PARTS for key, value in part.changes.items()},
)
