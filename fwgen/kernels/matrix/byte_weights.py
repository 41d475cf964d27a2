"""The packing of weights as bytes, a pair of channels at a time, for Armv7-M: ``v7m_matrix.h``."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.dsp import one_shift
from fwgen.kernels.matrix.lesser_shifts import limited
from fwgen.kernels.matrix.packing import Scaling, matrix_of, scaling_of
from fwgen.kernels.matrix.paired_bytes import wrapped
from fwgen.ops.parts import weights

MOST_SHIFT = 22
"""Beyond it the addend of a rescaled sum leaves 32 bits: see ``v7m_matrix.h``."""

SUM_BITS = 2
"""The kernels take 2**SUM_BITS times a sum."""

SUM_LIMIT = 1 << 29
"""A sum is in [-SUM_LIMIT, SUM_LIMIT)."""


def holds(node: Node) -> bool:
    """Whether sums and scales are such as the kernels compute exactly."""
    return _scaling_of(node) is not None


def _scaling_of(node: Node) -> Scaling | None:
    """What the kernels rescale by; None if they have no room for sums or shifts."""
    return limited(scaling_of(node), matrix_of(node), SUM_LIMIT, MOST_SHIFT)


def pack(node: Node) -> Constant:
    """Biases, weights and constants of pairs of channels, from the last pair to the first."""
    matrix, scaling = matrix_of(node), _scaling_of(node)
    assert scaling is not None, "the row holds"
    e = -scaling.shift.astype(np.int64)
    shift, addend = one_shift.right(SUM_BITS, e), one_shift.addend(SUM_BITS, e, node.y.zero_point)
    scale = np.stack([scaling.multiplier.astype(np.int64), addend, shift], axis=1)
    odd, depth = len(matrix) % 2, matrix.shape[1]
    values = np.pad(matrix, ((0, odd), (0, depth % 2)))
    # pair, channel, input -> pair, input, channel
    bytes_ = np.ascontiguousarray(values.reshape(-1, 2, values.shape[1]).swapaxes(1, 2))
    words = bytes_.reshape(len(bytes_), -1).view("<i4").astype(np.int32)
    bias = wrapped(np.pad(scaling.bias, (0, odd))).reshape(-1, 2)
    constants = wrapped(np.pad(scale, ((0, odd), (0, 0)))).reshape(-1, 6)
    stream = np.concatenate([bias, words, constants], axis=1)
    flat = np.ascontiguousarray(stream[::-1], dtype=np.int32)
    return Constant("weights", flat, "v7m_matrix.h", weights.weights_and_bias(node))
