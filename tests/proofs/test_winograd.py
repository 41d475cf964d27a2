"""Winograd's F(2x2, 3x3) in whole numbers: four times the sums, for all inputs and weights.

Both sides are linear in the inputs and in the weights. What is equal for each pair of one input
and one weight is equal for all.
"""

from __future__ import annotations

import numpy as np

from fwgen.kernels.matrix import transformed_weights
from fwgen.kernels.matrix.transformed_weights import SUM_BITS, G, transformed

B = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
A = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])
"""Of ``dsp_winograd.h``."""

INPUTS = np.eye(16, dtype=np.int64).reshape(16, 4, 4)
WEIGHTS = np.eye(9, dtype=np.int64).reshape(9, 3, 3)


def correlated(inputs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The 2 x 2 sums of products of windows."""
    return np.array(
        [[(inputs[y : y + 3, x : x + 3] * weights).sum() for x in range(2)] for y in range(2)]
    )


def test_each_input_with_each_weight() -> None:
    for inputs in INPUTS:
        for weights in WEIGHTS:
            products = (B @ inputs @ B.T) * (G @ weights @ G.T)
            expected = correlated(inputs, weights) << SUM_BITS
            assert np.array_equal(A @ products @ A.T, expected)


def test_transformed_weights_are_those() -> None:
    """Of each weight alone, in the lower half of the first of two words."""
    matrix = WEIGHTS.reshape(9, 9).astype(np.int8)
    words = transformed(matrix, 2)[:, :, 0]
    low = (words & 0xFFFF).astype(np.uint16).view(np.int16)
    assert np.array_equal(low.reshape(9, 4, 4), G @ WEIGHTS @ G.T)


def test_values_and_weights_are_halfwords() -> None:
    """A linear form is greatest where each byte has the sign of its factor."""
    for left, right in ((B, INPUTS), (G, WEIGHTS)):
        forms = left @ right @ left.T
        greatest = np.maximum(127 * forms, -128 * forms).sum(axis=0)
        least = np.minimum(127 * forms, -128 * forms).sum(axis=0)
        assert greatest.max() < 1 << 15 and least.min() >= -1 << 15


def test_a_greater_matrix_does_not_give_the_sums() -> None:
    weights = transformed_weights.G * 2
    products = (B @ INPUTS[5] @ B.T) * (weights @ WEIGHTS[4] @ weights.T)
    assert not np.array_equal(A @ products @ A.T, correlated(INPUTS[5], WEIGHTS[4]) << SUM_BITS)
