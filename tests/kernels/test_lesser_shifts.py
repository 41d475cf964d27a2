"""Scales with a lesser shift give the same outputs for every sum, of which none is left out."""

from __future__ import annotations

import numpy as np

from fwgen.kernels.matrix.lesser_shifts import thresholds, with_shift
from fwgen.model.fixed_point import requantize


def test_every_sum_has_the_same_output() -> None:
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(60):
        multiplier, shift = int(rng.integers(1 << 30, 1 << 31)), -int(rng.integers(17, 24))
        least, most = sorted(map(int, rng.integers(-(1 << 19), 1 << 19, 2)))
        other = with_shift(multiplier, shift, -16, (least, most))
        sums = np.arange(least, most + 1)
        if other is not None:
            assert np.array_equal(requantize(sums, multiplier, shift), requantize(sums, *other))
            found += 1
    assert found > 40


def test_one_sum_that_differs_is_seen() -> None:
    """Against all sums, where the multiplier that is taken first is none."""
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(120):
        multiplier, shift = int(rng.integers(1 << 30, 1 << 31)), -17
        sums = np.arange(-(1 << 19), 1 << 19)
        same = np.array_equal(
            requantize(sums, multiplier, shift), requantize(sums, multiplier >> 1, -16)
        )
        other = with_shift(multiplier, shift, -16, (int(sums[0]), int(sums[-1])))
        assert same == (other == (multiplier >> 1, -16))
        refused += not same
    assert refused > 5


def test_thresholds_are_the_least_sums_of_outputs() -> None:
    outputs, at = thresholds(0x5A5A5A5A, -6, -5000, 9000)
    assert len(outputs) > 50
    assert np.all(requantize(at, 0x5A5A5A5A, -6) == outputs)
    assert np.all(requantize(at - 1, 0x5A5A5A5A, -6) == outputs - 1)
