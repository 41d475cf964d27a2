"""Scales of depthwise kernels of the DSP extension: exact at all shifts and to the ends of sums."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.kernels.depthwise.halfword_records import (
    ALIKE,
    MOST_SHIFT,
    SUM_LIMIT,
    Channels,
    bytes_of,
    factors_of,
    lines_of,
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


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("zero_point", [-128, -1, 0, 127])
@pytest.mark.parametrize(("across", "along"), [(3, 3), (2, 3), (3, 2)])
def test_bytes_have_all_that_scales_and_lines_have(
    alike: bool, zero_point: int, across: int, along: int
) -> None:
    """As kernels take them apart, for each exponent, with weights to both ends of a byte."""
    rng = np.random.default_rng([zero_point + 128, across, along, alike])
    right = np.arange(ALIKE - 7, ALIKE) if alike else np.arange(1, MOST_SHIFT + 1)
    taps = rng.choice([-128, -127, -1, 0, 1, 127], (len(right), across, along))
    multiplier = rng.integers(1 << 30, 1 << 31, len(right))
    bias = rng.integers(-(1 << 20), 1 << 20, len(right))
    channels = Channels(taps, bias, multiplier, right, bias, bias)
    record = bytes_of(channels, taps, zero_point, alike)
    lines = np.ascontiguousarray(record[:, 2:]).view(np.uint8).reshape(-1, 3, 4)
    top, zero = lines[:, 0, 3].astype(np.int64), lines[:, 1, 3].astype(np.int8).astype(np.int64)
    bits = top if alike else np.full_like(top, 2)
    shift = np.full_like(top, ALIKE) if alike else top + 1
    addend = (1 << shift - 1) + (1 << bits - 2) + (zero << shift)
    weights = lines[:, :, :3].astype(np.int64) - 128 << bits[:, None, None]
    scale = np.stack([record[:, 0], addend, shift, record[:, 1]], axis=1)
    assert np.array_equal(scale, scale_of(channels, zero_point, alike))
    scaled = taps * factors_of(channels, alike)[:, None, None]
    assert np.array_equal(lines_of(weights), lines_of(scaled))
