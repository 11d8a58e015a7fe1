"""One random stream for each named decision.

A stream is keyed by (seed, replicate, name), so that adding an attacker, a mitigation, a
device or a metric never moves anybody else's dice.  Lone decisions are a keyed hash of the
name and the occasion: stateless, so the order in which worlds ask does not matter.  Series
(sensor noise) come from a counter-based generator of their own.  Nothing here reads global
random state, the wall clock or hash order.

The design follows the "one stream a decision" rule of common random numbers; compare
Starsim's ``distributions`` module.  Hash: BLAKE2b (RFC 7693), keyed.  Generator: Philox
(Salmon et al. 2011) as shipped by numpy.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

_TWO_53: Final = 2.0**-53
_STANDARD_NORMAL: Final = NormalDist()


class _Key(ISeedSequence):
    """Hands a Philox generator its key of 16 bytes, a big-endian number.

    What ``Philox(key=...)`` does, which asks the operating system for entropy as well and does
    not use it: that costs several times as much, and nothing here may depend on it.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """Return the key as the words that a Philox generator asks for: 2, of 64 bits each."""
        return np.frombuffer(self._key[::-1], "<u8").astype(dtype)


class StreamClashError(RuntimeError):
    """Two parts of a run asked for a generator under one name."""


class Streams:
    """All dice of one replicate of one study.

    Args:
        seed: The study's seed, a whole number of at most 64 bits.
        replicate: Which replicate; the same in every arm and in the twin.
    """

    __slots__ = ("_key", "_taken", "replicate", "seed")

    def __init__(self, seed: int, replicate: int) -> None:
        self.seed = seed
        self.replicate = replicate
        self._key: Final = blake2b(
            seed.to_bytes(8, "big") + replicate.to_bytes(8, "big"),
            digest_size=32,
            person=b"testbed-streams",
        ).digest()
        self._taken: set[str] = set()

    def uniform(self, name: str, occasion: int | str = 0) -> float:
        """Return a number in [0, 1) for one occasion of the decision ``name``."""
        # The name's length keeps ("a@1", 2) and ("a", "1@2") apart.
        decision = f"{len(name)}:{name}@{occasion}"
        digest = blake2b(decision.encode(), key=self._key, digest_size=8).digest()
        return (int.from_bytes(digest, "big") >> 11) * _TWO_53

    def chance(self, name: str, probability: float, occasion: int | str = 0) -> bool:
        """Return True with ``probability``; the same dice whatever the probability is."""
        return self.uniform(name, occasion) < probability

    def normal(self, name: str, occasion: int | str = 0) -> float:
        """Return a standard normal number for one occasion of the decision ``name``."""
        # In the middle of the uniform's cell: never 0, and short of 1.
        u = min(self.uniform(name, occasion) + _TWO_53 / 2, 1.0 - _TWO_53)
        return _STANDARD_NORMAL.inv_cdf(u)

    def lognormal(self, name: str, cv: float, occasion: int | str = 0) -> float:
        """Return a log-normal factor with mean 1 and coefficient of variation ``cv``."""
        variance = math.log1p(cv * cv)
        return math.exp(math.sqrt(variance) * self.normal(name, occasion) - variance / 2)

    def below(self, name: str, limit: int, occasion: int | str = 0) -> int:
        """Return a whole number from 0 to ``limit - 1``."""
        return int.from_bytes(self.bytes(name, 16, occasion), "big") % limit

    def bytes(self, name: str, count: int, occasion: int | str = 0) -> bytes:
        """Return ``count`` bytes (at most 64): keys and nonces of the simulated devices."""
        decision = f"{len(name)}:{name}#{occasion}"
        return blake2b(decision.encode(), key=self._key, digest_size=count).digest()

    def generator(self, name: str) -> np.random.Generator:
        """Return the generator of the series ``name``.

        Raises:
            StreamClashError: If the name was taken before: two series with one seed
                would be the same series.
        """
        if name in self._taken:
            raise StreamClashError(f"the random stream {name!r} is already taken")
        self._taken.add(name)
        key: Any = _Key(self.bytes(name, 16, "series"))
        return np.random.Generator(np.random.Philox(key))
