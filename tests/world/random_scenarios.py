"""Whole random scenarios of a few hours: people, places, pump, safeguards, link, air and attack.

Whatever is declared is drawn: rows of assumptions within their ranges, choices, switches, and
steps of attacks with the settings that their classes have, so that a setting, a step or a
mitigation that joins the program joins these scenarios too.  By hand are only the day itself and
what has to come together for an attack to come to something.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from testbed.attacks import CAPABILITIES, STEPS
from testbed.devices import (
    THERAPIES,
    CgmSettings,
    MeterSettings,
    PumpSettings,
    ThirdPartySettings,
    UsbSettings,
)
from testbed.mitigations import MITIGATIONS
from testbed.people import PROFILES, Behaviour
from testbed.physiology import MODELS
from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from testbed.protocol.settings import LinkSettings
from testbed.radio import RadioSettings
from testbed.scenario import Scenario
from testbed.units import US_PER_S

TEACHES = (
    *("overhear-pairing", "overhear-pairing", "take-part", "stand-between", "link-unattended"),
    *("known-serial", "overhear-command", "request-link", "third-party-device"),
)
"""Steps after which an attacker may have something to speak on; the first is the usual one."""
SPEAKS = (
    *("remote-bolus", "split-doses", "halt-delivery", "false-meter-reading"),
    *("false-cgm-reading", "prompt-flooding"),
)
"""Steps that speak on it."""
HELPS: dict[str, dict[str, Any]] = {
    "overhear-command": {"link.channel": "plaintext", "patient.behaviour.remote_bolus_use": 0.8},
    "replay": {"link.channel": "mac-no-counter", "patient.behaviour.remote_bolus_use": 0.8},
    "see-code": {"link.pairing": "passkey", "attacker.distance_m": 0.5},
    "learn-code": {"link.pairing": "passkey", "patient.behaviour.retype_code": 1.0},
    "link-unattended": {
        "unattended": [{"device": "pump", "from": "12:40", "until": "13:00"}],
        "attacker.until": "14:00",
    },
    "request-link": {
        "pump.link_requests": True,
        "patient.behaviour.accept_unexpected_prompt": 0.5,
    },
    "prompt-flooding": {
        "pump.link_requests": True,
        "pump.confirm_remote_bolus": True,
        "patient.behaviour.accept_unexpected_prompt": 0.5,
    },
    "known-serial": {"patient.behaviour.shares_serials": 1.0, "link.channel": "plaintext"},
    "third-party-device": {"third_party": {"linked": True}},
    "halt-delivery": {"pump.remote_suspend": True, "pump.remote_temp_basal": True},
    "host-software": {"pump.remote_settings": True},
}
"""What a step takes that is seldom so by itself."""
RAPID = ("burst", "pause", "hello_every", "again_after", "tries")
"""Settings by which a step does something many times a second: dear, and the same to a law."""
WHOLE = (0, 1, 2, 5, 40, 100, 400)
BROKEN = (0.05, 0.1, 1.0, 4.0, 10.0, 30.0)
"""Numbers to try where a setting is no row of the assumptions."""


def _bounds(info: FieldInfo) -> tuple[float, float]:
    low, high = float("-inf"), float("inf")
    for mark in info.metadata:
        if isinstance(mark, Ge | Gt):
            low = float(getattr(mark, "ge", None) or getattr(mark, "gt", 0.0))  # type: ignore[arg-type]
        if isinstance(mark, Le | Lt):
            high = float(getattr(mark, "le", None) or getattr(mark, "lt", 0.0))  # type: ignore[arg-type]
    return low, high


def _text(us: float) -> str:
    """Return a duration as a scenario writes it."""
    seconds, rest = divmod(int(us), US_PER_S)
    return f"{seconds}s {rest}us" if rest else f"{seconds}s"


def _row(info: FieldInfo) -> dict[str, Any]:
    extra = info.json_schema_extra
    return extra if isinstance(extra, dict) and extra.get("assumption") else {}


def _number(info: FieldInfo) -> st.SearchStrategy[Any] | None:
    """Return values for a number or a choice; None where a setting is something else."""
    row, (low, high), kind = _row(info), _bounds(info), info.annotation
    if row:
        edges = st.sampled_from([info.default, low, high])
        if "microseconds" in row:
            # What may be never is once a minute at the most where it is at all.
            return (edges | st.integers(int(low) or 60 * US_PER_S, int(high))).map(_text)
        if kind is int:
            return edges.map(int) | st.integers(int(low), int(high))
        return edges | st.floats(low, high)
    if kind is bool:
        return st.booleans()
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    return None


@st.composite
def some_of(
    draw: st.DrawFn, kind: type[BaseModel], leave: Iterable[str] = (), most: int = 4
) -> dict[str, Any]:
    """Draw values of a few settings of a class, groups in it included, as TOML has them."""
    own = {name: info for name, info in kind.model_fields.items() if name not in set(leave)}
    written: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(own)), unique=True, max_size=most)):
        inner = own[name].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            group = draw(some_of(inner))
            if group:
                written[name] = group
            continue
        values = _number(own[name])
        if values is not None:
            written[name] = draw(values)
    return written


def _step_setting(name: str, info: FieldInfo) -> st.SearchStrategy[Any] | None:
    """Return values of a setting of a step, such that what it does fits into some hours."""
    row, (low, high) = _row(info), _bounds(info)
    if name == "after":
        return st.sampled_from(["0s", "1min", "20min", "50min"])
    if name == "give_up_after":
        return st.sampled_from(["5min", "90min"])
    if name == "lasts":
        return st.sampled_from(["10min", "30min"])
    if row.get("microseconds"):
        near = (info.default // 4, info.default, 2 * info.default)
        return st.sampled_from([_text(min(max(each, low), high)) for each in near])
    fitting = _number(info)
    if fitting is not None:
        return fitting
    kinds = {info.annotation, *get_args(info.annotation)}
    tried: tuple[float, ...] = WHOLE if int in kinds else BROKEN
    if not kinds & {int, float}:
        return None
    return st.sampled_from([each for each in tried if low <= each <= high])


@st.composite
def steps(draw: st.DrawFn, do: str) -> dict[str, Any]:
    """Draw a step of an attack: all that it needs, and some of what it may be told."""
    own = {
        name: info for name, info in STEPS[do].model_fields.items() if name not in {"do", *RAPID}
    }
    needed = {name for name, info in own.items() if info.is_required()}
    if do == "host-software":
        needed.add(draw(st.sampled_from(["max_bolus_U", "max_basal_U_per_h", "low_alert_mgdl"])))
    told = draw(st.lists(st.sampled_from(sorted(own)), unique=True, max_size=3))
    written: dict[str, Any] = {"do": do}
    for name in sorted({*needed, *told, "after", *({"lasts"} & own.keys())}):
        values = _step_setting(name, own[name])
        if values is not None:
            written[name] = draw(values)
    return written


@st.composite
def sequences(draw: st.DrawFn, do: str) -> list[str]:
    """Draw names of steps, a certain one among them, as they may come to something or not."""
    any_step = st.sampled_from(sorted(STEPS))
    before = draw(st.lists(st.sampled_from(TEACHES) | any_step, max_size=2))
    if do in SPEAKS and not before:
        before = [draw(st.sampled_from(TEACHES))]
    after = draw(st.lists(st.sampled_from(SPEAKS) | any_step, max_size=2))
    if do not in SPEAKS and not after:
        after = [draw(st.sampled_from(SPEAKS))]
    return [*before, do, *after]


@st.composite
def attackers(draw: st.DrawFn, do: str) -> dict[str, Any]:
    """Draw an attacker: where, when, able to do what, and a sequence of steps out of all."""
    names = draw(sequences(do))
    able = {each for name in names for each in STEPS[name].needs}
    if draw(st.integers(0, 9)) == 0:
        able = set(draw(st.lists(st.sampled_from(CAPABILITIES), unique=True)))
    written = {
        "place": draw(st.sampled_from(["cafe", "cafe", "cafe", "home", "work"])),
        "distance_m": draw(st.sampled_from([2.0, 0.5, 10.0, 40.0])),
        "gain_dB": draw(st.sampled_from([0.0, 10.0, 20.0])),
        "capabilities": sorted(able),
        "step": [draw(steps(name)) for name in names],
    }
    come = draw(st.sampled_from([None, None, "11:45", "11:59", "13:00"]))
    leave = draw(st.sampled_from([None, None, None, "12:30"]))
    written.update({} if come is None else {"from": come})
    written.update({} if leave is None else {"until": leave})
    return written


@st.composite
def _pumps(draw: st.DrawFn) -> dict[str, Any]:
    by_hand = ("basal", "therapy", "carb_ratio_g_per_U", "correction_factor_mgdl_per_U")
    pump: dict[str, Any] = draw(some_of(PumpSettings, by_hand))
    pump["therapy"] = draw(st.sampled_from(["open-loop", *sorted(THERAPIES)]))
    takes = ("remote_suspend", "remote_temp_basal", "remote_settings", "link_requests")
    pump.update((name, draw(st.booleans())) for name in takes if draw(st.booleans()))
    if draw(st.booleans()):
        caps = {"on": True, "single_U": draw(st.sampled_from([10.0, 2.0, 5.0]))}
        caps["remote_single_U"] = draw(st.sampled_from([5.0, 0.0, 1.0]))
        caps["in_2h_U"] = draw(st.sampled_from([15.0, 3.0, 6.0]))
        caps["in_24h_U"] = draw(st.sampled_from([50.0, 4.0, 8.0]))
        pump["caps"] = caps
    if draw(st.booleans()) and pump.get("max_basal_U_per_h", 2.0) >= 1.2:
        pump["basal"] = [{"at": "00:00", "U_per_h": 1.2}, {"at": "12:30", "U_per_h": 0.4}]
    return pump


@st.composite
def arms(draw: st.DrawFn) -> list[Any]:
    """Draw what an arm takes: mitigations, each with its adherence."""
    names = draw(st.lists(st.sampled_from(sorted(MITIGATIONS)), unique=True, max_size=3))
    shares = st.sampled_from([1.0, 0.0, 0.3, 0.7])
    return [{"name": name, "adherence": draw(shares)} for name in names]


@st.composite
def whole_scenarios(draw: st.DrawFn, do: str | None = None) -> Scenario:
    """Draw a scenario of 3 to 8 hours: a linking in a cafe, meals, and a stranger.

    Its arms are ``as-shipped`` and ``taken``, some mitigations at some adherence.

    Args:
        draw: How to draw.
        do: A step that the stranger takes among others; any if left out.
    """
    do = draw(st.sampled_from(sorted(STEPS))) if do is None else do
    model = draw(st.sampled_from(["s2008", *sorted(MODELS)]))
    meals = sorted(draw(st.sets(st.sampled_from(["11:15", "12:30", "13:45", "16:00"]), max_size=3)))
    link = draw(some_of(LinkSettings, ("pairing", "channel", "codes", "lockout_for"), 2))
    link["pairing"] = draw(st.sampled_from(["serial-derived", "just-works", *sorted(PAIRINGS)]))
    link["channel"] = draw(st.sampled_from(["aead-counter", *sorted(CHANNELS)]))
    link["codes"] = draw(st.sampled_from([1_000_000, 16, 2]))
    link["rotate_keys_every"] = draw(st.sampled_from(["0s", "0s", "1h"]))
    behaviour = draw(some_of(Behaviour, ("asleep_from", "asleep_until"), 8))
    behaviour["shares_serials"] = draw(st.sampled_from([0.0, 1.0]))
    linked = draw(st.sets(st.sampled_from(["meter", "cgm", "usb"]), max_size=3)) or {"meter"}
    written: dict[str, Any] = {
        "title": "Some hours with a stranger",
        "time": {"start": "11:00", "duration": f"{draw(st.integers(180, 480))}min"},
        "patient": {
            "model": model,
            "cohort": sorted(MODELS[model].cohorts)[0],
            "profile": draw(st.sampled_from(sorted(PROFILES))),
            "behaviour": behaviour,
        },
        "meal": [{"at": at, "carbs_g": draw(st.integers(5, 90))} for at in meals],
        "stay": [{"from": "11:30", "until": "14:00", "place": "cafe"}],
        "pump": draw(_pumps()),
        "cgm": draw(some_of(CgmSettings, ("error",), 2)),
        "meter": draw(some_of(MeterSettings, (), 2)),
        "usb": {
            **draw(some_of(UsbSettings, ("place", "plugged_from"), 1)),
            **{"place": "home", "plugged_from": "14:30"},
        },
        "radio": draw(some_of(RadioSettings, (), 2)),
        "link": link,
        "pairing": [
            {"device": device, "at": at}
            for device, at in (("meter", "12:00"), ("cgm", "12:15"), ("usb", "12:20"))
            if device in linked
        ],
        "attacker": draw(attackers(do)),
        "study": {
            "seed": draw(st.integers(0, 2**64 - 1)),
            "arms": {"as-shipped": [], "taken": draw(arms())},
        },
    }
    if draw(st.booleans()):
        written["stay"].append({"from": "15:00", "until": "17:00", "place": "work"})
    if draw(st.booleans()):
        written["unattended"] = [{"device": "pump", "from": "12:40", "until": "13:00"}]
    if draw(st.booleans()):
        other = draw(some_of(ThirdPartySettings, (), 2))
        written["third_party"] = {**other, "linked": True}
    if draw(st.integers(0, 3)) == 0:
        present = [{"from": "11:00", "until": "20:00"}]
        written["care_partner"] = {"present": present, "places": ["home", "cafe"]}
    scenario = Scenario.from_written(written, "some-hours")
    return scenario.patched(HELPS[do]) if do in HELPS and draw(st.integers(0, 3)) else scenario
