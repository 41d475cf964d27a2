"""The packing of nibbles of pairs of channels for the DSP extension: ``dsp_nibbles.h``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.dsp import one_shift
from fwgen.kernels.matrix.lesser_shifts import limited
from fwgen.kernels.matrix.nibbles import fits
from fwgen.kernels.matrix.packing import Scaling, Words, filled, matrix_of, short_scaling
from fwgen.kernels.matrix.paired_bytes import BLOCK, MOST_SHIFT, SUM_BITS, steps_of, wrapped
from fwgen.ops.parts import weights

SUM_LIMIT = 1 << 19
"""A sum, of which the kernels have 4096 times, is in [-SUM_LIMIT, SUM_LIMIT)."""

LAYOUT = "dsp_nibbles.h"

Int64Array = npt.NDArray[np.int64]


def holds(node: Node) -> bool:
    """Whether weights, sums and scales are such as the kernels compute exactly."""
    return fits(node) and _scaling_of(node) is not None


def _scaling_of(node: Node) -> Scaling | None:
    """What the kernels rescale by; None if they have no room for bias, sums or shifts."""
    scaling = short_scaling(node)
    return scaling and limited(scaling, matrix_of(node), SUM_LIMIT, MOST_SHIFT)


def joined(matrix: Int64Array, bias: Int64Array) -> tuple[Words, Words]:
    """Words (pairs, steps) and the biases of s and t (pairs, 2), of an even number of channels.

    ``matrix`` is (channels, depth).
    """
    channels, depth = matrix.shape
    steps = steps_of(depth)
    values = np.pad(matrix, ((0, 0), (0, 4 * steps - depth))).reshape(channels // 2, 2, steps, 4)
    even_inputs = np.array([8, 0, 8, 0])
    high, low = values[:, 0] + even_inputs, values[:, 1] + 8
    bytes_ = (16 * high + low).astype(np.uint8)  # modulo 256: those of odd inputs have a sign
    words = np.ascontiguousarray(bytes_).view("<i4")[:, :, 0].astype(np.int32)
    # what UXTB16 adds, 127 of each even byte, and the inputs' -254 a column: dsp_nibbles.h
    of_t = (bias[1::2] << SUM_BITS) - 127 * low[:, :, 0::2].sum(axis=(1, 2)) + 8 * 254 * steps
    apart = (bias[0::2] << SUM_BITS + 4) - 127 * 16 * high[:, :, 0::2].sum(axis=(1, 2))
    of_s = of_t + apart + 128 * 254 * steps
    return words, wrapped(np.stack([of_s, of_t], axis=1))


def scales_of(node: Node) -> Int64Array:
    """Multiplier, addend and shift, (channels, 3)."""
    scaling = _scaling_of(node)
    assert scaling is not None, "the row holds"
    e = -scaling.shift.astype(np.int64)
    shift, addend = one_shift.right(SUM_BITS, e), one_shift.addend(SUM_BITS, e, node.y.zero_point)
    return np.stack([scaling.multiplier.astype(np.int64), addend, shift], axis=1)


def is_uniform(node: Node) -> bool:
    """Whether all channels have one multiplier and one shift."""
    scale = scales_of(node)
    return bool(np.all(scale == scale[0]))


def _joined(node: Node, channels: int) -> tuple[Words, Words]:
    """``joined`` of an op, with whole groups of so many channels."""
    scaling = _scaling_of(node)
    assert scaling is not None, "the row holds"
    matrix = matrix_of(node).astype(np.int64)
    return joined(filled(matrix, channels), filled(scaling.bias, channels))


def pack(node: Node) -> Constant:
    """Weights and constants of pairs of channels, from the last pair to the first."""
    words, bias = _joined(node, 2)
    scale = wrapped(filled(scales_of(node), 2)).reshape(len(words), -1)
    stream = np.concatenate([bias, words, scale], axis=1)
    flat = np.ascontiguousarray(stream[::-1], dtype=np.int32)
    return Constant("weights", flat, LAYOUT, weights.weights_and_bias(node))


def pack_rows(node: Node) -> Constant:
    """Weights and constants of blocks of 8 channels."""
    words, bias = _joined(node, BLOCK)
    blocks = 2 * len(words) // BLOCK
    # block, pair, step -> block, step, pair
    by_step = words.reshape(blocks, BLOCK // 2, -1).swapaxes(1, 2)
    parts = [bias.reshape(blocks, -1), by_step.reshape(blocks, -1)]
    scale, uniform = wrapped(scales_of(node)), is_uniform(node)
    if not uniform:
        parts.append(wrapped(filled(scales_of(node), BLOCK)).reshape(blocks, -1))
    before = scale[0] if uniform else scale[:0].reshape(-1)
    flat = np.concatenate([before, np.concatenate(parts, axis=1).reshape(-1)]).astype(np.int32)
    return Constant("weights", flat, LAYOUT, weights.weights_and_bias(node))
