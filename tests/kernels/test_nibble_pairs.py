"""Nibbles of pairs of channels: what the instructions make of packed words is what sums are."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.kernels.matrix.nibble_pairs import SUM_LIMIT, joined
from fwgen.kernels.matrix.paired_bytes import steps_of

CHANNELS = 6
WRAP = 1 << 32


def wrapped(values: np.ndarray) -> np.ndarray:
    """As int32."""
    return (values + WRAP // 2) % WRAP - WRAP // 2


def halves(words: np.ndarray) -> np.ndarray:
    """Signed halfwords, (..., 2), the low one first."""
    found: np.ndarray = np.ascontiguousarray(words.astype("<i4")).view("<i2")
    return found.reshape(*words.shape, 2).astype(np.int64)


def products(words: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Two SMLAD of each word, (pairs, steps), with X and Y, (steps, 2), and UXTB16 between."""
    low_bytes = words.astype(np.int64) & 0x00FF00FF
    found = (halves(words) * x + halves(low_bytes) * y).sum(axis=(1, 2))
    return np.asarray(found)


def ends(rng: np.random.Generator, low: int, high: int, shape: tuple[int, ...]) -> np.ndarray:
    """Any values, or those at the ends alone."""
    if rng.random() < 0.5:
        return rng.integers(low, high + 1, shape)
    return rng.choice([low, high], shape)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 64, 301])
def test_sums_come_out_of_words_of_both_channels(depth: int) -> None:
    rng = np.random.default_rng(depth)
    for _ in range(200):
        matrix = ends(rng, -8, 7, (CHANNELS, depth)).astype(np.int64)
        inputs = ends(rng, -128, 127, (depth,)).astype(np.int64)
        sums = matrix @ inputs
        room = SUM_LIMIT - 1 - np.abs(sums).max()
        bias = rng.integers(-room, room + 1, CHANNELS)
        words, biases = joined(matrix, bias)

        steps = steps_of(depth)
        values = np.pad(inputs, (0, 4 * steps - depth)).reshape(steps, 4)
        x = values[:, 1::2]
        y = 256 * values[:, 0::2] - x + 127
        assert y.min() >= -(1 << 15) and y.max() < 1 << 15
        odd, all_ = x.sum(), x.sum() + y.sum()
        of_t = -8 * (all_ + 256 * odd)
        of_s = of_t - 128 * all_

        s = wrapped(biases[:, 0].astype(np.int64) + of_s + products(words, x, y))
        t = wrapped(biases[:, 1].astype(np.int64) + of_t + products(words & 0x0F0F0F0F, x, y))
        assert np.array_equal(wrapped(s - t) >> 4, 256 * (sums + bias)[0::2])
        assert np.array_equal(t, 256 * (sums + bias)[1::2])
