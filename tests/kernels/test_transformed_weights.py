"""Transformed weights, as they are packed, against convolutions as NumPy computes them."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.kernels.matrix.transformed_weights import transformed

B = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
A = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])


def inputs_of(words: np.ndarray) -> np.ndarray:
    """Halfwords of words (channels, 16, pairs), with the input channels in their own order."""
    halves = np.ascontiguousarray(words.astype("<i4")).view("<i2").astype(np.int64)
    fours = halves.reshape(*words.shape[:2], -1, 4)
    ordered = np.empty_like(fours)
    ordered[..., [0, 2, 1, 3]] = fours
    return ordered.reshape(*words.shape[:2], -1)


@pytest.mark.parametrize("depth", [1, 3, 4, 5, 16, 30])
@pytest.mark.parametrize("kind", ["random", "least", "most"])
def test_a_tile_is_4_times_the_sums_of_its_windows(depth: int, kind: str) -> None:
    rng = np.random.default_rng(depth)
    ends = {"random": (-128, 128), "least": (-128, -127), "most": (127, 128)}[kind]
    weights = rng.integers(*ends, (3, 3, 3, depth)).astype(np.int8)
    pairs = -(-depth // 4) * 2 + 2
    u = inputs_of(transformed(weights.reshape(3, -1), pairs))
    assert not u[:, :, depth:].any()
    assert abs(u).max() <= 9 * 128

    for _ in range(20):
        values = rng.choice([-128, 127, *rng.integers(-128, 128, 3)], (4, 4, depth))
        v = np.einsum("ia,jb,abc->ijc", B, B, values)
        assert abs(v).max() <= 4 * 128
        products = np.einsum("opc,pc->op", u[:, :, :depth], v.reshape(16, depth))
        tile = np.einsum("yi,xj,oij->oyx", A, A, products.reshape(3, 4, 4))
        for y in range(2):
            for x in range(2):
                window = values[y : y + 3, x : x + 3]
                sums = np.einsum("oabc,abc->o", weights.astype(np.int64), window)
                assert np.array_equal(tile[:, y, x], 4 * sums)
