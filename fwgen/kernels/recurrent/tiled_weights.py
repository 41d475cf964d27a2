"""The constants of recurrent ops as the MVE kernels read them: weights and biases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.model.element import Element
from fwgen.ops.parts.short_products import ShortProducts

TILE, VECTOR = 4, 16
"""Units that ``short_products_s8_mve`` takes at a time, and bytes of a vector."""

PAIR, HALF = 2, 8
"""Units that ``short_products_s16_mve`` takes at a time, and inputs."""


def packed(products: ShortProducts, role: str) -> Constant:
    """The weights of products, with biases where the input is int8."""
    of = tuple(t.index for t in (products.w, products.bias) if t is not None)
    if products.x.dtype is Element.S8:
        return Constant(role, _tiles(products), "short_products_s8_mve.h", of)
    pairs = _blocks(products.w.constant, PAIR, HALF)
    return Constant(role, pairs, "short_products_s16_mve.h", of)


def _blocks(matrix: npt.NDArray[np.generic], units: int, inputs: int) -> npt.NDArray[np.int8]:
    """int8 (tiles, vectors, ``units``, ``inputs``): what is beyond the matrix is 0."""
    rows, depth = matrix.shape
    padded = np.zeros((rows + -rows % units, depth + -depth % inputs), np.int8)
    padded[:rows, :depth] = matrix
    tiles = padded.reshape(-1, units, padded.shape[1] // inputs, inputs)
    return np.ascontiguousarray(tiles.swapaxes(1, 2))


def _tiles(products: ShortProducts) -> npt.NDArray[np.int32]:
    w = products.w.constant.astype(np.int64)
    sums = -products.x.zero_point * w.sum(axis=1)
    if products.bias is not None:
        sums += products.bias.constant
    biases = np.zeros(len(sums) + -len(sums) % TILE, np.int32)
    biases[: len(sums)] = sums
    blocks = _blocks(w, TILE, VECTOR)
    words = blocks.reshape(len(blocks), -1).view("<i4").astype(np.int32)
    return np.concatenate([biases.reshape(-1, TILE), words], axis=1).reshape(-1)
