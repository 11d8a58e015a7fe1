"""The rules of the random streams.

Each statistical test has a fixed seed, so it always gives the same answer; its threshold is
set so that one seed in a million would fail a correct generator.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import testbed
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from testbed.randomness import StreamClashError, Streams

quick = settings(derandomize=True, deadline=None)

ERROR_RATE = 1e-6
DRAWS = 20_000
SEED = 20220920

names = st.text(max_size=20)
occasions = st.integers(0, 10**9)
seeds = st.integers(0, 2**64 - 1)
replicates = st.integers(0, 10**6)


def draws(count: int = DRAWS) -> list[float]:
    """Return uniform numbers of one decision on many occasions."""
    streams = Streams(SEED, 0)
    return [streams.uniform("decision", occasion) for occasion in range(count)]


@quick
@given(seeds, replicates, names, occasions)
def test_the_same_question_has_the_same_answer(
    seed: int, replicate: int, name: str, occasion: int
) -> None:
    """Seed, replicate, name and occasion decide the number, and nothing else does."""
    one, other = Streams(seed, replicate), Streams(seed, replicate)
    other.uniform("something else")
    other.generator("a series").random(3)
    assert one.uniform(name, occasion) == other.uniform(name, occasion)
    assert one.normal(name, occasion) == other.normal(name, occasion)
    assert one.bytes(name, 32, occasion) == other.bytes(name, 32, occasion)
    assert one.generator(name).random() == other.generator(name).random()


@quick
@given(st.lists(st.tuples(names, occasions), unique=True), st.randoms(use_true_random=False))
def test_the_order_of_questions_changes_nothing(
    questions: list[tuple[str, int]], order: np.random.Generator
) -> None:
    """Asking in another order gives each question the answer it had."""
    streams = Streams(SEED, 3)
    first = {each: streams.uniform(*each) for each in questions}
    order.shuffle(questions)
    assert {each: streams.uniform(*each) for each in questions} == first


def test_every_part_of_a_question_counts() -> None:
    """Another seed, replicate, name or occasion is another number."""
    asked = {
        Streams(seed, replicate).uniform(name, occasion)
        for seed in range(5)
        for replicate in range(5)
        for name in ("a", "b", "ab", "a@1", "A")
        for occasion in (0, 1, 2, "0 ", "x")
    }
    assert len(asked) == 5**4


def test_neighbouring_streams_are_unrelated() -> None:
    """Numbers of neighbouring names, replicates and seeds do not go together."""
    base = draws()
    others = [
        [Streams(SEED, 1).uniform("decision", i) for i in range(DRAWS)],
        [Streams(SEED + 1, 0).uniform("decision", i) for i in range(DRAWS)],
        [Streams(SEED, 0).uniform("decision2", i) for i in range(DRAWS)],
        [*base[1:], base[0]],
    ]
    for other in others:
        assert stats.pearsonr(base, other).pvalue > ERROR_RATE


def test_lone_decisions_are_uniform() -> None:
    """Numbers over the occasions of a decision are uniform (Kolmogorov-Smirnov)."""
    assert stats.kstest(draws(), "uniform").pvalue > ERROR_RATE


def test_lone_decisions_are_uniform_over_replicates() -> None:
    """Numbers of one decision over replicates are uniform (chi-square, 100 cells)."""
    numbers = [Streams(SEED, replicate).uniform("decision") for replicate in range(DRAWS)]
    counts, _ = np.histogram(numbers, bins=100, range=(0, 1))
    assert stats.chisquare(counts).pvalue > ERROR_RATE


@quick
@given(seeds, names, occasions)
def test_a_number_lies_from_zero_to_below_one(seed: int, name: str, occasion: int) -> None:
    """A uniform number is at least 0 and below 1."""
    assert 0 <= Streams(seed, 0).uniform(name, occasion) < 1


@quick
@given(names, occasions, st.floats(0, 1), st.floats(0, 1))
def test_a_greater_chance_never_loses_a_success(
    name: str, occasion: int, one: float, other: float
) -> None:
    """The dice of a chance are the same whatever the probability is."""
    streams = Streams(SEED, 0)
    low, high = sorted((one, other))
    assert streams.chance(name, low, occasion) <= streams.chance(name, high, occasion)
    assert streams.chance(name, 1, occasion)
    assert not streams.chance(name, 0, occasion)


def test_normal_numbers_are_normal() -> None:
    """Normal numbers have mean 0, standard deviation 1 and the normal's form."""
    streams = Streams(SEED, 0)
    numbers = [streams.normal("decision", occasion) for occasion in range(DRAWS)]
    assert stats.kstest(numbers, "norm").pvalue > ERROR_RATE
    limit = stats.norm.isf(ERROR_RATE / 2) / math.sqrt(DRAWS)
    assert abs(np.mean(numbers)) < limit
    assert abs(np.std(numbers) - 1) < limit / math.sqrt(2)


@pytest.mark.parametrize("cv", [0.05, 0.2, 0.5])
def test_lognormal_factors_have_mean_one_and_their_variation(cv: float) -> None:
    """A log-normal factor has mean 1 and the coefficient of variation asked for."""
    streams = Streams(SEED, 0)
    factors = np.array([streams.lognormal("factor", cv, occasion) for occasion in range(DRAWS)])
    sigma = math.sqrt(math.log1p(cv * cv))
    limit = stats.norm.isf(ERROR_RATE / 2) / math.sqrt(DRAWS)
    assert abs(factors.mean() - 1) < limit * cv
    assert abs(np.log(factors).std() - sigma) < limit * sigma / math.sqrt(2)
    assert factors.min() > 0


def test_a_factor_without_variation_is_one() -> None:
    """A coefficient of variation of 0 leaves everything as it is."""
    assert Streams(SEED, 0).lognormal("factor", 0) == 1


def test_whole_numbers_below_a_limit_are_uniform() -> None:
    """Whole numbers below a limit are equally frequent (chi-square)."""
    streams = Streams(SEED, 0)
    numbers = [streams.below("die", 6, occasion) for occasion in range(DRAWS)]
    assert stats.chisquare(np.bincount(numbers, minlength=6)).pvalue > ERROR_RATE
    assert set(numbers) == set(range(6))


def test_bytes_are_uniform_and_as_many_as_asked() -> None:
    """Bytes have the count asked for and equal frequencies (chi-square)."""
    streams = Streams(SEED, 0)
    assert all(len(streams.bytes("key", count)) == count for count in range(1, 65))
    sample = b"".join(streams.bytes("key", 64, occasion) for occasion in range(2_000))
    counts = np.bincount(np.frombuffer(sample, dtype=np.uint8), minlength=256)
    assert stats.chisquare(counts).pvalue > ERROR_RATE


def test_two_series_of_one_name_clash() -> None:
    """Asking twice for the generator of a name is refused: it would be the same series."""
    streams = Streams(SEED, 0)
    streams.generator("noise")
    streams.generator("loss")
    with pytest.raises(StreamClashError, match="'noise' is already taken"):
        streams.generator("noise")


def test_series_of_different_names_differ() -> None:
    """Series of different names, replicates or seeds are different series."""
    series = {
        Streams(seed, replicate).generator(name).random()
        for seed in (0, 1)
        for replicate in (0, 1)
        for name in ("noise", "loss")
    }
    assert len(series) == 8


def test_a_series_is_uniform() -> None:
    """A generator's numbers are uniform (Kolmogorov-Smirnov)."""
    series = Streams(SEED, 0).generator("noise").random(DRAWS)
    assert stats.kstest(series, "uniform").pvalue > ERROR_RATE


def test_global_random_state_is_neither_read_nor_moved() -> None:
    """Seeding numpy's global generator changes nothing, and it stays where it was."""
    answers = []
    legacy: Any = np.random.mtrand._rand  # the generator behind np.random.seed and friends
    for global_seed in (1, 2):
        legacy.seed(global_seed)
        before = legacy.get_state()[1].tobytes()
        streams = Streams(SEED, 0)
        answers.append((streams.uniform("a"), streams.generator("b").random()))
        assert legacy.get_state()[1].tobytes() == before
    assert answers[0] == answers[1]


def test_the_order_of_hashes_changes_nothing() -> None:
    """Another process with another hash seed gives the same numbers."""
    code = (
        "from testbed.randomness import Streams; s = Streams(7, 3); "
        "print(s.uniform('a', 'b'), s.normal('a'), s.bytes('k', 8).hex(), "
        "s.generator('g').random())"
    )
    root = str(Path(testbed.__file__).parents[1])
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": root},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }
    assert len(told) == 1


def test_the_numbers_are_those_of_earlier_versions() -> None:
    """The streams give the numbers they always gave, so that stored results stay true."""
    streams = Streams(SEED, 7)
    assert streams.uniform("decision", 3) == 0.9525879854032112
    assert streams.bytes("key", 8).hex() == "48b5bddc82e8fc5e"
    assert streams.generator("noise").random() == 0.9052183308956917
