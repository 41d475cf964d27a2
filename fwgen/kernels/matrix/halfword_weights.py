"""The packing of weights for int16 on cores with the DSP extension: ``dsp_matrix_s16.h``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.matrix.packing import Words, filled, matrix_of
from fwgen.kernels.matrix.packing_s16 import is_narrow
from fwgen.kernels.mve.rescaling_s16 import DSP_SHIFTS, Int64Array, fits, wide_scaling
from fwgen.ops.parts import weights
from fwgen.ops.parts.reach import bias_of

NARROW_SHIFTS = range(-31, -1)
"""Shifts of sums of 32 bits that the kernels rescale by."""

BLOCK = 8
"""Channels of a row that are computed at a time."""


def words_of(depth: int) -> int:
    """Words of 2 inputs."""
    return -(-depth // 2)


def parameters(node: Node) -> tuple[Int64Array, Int64Array] | None:
    """Bias, (channels,), and what rescales, (channels, 1), by the rule of 32 bits (channels, 3).

    None if the kernels do not compute the op exactly.
    """
    taps = matrix_of(node).astype(np.int64)
    channels = len(taps)
    bias = bias_of(node, channels)
    found = weights.multipliers(node.x, node.w, node.y, channels)
    multiplier, shift = (values.astype(np.int64) for values in found)
    if not is_narrow(node):
        scaling = wide_scaling(taps, bias, multiplier, shift, DSP_SHIFTS)
        return None if scaling is None else (scaling[0], scaling[1][:, None])
    shift = np.where(multiplier == 0, NARROW_SHIFTS[0], shift)
    known = (shift >= NARROW_SHIFTS[0]) & (shift <= NARROW_SHIFTS[-1])
    if not (known.all() and fits(taps, bias)):
        return None
    e = -shift
    return bias, np.stack([multiplier, np.int64(1) << (e - 2), e - 1], axis=1)


def paired(matrix: npt.NDArray[np.int8]) -> Words:
    """int32 (pairs of channels, words): 2 weights of 2 channels a word, zeros where there are none.

    ``matrix`` is (channels, depth).
    """
    channels, depth = matrix.shape
    padded = np.pad(matrix, ((0, channels % 2), (0, depth % 2)))
    # pair, channel, word, input -> pair, word, input, channel
    found = padded.reshape(-1, 2, words_of(depth), 2).transpose(0, 2, 3, 1)
    words = np.ascontiguousarray(found).view(np.int8).reshape(len(found), -1).view("<i4")
    return words.astype(np.int32)


def pack_pairs(node: Node) -> Constant:
    """Weights and constants of pairs of channels, from the last pair to the first."""
    found, words = parameters(node), paired(matrix_of(node))
    assert found is not None, "the row holds"
    bias, scale = (filled(values, 2) for values in found)
    pairs = len(words)
    stream = np.concatenate([bias.reshape(pairs, 2), words, scale.reshape(pairs, -1)], axis=1)
    flat = np.ascontiguousarray(stream[::-1].astype(np.int32))
    return Constant("weights", flat, "dsp_matrix_s16.h", weights.weights_and_bias(node))


def pack_blocks(node: Node) -> Constant:
    """Weights and constants of blocks of 8 channels: ``dsp_single_s16.h``."""
    found, matrix = parameters(node), matrix_of(node)
    assert found is not None, "the row holds"
    bias, scale = (filled(values, BLOCK) for values in found)
    words = paired(filled(matrix, BLOCK))
    blocks = len(bias) // BLOCK
    # block, pair, word -> block, word, pair
    by_word = words.reshape(blocks, BLOCK // 2, -1).swapaxes(1, 2).reshape(blocks, -1)
    stream = bias.reshape(blocks, BLOCK), by_word, scale.reshape(blocks, -1)
    flat: Words = np.concatenate(stream, axis=1).astype(np.int32)
    return Constant("weights", flat, "dsp_single_s16.h", weights.weights_and_bias(node))
