"""The packing of weights and parameters for the matrix kernels: ``mve_matrix.h`` and its like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.model.fixed_point import requantize
from fwgen.ops.parts import weights
from fwgen.ops.parts.reach import bias_of

LANES = 16
BLOCK = 8
"""Channels that the kernels compute at a time."""

BIAS_LIMIT = 1 << 23
"""A bias that shares a word with the shift is in [-BIAS_LIMIT, BIAS_LIMIT)."""

Words = npt.NDArray[np.int32]
T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Scaling:
    """What a sum of products of each channel becomes: ``bias`` includes the input's zero point.

    It is 0 of a multiplier of 0, which goes with any.
    """

    bias: npt.NDArray[np.int64]
    multiplier: Words
    shift: Words

    @property
    def uniform(self) -> bool:
        """Whether multiplier and shift are the same for all channels."""
        return len({*zip(self.multiplier.tolist(), self.shift.tolist(), strict=True)}) == 1

    @property
    def rounds(self) -> bool:
        """Whether every effective scale is below a half, as the rounding of the kernels wants."""
        return bool(np.all((self.shift <= -1) | (self.multiplier == 0)))


def matrix_of(node: Node) -> npt.NDArray[np.int8]:
    """The weights as (channels, depth)."""
    w = node.w
    return w.constant.astype(np.int8).reshape(w.shape[0], -1)


def scaling_of(node: Node) -> Scaling:
    x, w, y = node.x, node.w, node.y
    sums = matrix_of(node).sum(axis=1, dtype=np.int64)
    bias = bias_of(node, w.shape[0]) - x.zero_point * sums
    multiplier, shift = weights.multipliers(x, w, y, w.shape[0])
    return Scaling(np.where(multiplier == 0, 0, bias), multiplier, shift)


def short_scaling(node: Node) -> Scaling | None:
    """The scaling with each bias in [-BIAS_LIMIT, BIAS_LIMIT), None if no such scaling gives the
    same outputs.

    A channel without weights has a constant output. Its bias becomes 4 times (output - zero point),
    with the scale 1/4: that is exact, and short.

    Any other bias outside the limits becomes the nearest one inside, if no output changes. Outputs
    never fall as the sum rises. So two outputs bound all others: that of the lesser bias with the
    least sum of products, and that of the greater bias with the greatest sum. If these two are
    equal, every output is the same with either bias.
    """
    scaling, zero_point = scaling_of(node), node.y.zero_point
    multiplier, shift = scaling.multiplier.copy(), scaling.shift.copy()
    short = np.clip(scaling.bias, -BIAS_LIMIT, BIAS_LIMIT - 1)
    matrix = matrix_of(node)
    for channel in np.flatnonzero(short != scaling.bias):
        row = matrix[channel].astype(np.int64)
        ends = sorted((short[channel], scaling.bias[channel]))
        least = np.minimum(-128 * row, 127 * row).sum()
        greatest = np.maximum(-128 * row, 127 * row).sum()
        reach = np.array([ends[0] + least, ends[1] + greatest])
        scaled = requantize(reach, int(scaling.multiplier[channel]), int(scaling.shift[channel]))
        outputs = np.clip(scaled + zero_point, -128, 127)
        if not row.any():
            output = requantize(
                scaling.bias[channel : channel + 1], int(multiplier[channel]), int(shift[channel])
            )[0]
            short[channel] = 4 * np.clip(output, -128 - zero_point, 127 - zero_point)
            multiplier[channel], shift[channel] = 1 << 30, -1
        elif outputs[0] != outputs[1]:
            return None
    return Scaling(short, multiplier, shift)


def filled(values: npt.NDArray[T], channels: int) -> npt.NDArray[T]:
    """With zeros for the channels that a last group of ``channels`` lacks: the first axis."""
    missing = ((0, -len(values) % channels), *[(0, 0)] * (values.ndim - 1))
    found: npt.NDArray[T] = np.pad(values, missing)
    return found


def by_tile(values: npt.NDArray[np.int64]) -> Words:
    """(blocks, 2, 4 * fields): for the even, then the odd channels of a block, field by field.

    ``values`` are (channels, fields); channels that there are not have 0.
    """
    channels, fields = values.shape
    blocks = -(-channels // BLOCK)
    padded = np.zeros((blocks * BLOCK, fields), np.int64)
    padded[:channels] = values
    lanes = padded.reshape(blocks, 4, 2, fields).transpose(0, 2, 3, 1)
    return lanes.reshape(blocks, 2, 4 * fields).astype(np.int32)


def tiles_of(node: Node) -> Words:
    """int32 (blocks, 2, vectors, 16): 16 weights of each of 4 channels, of a block's two tiles.

    Inputs that there are not, and channels that there are not, have weights 0.
    """
    matrix = matrix_of(node)
    channels, depth = matrix.shape
    vectors, blocks = -(-depth // LANES), -(-channels // BLOCK)
    values = np.zeros((blocks * BLOCK, vectors * LANES), np.int8)
    values[:channels, :depth] = matrix
    # block, lane, tile, vector, value -> block, tile, vector, lane, value
    tiles = values.reshape(blocks, 4, 2, vectors, LANES).transpose(0, 2, 3, 1, 4)
    words = np.ascontiguousarray(tiles).view("<i4").reshape(blocks, 2, vectors, LANES)
    return words.astype(np.int32)


def parameters_of(node: Node) -> Words:
    """int32 (blocks, 2, 8): a word of bias and shift, and the multiplier, of 4 channels each."""
    scaling = short_scaling(node)
    assert scaling is not None
    words = (scaling.bias << 8) | (scaling.shift & 0xFF)
    return by_tile(np.stack([words, scaling.multiplier], axis=1))


def pack(node: Node) -> Constant:
    """Weights and parameters as ``mve_matrix.h`` has them: blocks from the last to the first."""
    quads, words = parameters_of(node), tiles_of(node)
    flat = words.reshape(*words.shape[:2], -1)
    stream = np.concatenate([quads[:, 1], flat[:, 0], quads[:, 0], flat[:, 1]], axis=1)
    return _packed(node, np.ascontiguousarray(stream[::-1]), "mve_matrix.h")


def pack_single(node: Node) -> Constant:
    """Weights and parameters as ``matrix_single_s8_mve.h`` has them."""
    blocks = _before_next(parameters_of(node), tiles_of(node))
    return _packed(node, blocks, "mve_matrix_single.h")


def pack_single_uniform(node: Node) -> Constant:
    """Scale, weights and biases as ``matrix_single_uniform_s8_mve.h`` has them."""
    biases = by_tile(scaling_of(node).bias[:, None])
    blocks = _before_next(biases, tiles_of(node))
    stream = np.concatenate([_scale(node), blocks.reshape(-1)])
    return _packed(node, stream, "matrix_single_uniform_s8_mve.h")


def pack_thin(node: Node) -> Constant:
    """Scale, biases and weights as ``matrix_thin_s8_mve.h`` has them."""
    biases = by_tile(scaling_of(node).bias[:, None])
    columns = by_tile(matrix_of(node).astype(np.int64)).astype(np.int8)
    # block, tile, input, lane -> block, input, tile, lane
    tiles = columns.reshape(len(biases), 2, -1, 4).transpose(0, 2, 1, 3)
    words = np.ascontiguousarray(tiles).view("<i4").reshape(len(biases), -1).astype(np.int32)
    stream = np.concatenate([biases.reshape(len(biases), -1), words], axis=1)
    whole = np.concatenate([_scale(node), stream.reshape(-1)])
    return _packed(node, whole, "matrix_thin_s8_mve.h")


def pack_any(node: Node) -> Constant:
    """Parameters and weights as ``matrix_any_s8_mve.h`` has them."""
    scaling, matrix = scaling_of(node), matrix_of(node)
    channels, depth = matrix.shape
    missing, vectors = -channels % 4, -(-depth // LANES)
    left, right = np.maximum(scaling.shift, 0), np.minimum(scaling.shift, 0)
    parameters = np.stack([scaling.bias, left, scaling.multiplier, right])
    quads = np.pad(parameters, ((0, 0), (0, missing))).reshape(4, -1, 4).swapaxes(0, 1)
    values = np.pad(matrix, ((0, missing), (0, vectors * LANES - depth)))
    # quad, lane, vector, value -> quad, vector, lane, value
    tiles = values.reshape(len(quads), 4, vectors, LANES).swapaxes(1, 2)
    words = np.ascontiguousarray(tiles).view("<i4").reshape(len(quads), -1)
    stream = np.concatenate([quads.reshape(len(quads), -1).astype(np.int32), words], axis=1)
    return _packed(node, stream, "matrix_any_s8_mve.h")


def _packed(node: Node, stream: Words, header: str) -> Constant:
    """Weights and bias of an op in the order that a header describes."""
    return Constant("weights", stream, header, weights.weights_and_bias(node))


def _before_next(parameters: Words, words: Words) -> Words:
    """A row per block: parameters of the block before it (the first has those of the last block),
    and its weights, the two tiles vector by vector."""
    flat = words.transpose(0, 2, 1, 3).reshape(len(words), -1)
    before = np.roll(parameters.reshape(len(parameters), -1), 1, axis=0)
    return np.concatenate([before, flat], axis=1)


def _scale(node: Node) -> Words:
    """The multiplier and the shift of all channels."""
    scaling = scaling_of(node)
    assert scaling.uniform
    return np.array([scaling.multiplier[0], scaling.shift[0]], np.int32)
