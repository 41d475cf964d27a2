"""Scales of depthwise kernels of the DSP extension: exact at all shifts and to the ends of sums."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.kernels.depthwise.halfword_records import (
    ALIKE,
    MOST_SHIFT,
    SUM_LIMIT,
    Channels,
    factors_of,
    scale_of,
)
from fwgen.model.fixed_point import requantize

SUMS = 20_000
MULTIPLIERS = (1 << 30, (1 << 30) + 1, 0x5A82_799A, (1 << 31) - 1)


def sums_of(rng: np.random.Generator, right: int, multiplier: int, limit: int) -> np.ndarray:
    """Ends, small ones, and such as are near where an output changes."""
    outputs = rng.integers(-260, 260, SUMS)
    halves = ((2 * outputs + 1) << (30 + right)) // multiplier
    near = halves + rng.integers(-2, 3, SUMS)
    ends = np.concatenate([np.arange(-limit, 300 - limit), np.arange(limit - 300, limit)])
    return np.clip(np.concatenate([near, ends, np.arange(-300, 300)]), -limit, limit - 1)


@pytest.mark.parametrize(
    ("right", "alike"),
    [
        *((right, False) for right in range(1, MOST_SHIFT + 1)),
        *((right, True) for right in range(ALIKE - 7, ALIKE)),
    ],
)
@pytest.mark.parametrize("zero_point", [-128, 0, 127])
def test_what_instructions_make_of_a_sum_is_what_tflm_does(
    right: int, alike: bool, zero_point: int
) -> None:
    rng = np.random.default_rng([right, zero_point + 128])
    one = np.ones(1, np.int64)
    limit = (1 << 31) >> (ALIKE + 1 - right) if alike else SUM_LIMIT
    for multiplier in MULTIPLIERS:
        sums = sums_of(rng, right, multiplier, limit)
        taps = np.zeros((1, 3, 3), np.int64)
        ends = sums.min() * one, sums.max() * one
        channels = Channels(taps, 0 * one, multiplier * one, right * one, *ends)
        assert channels.alike or not alike
        words = scale_of(channels, zero_point, alike)[0].astype(np.int64)
        factor = int(factors_of(channels, alike)[0])
        scaled = factor * sums
        high = scaled * words[0] >> 32
        away = np.zeros_like(sums) if alike else np.where(sums < 0, factor // 2, 0)
        added = high + words[1] - away
        for values in (scaled, added):
            assert values.min() >= -(1 << 31) and values.max() < 1 << 31
        outputs = np.clip(added >> words[2], -128, 127)
        expected = requantize(sums, multiplier, -right) + zero_point
        if alike:  # for outputs that are clamped at their zero point
            outputs, expected = (np.maximum(values, zero_point) for values in (outputs, expected))
        assert np.array_equal(outputs, np.clip(expected, -128, 127))


def test_a_factor_too_many_is_not_alike() -> None:
    one = np.ones(1, np.int64)
    for right in range(ALIKE - 7, ALIKE):
        limit = (1 << 31) >> (ALIKE + 1 - right)
        for low, high, fits in (
            (-limit, limit - 1, True),
            (-limit - 1, 0, False),
            (0, limit, False),
        ):
            ends = low * one, high * one
            channels = Channels(
                np.zeros((1, 3, 3), np.int64), 0 * one, one << 30, right * one, *ends
            )
            assert channels.alike == fits
