"""A short run of the fuzzer; the long one is `python -m tests.fuzz`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from testbed.protocol.channels import CHANNELS
from testbed.protocol.pairings import PAIRINGS
from tests import fuzz

NUMBER = 20_000
TOTAL = sum(share for share, _ in fuzz.TARGETS.values())


@pytest.mark.parametrize("target", sorted(fuzz.TARGETS))
def test_hostile_bytes_do_nothing(target: str) -> None:
    """No exception escapes, no link appears and no insulin moves, whatever a target is fed."""
    share, feed = fuzz.TARGETS[target]
    feed(Random(f"short {target}"), round(NUMBER * share / TOTAL))


def test_everything_is_a_target() -> None:
    """Every pairing method, every channel with a key and every device is fed."""
    assert {f"roles {name}" for name in PAIRINGS} <= set(fuzz.TARGETS)
    assert {f"channel {name}" for name in CHANNELS if name != "plaintext"} <= set(fuzz.TARGETS)
    for device in fuzz.DEVICES:
        assert {f"device {device}", f"device {device}, pairing"} <= set(fuzz.TARGETS)


def _taking_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz.SUITE.__class__, "same", lambda _self, _left, _right: True)


def _forgetting_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = CHANNELS["aead-counter"]
    unseal = type(channel).unseal

    def forgetful(self, suite, link, header, counter, body):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        older = type(link)(link.send_key, link.receive_key, link.next_counter, 0)
        return unseal(self, suite, older, header, counter, body)

    monkeypatch.setattr(type(channel), "unseal", forgetful)


@pytest.mark.parametrize(
    ("broken", "target"),
    [
        *((_taking_anything, f"roles {name}") for name in PAIRINGS),
        (_taking_anything, "channel mac-no-counter"),
        (_taking_anything, "device meter, pairing"),
        (_forgetting_counters, "channel aead-counter"),
        (_forgetting_counters, "device pump"),
        (_forgetting_counters, "device meter"),
    ],
)
def test_the_fuzzer_finds_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, broken: Callable[[pytest.MonkeyPatch], None], target: str
) -> None:
    """With tags that are not compared, or counters that are forgotten, a short run fails."""
    broken(monkeypatch)
    with pytest.raises(fuzz.FuzzError):
        fuzz.TARGETS[target][1](Random(1), 2000)


def test_the_same_seed_feeds_the_same_bytes() -> None:
    """What a run tries follows from its seed alone."""
    pool = list(fuzz.spoken())
    first, second = (
        [fuzz.hostile(rng, pool, [b"\1\2\3\4"]) for _ in range(200)]
        for rng in (Random(7), Random(7))
    )
    assert first == second


def test_every_input_asked_for_is_tried() -> None:
    """A run tries as many inputs as it was asked for, over all targets."""
    tried = sum(tries for _, tries, _ in fuzz.fuzz(2000, 3))
    assert abs(tried - 2000) <= len(fuzz.TARGETS)
